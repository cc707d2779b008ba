using System.Security.Cryptography;
using System.Text;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>What a wrong answer does: it is noted, and the one that finds the limit reached writes the lock, its event and its mail (security I6).</summary>
public sealed class FailedAttempts(SessionEnding sessions)
{
    private const string DecoySecret = "Decoy names";
    private byte[]? _decoySecret;

    /// <summary>Settles a reserved attempt as wrong and commits.</summary>
    public async Task<Verdict> SettleWrongAsync(
        UnitOfWork work, IAttemptCounter reserved, SecuritySettings settings, AuditEvent wrong, Caller by, CancellationToken cancel = default)
    {
        work.Record(wrong, by);
        var counter = reserved switch
        {
            PortalUser user => await work.Users.NoteWrongAnswerAsync(user, cancel),
            DecoyAccount decoy => await work.Users.NoteWrongAnswerAsync(decoy, cancel),
            _ => throw new ArgumentOutOfRangeException(nameof(reserved)),
        };
        if (counter.LockoutEnd is { } until && until > work.Now)
        {
            await work.CommitAsync(cancel);
            return LockedOut(until, settings);
        }
        if (counter.AccessFailedCount >= settings.AttemptsBeforeLock) return await LockAsync(work, reserved, counter, settings, by, cancel);
        await work.CommitAsync(cancel);
        return new Verdict.Wrong();
    }

    /// <summary>
    /// Locks and commits. For a user: the event, the mail, and the end of every sign-in that is half done, of every mailed link, and of the session whose own answer reached the
    /// limit (spec 5.3).
    /// </summary>
    /// <param name="by">Who answered. Others' wrong answers end no session.</param>
    public async Task<Verdict> LockAsync(
        UnitOfWork work, IAttemptCounter row, IAttemptCounter counter, SecuritySettings settings, Caller by, CancellationToken cancel = default)
    {
        DateTimeOffset until;
        switch (row)
        {
            case PortalUser user:
                until = settings.Lockout.LockEnd(work.Now, counter.LocksInARow, counter.FailuresInARow,
                    await work.Users.IsLastActiveAdministratorAsync(user, work.Now, cancel));
                if (await work.Users.LockAsync(user, until, work.Now, cancel))
                {
                    work.Record(new AuditEvent.LockedAfterFailures(user.Id, settings.AttemptsBeforeLock, Shown(until)), by);
                    work.Queue(new MailDraft.AccountLocked(user, settings.AttemptsBeforeLock, Shown(until), work.Now, by.Address));
                    await SessionEnding.EndHalfDoneAsync(work, user.Id, cancel);
                    await MailedLinks.EndAsync(work, user.Id, cancel);
                    var person = by as Caller.Person ?? (by as Caller.Nobody)?.Waking;
                    if (person?.UserId == user.Id) await sessions.EndOfLockedAsync(work, person, by, cancel);
                }
                break;
            case DecoyAccount decoy:
                until = settings.Lockout.LockEnd(work.Now, counter.LocksInARow, counter.FailuresInARow, lastAdministrator: false);
                await work.Users.LockAsync(decoy, until, work.Now, cancel);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(row));
        }
        await work.CommitAsync(cancel);
        return LockedOut(until, settings);
    }

    internal static Verdict LockedOut(DateTimeOffset until, SecuritySettings settings) => new Verdict.LockedOut(Shown(until), settings.AttemptsBeforeLock);

    /// <summary>The decoy's key: whoever steals the database does not learn what people mistyped as a name.</summary>
    internal async Task<byte[]> DecoyKeyAsync(UnitOfWork work, string typedName, CancellationToken cancel)
    {
        var secret = _decoySecret ?? work.Unprotect(DecoySecret, await work.Users.SecretAsync(DecoySecret, work.Protect(DecoySecret, RandomNumberGenerator.GetBytes(32)), cancel));
        // Remembered once it is stored: one that was rolled back is nobody else's, and each node would count for itself.
        work.AfterCommit(() => _decoySecret = secret);
        return HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(AccountName.Normalize(typedName)));
    }

    private static DateTimeOffset? Shown(DateTimeOffset until) => until == DateTimeOffset.MaxValue ? null : until;
}

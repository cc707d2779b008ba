using System.Security.Cryptography;
using System.Text;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>What a wrong answer does: it is noted, and the one that finds the limit reached writes the lock, its event and its mail (security I6).</summary>
public sealed partial class FailedAttempts(SessionEnding sessions, ILogger<FailedAttempts> log)
{
    private const string DecoySecret = "Decoy names";

    /// <summary>Stands for whoever has an unknown name. Nobody signs in with it and nothing is mailed to it.</summary>
    private static readonly PortalUser Nobody = new() { Id = Guid.Empty, UserName = "nobody", Name = "Nobody", Email = "nobody@localhost" };

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
        if (counter.LockoutEnd > work.Now && !counter.OnlyReadsAsOpen(work.Now))
        {
            await work.CommitAsync(cancel);
            return LockedOut(counter, settings, work.Now);
        }
        if (counter.AccessFailedCount >= settings.AttemptsBeforeLock) return await LockAsync(work, reserved, counter, settings, by, cancel);
        await work.CommitAsync(cancel);
        return new Verdict.Wrong();
    }

    /// <summary>
    /// Locks and commits. For a user: the event, the mail, and the end of every sign-in that is half done, of every mailed link, and of the session whose own answer reached the
    /// limit (spec 5.3). For a name that nobody has the same statements run, about nobody: neither their number nor their time tells which names there are (spec 1.6).
    /// </summary>
    /// <param name="by">Who answered. Others' wrong answers end no session.</param>
    public async Task<Verdict> LockAsync(
        UnitOfWork work, IAttemptCounter row, IAttemptCounter counter, SecuritySettings settings, Caller by, CancellationToken cancel = default)
    {
        var decoy = row as DecoyAccount;
        var user = row as PortalUser ?? Nobody;
        var othersAct = await work.Users.AnotherAdministratorIsActiveAsync(user.Id, work.Now, cancel);
        var lastAdministrator = !othersAct && user is { IsSystemAdministrator: true, State: AccountState.Active };
        var until = settings.Lockout.LockEnd(work.Now, counter.LocksInARow, counter.FailuresInARow, lastAdministrator);
        // Locked all the time, and not looked at: what was typed since the told end says nothing new about the real one.
        if (counter.OnlyReadsAsOpen(work.Now) && until != DateTimeOffset.MaxValue)
            until = lastAdministrator || until < counter.LockoutEnd ? counter.LockoutEnd!.Value : until;
        // What a page would say of anybody: the quarter of an hour stands in the mail only, or it would say who the last administrator is.
        var told = settings.Lockout.LockEnd(work.Now, counter.LocksInARow, counter.FailuresInARow, lastAdministrator: false);
        var locked = decoy is null ? await work.Users.LockAsync(user, until, told, work.Now, cancel) : await work.Users.LockAsync(decoy, until, told, work.Now, cancel);
        if (locked)
        {
            work.Record(decoy is null
                ? new AuditEvent.LockedAfterFailures(user.Id, settings.AttemptsBeforeLock, Shown(until))
                : new AuditEvent.UnknownNameLocked(settings.AttemptsBeforeLock, Shown(until)), by);
            var mail = work.Queue(new MailDraft.AccountLocked(user, settings.AttemptsBeforeLock, Shown(until), work.Now, by.Address));
            await SessionEnding.EndHalfDoneAsync(work, user.Id, cancel);
            await MailedLinks.EndAsync(work, user.Id, cancel);
            var person = by as Caller.Person ?? (by as Caller.Nobody)?.Waking;
            if (decoy is null && person?.UserId == user.Id) await sessions.EndOfLockedAsync(work, person, by, cancel);
            await work.FlushAsync(cancel);
            await work.DropAsync(decoy is null ? Guid.Empty : mail, cancel);
        }
        await work.CommitAsync(cancel);
        return new Verdict.LockedOut(Shown(told), settings.AttemptsBeforeLock);
    }

    /// <summary>What is said of a lock that stands.</summary>
    internal static Verdict LockedOut(IAttemptCounter counter, SecuritySettings settings, DateTimeOffset now) =>
        new Verdict.LockedOut(Told(counter, now), settings.AttemptsBeforeLock);

    /// <summary>
    /// The end of the newest lock as pages tell it; null = until an administrator unlocks it. After the told end only somebody who proved more than a name is told of a lock: the
    /// real one.
    /// </summary>
    internal static DateTimeOffset? Told(IAttemptCounter counter, DateTimeOffset now) =>
        (counter.OnlyReadsAsOpen(now) ? counter.LockoutEnd : counter.LockTold ?? counter.LockoutEnd) is { } until ? Shown(until) : null;

    /// <summary>The decoy's key: whoever steals the database does not learn what people mistyped as a name.</summary>
    internal async Task<byte[]> DecoyKeyAsync(UnitOfWork work, string typedName, CancellationToken cancel)
    {
        var secret = _decoySecret ?? await DecoySecretAsync(work, cancel);
        // Remembered once it is stored: one that was rolled back is nobody else's, and each node would count for itself.
        work.AfterCommit(() => _decoySecret = secret);
        return HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(AccountName.Normalize(typedName)));
    }

    private async Task<byte[]> DecoySecretAsync(UnitOfWork work, CancellationToken cancel)
    {
        var stored = await work.Users.SecretAsync(DecoySecret, NewDecoySecret(work), cancel);
        try
        {
            return work.Unprotect(DecoySecret, stored);
        }
        catch (CryptographicException)
        {
            // Every sign-in asks for it: one that no key opens any more would keep out everybody. With it the counts of unknown names begin anew, and nothing else.
            var (now, replaced) = await work.Users.ReplaceSecretAsync(DecoySecret, stored, NewDecoySecret(work), cancel);
            if (replaced) work.AfterCommit(LogDecoySecretReplaced);
            return work.Unprotect(DecoySecret, now);
        }
    }

    private static byte[] NewDecoySecret(UnitOfWork work) => work.Protect(DecoySecret, RandomNumberGenerator.GetBytes(32));

    private static DateTimeOffset? Shown(DateTimeOffset until) => until == DateTimeOffset.MaxValue ? null : until;

    [LoggerMessage(Level = LogLevel.Error, Message = "The secret by which tries for unknown names are counted could not be decrypted, and a new one was stored: those counts begin anew. "
        + "If KeyRing:CertificatePath or the key ring was exchanged, nothing else that was encrypted before can be read either: put the old one back.")]
    private partial void LogDecoySecretReplaced();
}

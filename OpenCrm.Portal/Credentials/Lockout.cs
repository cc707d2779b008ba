using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Handles failed attempts: notes each wrong answer, and writes the lock, its event and its mail when the limit is reached (docs/threats.md I6).
/// </summary>
public sealed class Lockout(SessionEnding sessions)
{
    /// <summary>Takes the user's place where nobody has the name. Nobody can sign in with it and nothing is mailed to it.</summary>
    private static readonly PortalUser Nobody = new() { Id = Guid.Empty, UserName = "nobody", Name = "Nobody", Email = "nobody@localhost" };

    /// <summary>Notes the wrong answer of a reserved attempt, locks if the limit is reached, and commits.</summary>
    public async Task<Refusal> NoteWrongAnswerAsync(
        UnitOfWork work, IAttemptCounter reserved, SecuritySettings settings, AuditEvent wrong, Caller by, CancellationToken cancel = default)
    {
        work.Record(wrong, by);
        var counter = await work.Attempts.NoteWrongAnswerAsync(reserved, cancel);
        var locked = counter.LockoutEnd > work.Now && !counter.OnlyReadsAsOpen(work.Now);
        if (!locked && counter.AccessFailedCount >= settings.AttemptsBeforeLock)
            return await LockAsync(work, reserved, counter, settings, by, cancel);
        await work.CommitAsync(cancel);
        return locked ? Describe(counter, settings, work.Now) : new Refusal.Wrong();
    }

    /// <summary>
    /// Locks and commits. For a user this also writes the event and the mail, and ends every half-done sign-in, every mailed link, and the session
    /// whose own answer reached the limit. For a name that nobody has, the same statements run about a placeholder: neither their number nor their
    /// time shows which names exist (docs/spec.md 1.6).
    /// </summary>
    /// <param name="row">The counter as the attempt read it: a user or a decoy.</param>
    /// <param name="counter">The same counter as read from its row now; the row is held.</param>
    /// <param name="by">Who gave the answer. Only the person's own wrong answers end their session.</param>
    public async Task<Refusal> LockAsync(
        UnitOfWork work, IAttemptCounter row, IAttemptCounter counter, SecuritySettings settings, Caller by, CancellationToken cancel = default)
    {
        var isDecoy = row is DecoyAccount;
        var user = row as PortalUser ?? Nobody;
        var othersAct = await work.Administrators.AnotherIsActiveAsync(user.Id, work.Now, cancel);
        var lastAdministrator = !othersAct && user is { IsSystemAdministrator: true, State: AccountState.Active };
        var until = settings.Lockout.LockEnd(work.Now, counter.LocksInARow, counter.FailuresInARow, lastAdministrator);
        // The account was locked all the time and these answers were not checked: they leave the last administrator's real lock as it is, and never
        // shorten another one.
        if (counter.OnlyReadsAsOpen(work.Now) && until != DateTimeOffset.MaxValue)
            until = lastAdministrator || until < counter.LockoutEnd ? counter.LockoutEnd!.Value : until;
        // The end that pages show is computed as for any account. Only the mail names the last administrator's 15 minutes: on a page they would
        // reveal who that is.
        var shownEnd = settings.Lockout.LockEnd(work.Now, counter.LocksInARow, counter.FailuresInARow, lastAdministrator: false);
        if (await work.Attempts.LockAsync(row, until, shownEnd, work.Now, cancel))
        {
            work.Record(isDecoy
                ? new AuditEvent.UnknownNameLocked(settings.AttemptsBeforeLock, Shown(until))
                : new AuditEvent.LockedAfterFailures(user.Id, settings.AttemptsBeforeLock, Shown(until)), by);
            var mail = work.Queue(new MailDraft.AccountLocked(user, settings.AttemptsBeforeLock, Shown(until), work.Now, by.Address));
            await SessionEnding.EndHalfDoneAsync(work, user.Id, cancel);
            await MailedLinks.EndAsync(work, user.Id, cancel);
            var person = by as Caller.Person ?? (by as Caller.Nobody)?.Waking;
            if (!isDecoy && person?.UserId == user.Id) await sessions.EndOfLockedAsync(work, person, by, cancel);
            await work.FlushAsync(cancel);
            await work.DropAsync(isDecoy ? mail : Guid.Empty, cancel);
        }
        await work.CommitAsync(cancel);
        return new Refusal.LockedOut(Shown(shownEnd), settings.AttemptsBeforeLock);
    }

    /// <summary>Describes an existing lock.</summary>
    internal static Refusal.LockedOut Describe(IAttemptCounter counter, SecuritySettings settings, DateTimeOffset now) =>
        new(ToldEnd(counter, now), settings.AttemptsBeforeLock);

    /// <summary>
    /// The end of the newest lock as pages show it; null = until an administrator unlocks it. After the shown end only somebody who proved more than
    /// a name is told of a lock, and then its real end.
    /// </summary>
    internal static DateTimeOffset? ToldEnd(IAttemptCounter counter, DateTimeOffset now) =>
        (counter.OnlyReadsAsOpen(now) ? counter.LockoutEnd : counter.LockTold ?? counter.LockoutEnd) is { } until ? Shown(until) : null;

    private static DateTimeOffset? Shown(DateTimeOffset until) => until == DateTimeOffset.MaxValue ? null : until;
}

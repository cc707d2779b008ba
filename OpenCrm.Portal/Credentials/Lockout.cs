using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>What failed attempts do: each is noted, and the one that finds the limit reached writes the lock, its event and its mail (docs/threats.md I6).</summary>
public sealed class Lockout(SessionEnding sessions)
{
    /// <summary>Stands for whoever has an unknown name. Nobody signs in with it and nothing is mailed to it.</summary>
    private static readonly PortalUser Nobody = new() { Id = Guid.Empty, UserName = "nobody", Name = "Nobody", Email = "nobody@localhost" };

    /// <summary>Notes a wrong answer of a reserved attempt, locks if the limit is reached, and commits.</summary>
    public async Task<Refusal> NoteWrongAnswerAsync(
        UnitOfWork work, IAttemptCounter reserved, SecuritySettings settings, AuditEvent wrong, Caller by, CancellationToken cancel = default)
    {
        work.Record(wrong, by);
        var counter = await work.Attempts.NoteWrongAnswerAsync(reserved, cancel);
        var locked = counter.LockoutEnd > work.Now && !counter.OnlyReadsAsOpen(work.Now);
        if (!locked && counter.AccessFailedCount >= settings.AttemptsBeforeLock) return await LockAsync(work, reserved, counter, settings, by, cancel);
        await work.CommitAsync(cancel);
        return locked ? Describe(counter, settings, work.Now) : new Refusal.Wrong();
    }

    /// <summary>
    /// Locks and commits. For a user: the event, the mail, and the end of every sign-in that is half done, of every mailed link, and of the session whose own answer reached the
    /// limit (spec 5.3). For a name that nobody has the same statements run, about nobody: neither their number nor their time tells which names there are (spec 1.6).
    /// </summary>
    /// <param name="row">The counter as the attempt found it: a user or a decoy.</param>
    /// <param name="counter">The same as its row says now, held.</param>
    /// <param name="by">Who answered. Others' wrong answers end no session.</param>
    public async Task<Refusal> LockAsync(
        UnitOfWork work, IAttemptCounter row, IAttemptCounter counter, SecuritySettings settings, Caller by, CancellationToken cancel = default)
    {
        var isDecoy = row is DecoyAccount;
        var user = row as PortalUser ?? Nobody;
        var othersAct = await work.Administrators.AnotherIsActiveAsync(user.Id, work.Now, cancel);
        var lastAdministrator = !othersAct && user is { IsSystemAdministrator: true, State: AccountState.Active };
        var until = settings.Lockout.LockEnd(work.Now, counter.LocksInARow, counter.FailuresInARow, lastAdministrator);
        // Locked all the time, and not looked at: what was typed since the told end says nothing new about the real one.
        if (counter.OnlyReadsAsOpen(work.Now) && until != DateTimeOffset.MaxValue)
            until = lastAdministrator || until < counter.LockoutEnd ? counter.LockoutEnd!.Value : until;
        // What a page would say of anybody: the quarter of an hour stands in the mail only, or it would say who the last administrator is.
        var told = settings.Lockout.LockEnd(work.Now, counter.LocksInARow, counter.FailuresInARow, lastAdministrator: false);
        if (await work.Attempts.LockAsync(row, until, told, work.Now, cancel))
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
        return new Refusal.LockedOut(Shown(told), settings.AttemptsBeforeLock);
    }

    /// <summary>What is said of a lock that is there already.</summary>
    internal static Refusal.LockedOut Describe(IAttemptCounter counter, SecuritySettings settings, DateTimeOffset now) =>
        new(ToldEnd(counter, now), settings.AttemptsBeforeLock);

    /// <summary>
    /// The end of the newest lock as pages tell it; null = until an administrator unlocks it. After the told end only somebody who proved more than a name is told of a lock: the
    /// real one.
    /// </summary>
    internal static DateTimeOffset? ToldEnd(IAttemptCounter counter, DateTimeOffset now) =>
        (counter.OnlyReadsAsOpen(now) ? counter.LockoutEnd : counter.LockTold ?? counter.LockoutEnd) is { } until ? Shown(until) : null;

    private static DateTimeOffset? Shown(DateTimeOffset until) => until == DateTimeOffset.MaxValue ? null : until;
}

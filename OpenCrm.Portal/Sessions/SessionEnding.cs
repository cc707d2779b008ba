using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Ends sessions in the same transaction as the change that requires it, and notifies their open pages after the commit. Also notifies pages when an
/// idle session goes on or a role changes.
/// </summary>
public sealed class SessionEnding(CircuitRegistry circuits, OpenPages pages)
{
    /// <summary>
    /// Ends every session of the user but <paramref name="except"/>, and everything half done: pending sign-ins and unredeemed tickets.
    /// </summary>
    /// <returns>How many sessions ended.</returns>
    public async Task<int> EndAsync(UnitOfWork work, Guid userId, SessionEnd why, Caller by, Guid? except = null, CancellationToken cancel = default)
    {
        var ids = await OpenSessions.Of(work).Where(s => s.UserId == userId && s.Id != except).Select(s => s.Id).ToListAsync(cancel);
        // The rows that this statement ended: one that its person signed out of at the same moment has its own event.
        var ended = ids.Count > 0 ? await EndRowsAsync(work, userId, ids, why, cancel) : 0;
        if (ended > 0)
        {
            work.Record(new AuditEvent.SessionsEnded(userId, ended, why.ToString()), by);
            await AnnounceAsync(work, ids, why, cancel);
        }
        await EndHalfDoneAsync(work, userId, cancel);
        return ended;
    }

    /// <summary>Ends one session of the user; false if it is over already, or belongs to somebody else.</summary>
    public async Task<bool> EndOneAsync(UnitOfWork work, Guid userId, Guid sessionId, SessionEnd why, CancellationToken cancel = default)
    {
        var ended = await EndRowsAsync(work, userId, [sessionId], why, cancel) == 1;
        if (ended) await AnnounceAsync(work, [sessionId], why, cancel);
        return ended;
    }

    /// <summary>Makes the session's pages close their dialog after the commit, on every node.</summary>
    internal async Task AnnounceResumedAsync(UnitOfWork work, SessionState.Active active, CancellationToken cancel)
    {
        work.AfterCommit(() => circuits.Notify(active.Caller.SessionId, active));
        await work.NotifyAsync(new SessionNotice.Resumed(active.Caller.SessionId).Write(), cancel);
    }

    /// <summary>
    /// Has the open pages of a user whose role, name or language changes evaluated again after the commit, on every node (docs/spec.md 5.3). The
    /// sessions stay.
    /// </summary>
    public async Task EvaluateAgainAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default)
    {
        var ids = await OpenSessions.Of(work).Where(s => s.UserId == userId).Select(s => s.Id).ToListAsync(cancel);
        if (ids.Count == 0) return;
        work.AfterCommit(() => pages.EvaluateSoon(ids));
        foreach (var some in ids.Chunk(SessionNotice.Most)) await work.NotifyAsync(new SessionNotice.PersonChanged(some).Write(), cancel);
    }

    /// <summary>
    /// Has all open pages evaluated again after the commit, on every node: the rule about who must use MFA changed (docs/spec.md 12.2).
    /// </summary>
    public static Task EvaluateAllAgainAsync(UnitOfWork work, CancellationToken cancel = default)
    {
        work.AfterCommit<SessionClock>(clock => clock.LookAtAll());
        return work.NotifyAsync(new SessionNotice.MfaRuleChanged().Write(), cancel);
    }

    /// <summary>Ends the session whose own wrong answer reached the limit.</summary>
    /// <param name="by">The caller who answered. At the dialog over an idle session that is nobody, because the person has not been proved.</param>
    public async Task EndOfLockedAsync(UnitOfWork work, Caller.Person person, Caller by, CancellationToken cancel = default)
    {
        if (await EndOneAsync(work, person.UserId, person.SessionId, SessionEnd.FailedAttempts, cancel))
            work.Record(new AuditEvent.SessionsEnded(person.UserId, 1, nameof(SessionEnd.FailedAttempts)), by);
    }

    /// <summary>Ends sign-ins that have not become a session yet.</summary>
    public static async Task EndHalfDoneAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default)
    {
        await work.Query<PendingSignIn>().Where(p => p.UserId == userId).ExecuteDeleteAsync(cancel);
        await work.Query<SignInTicket>().Where(t => t.UserId == userId && t.SessionId == null).ExecuteDeleteAsync(cancel);
    }

    /// <summary>Makes the pages leave: on this node after the commit, on the others when the notice arrives.</summary>
    private async Task AnnounceAsync(UnitOfWork work, IReadOnlyList<Guid> ids, SessionEnd why, CancellationToken cancel)
    {
        work.AfterCommit(() => circuits.End(ids, why));
        foreach (var some in ids.Chunk(SessionNotice.Most)) await work.NotifyAsync(new SessionNotice.Ended(some, why).Write(), cancel);
    }

    private static async Task<int> EndRowsAsync(UnitOfWork work, Guid userId, IReadOnlyCollection<Guid> ids, SessionEnd why, CancellationToken cancel)
    {
        var ended = await work.Query<PortalSession>()
            .Where(s => ids.Contains(s.Id) && s.UserId == userId && s.EndedAt == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(s => s.EndedAt, work.Now)
                .SetProperty(s => s.EndedBy, why), cancel);
        // A pending authenticator key belongs to its session and is deleted with it.
        if (ended > 0) await work.Query<PendingEnrolment>().Where(p => ids.Contains(p.SessionId)).ExecuteDeleteAsync(cancel);
        return ended;
    }
}

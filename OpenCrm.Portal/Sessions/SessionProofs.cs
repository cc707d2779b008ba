using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>What a session was proved with, and when: the only place that changes it. Each is one UPDATE in the caller's transaction; false: the session ended meanwhile.</summary>
public static class SessionProofs
{
    /// <summary>The person proved again that it is them (spec 3.5).</summary>
    /// <param name="inFull">All that the account asks for was proved; a part of it serves only what is content with a part.</param>
    public static async Task<bool> FreshenAsync(UnitOfWork work, Caller.Person person, bool inFull, CancellationToken cancel = default) =>
        await Open(work, person.SessionId).ExecuteUpdateAsync(set => set
            .SetProperty(s => s.ProvedAt, s => inFull ? work.Now : s.ProvedAt)
            .SetProperty(s => s.ProvedInPartAt, work.Now), cancel) == 1;

    /// <summary>A code was proved in this session, so that it outlives what ends sessions of a password alone; a code alone is no fresh proof.</summary>
    public static async Task<bool> RaiseAsync(UnitOfWork work, Caller.Person person, CancellationToken cancel = default) =>
        await Open(work, person.SessionId).ExecuteUpdateAsync(set => set.SetProperty(s => s.ProvedByCode, true), cancel) == 1;

    private static IQueryable<PortalSession> Open(UnitOfWork work, Guid sessionId) => work.Query<PortalSession>().Where(s => s.Id == sessionId && s.EndedAt == null);
}

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Changes when and with what an open session was proved, after a ticket began it or let it go on. Each method is one UPDATE in the caller's
/// transaction and returns false if the session ended meanwhile.
/// </summary>
public static class SessionProofs
{
    /// <summary>Records that the person proved again who they are (docs/spec.md 3.5).</summary>
    /// <param name="inFull">True: everything that the account asks for was proved. False: a part, which only some actions accept.</param>
    public static async Task<bool> FreshenAsync(UnitOfWork work, Caller.Person person, bool inFull, CancellationToken cancel = default) =>
        await Open(work, person.SessionId).ExecuteUpdateAsync(set => set
            .SetProperty(s => s.ProvedAt, s => inFull ? work.Now : s.ProvedAt)
            .SetProperty(s => s.ProvedInPartAt, work.Now), cancel) == 1;

    /// <summary>
    /// Records that a code was proved in this session, so that it survives when sessions with a password alone are ended. It does not count as a
    /// fresh step-up.
    /// </summary>
    public static async Task<bool> RaiseAsync(UnitOfWork work, Caller.Person person, CancellationToken cancel = default) =>
        await Open(work, person.SessionId).ExecuteUpdateAsync(set => set.SetProperty(s => s.ProvedByCode, true), cancel) == 1;

    private static IQueryable<PortalSession> Open(UnitOfWork work, Guid sessionId) =>
        work.Query<PortalSession>().Where(s => s.Id == sessionId && s.EndedAt == null);
}

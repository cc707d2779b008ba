using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>A session that is open.</summary>
/// <param name="IsThis">It is the reader's own.</param>
public sealed record SessionRow(Guid Id, string? UserAgent, string? Address, DateTimeOffset Since, bool IsThis);

/// <summary>Reads which sessions are open. The reader's right to it is the calling service's to check.</summary>
public static class OpenSessions
{
    /// <summary>The newest of a user.</summary>
    /// <param name="thisSession">The reader's own.</param>
    /// <param name="most">How many at most.</param>
    public static async Task<IReadOnlyList<SessionRow>> ListAsync(UnitOfWork work, Guid userId, Guid thisSession, int most, CancellationToken cancel = default) =>
        await Of(work).Where(s => s.UserId == userId)
            .OrderByDescending(s => s.CreatedAt)
            .Select(s => new SessionRow(s.Id, s.UserAgent, s.Address, s.CreatedAt, s.Id == thisSession))
            .Take(most)
            .ToListAsync(cancel);

    /// <summary>How many the person has besides this one.</summary>
    public static Task<int> CountOthersAsync(UnitOfWork work, Caller.Person person, CancellationToken cancel = default) =>
        Of(work).CountAsync(s => s.UserId == person.UserId && s.Id != person.SessionId, cancel);

    /// <summary>Which of <paramref name="users"/> are signed in, or halfway, in the order of their ids: at a million users most are neither.</summary>
    public static Task<List<Guid>> ListPresentAsync(UnitOfWork work, IQueryable<PortalUser> users, CancellationToken cancel = default) =>
        Of(work).Select(s => s.UserId)
            .Union(work.Query<PendingSignIn>().Select(p => p.UserId))
            .Union(work.Query<SignInTicket>().Where(t => t.SessionId == null).Select(t => t.UserId))
            .Where(id => users.Any(u => u.Id == id))
            .OrderBy(id => id)
            .ToListAsync(cancel);

    /// <summary>Deletes sessions that were over before <paramref name="before"/>, a batch of them.</summary>
    /// <returns>How many it was.</returns>
    internal static Task<int> DeleteOverAsync(UnitOfWork work, DateTimeOffset before, int batch, CancellationToken cancel) =>
        work.Query<PortalSession>().Where(s => s.ExpiresAt <= before).Take(batch).ExecuteDeleteAsync(cancel);

    private static IQueryable<PortalSession> Of(UnitOfWork work) => work.Query<PortalSession>().Where(s => s.EndedAt == null && s.ExpiresAt > work.Now);
}

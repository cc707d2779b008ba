using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>An open session.</summary>
/// <param name="IsThis">Whether it is the reader's own.</param>
public sealed record SessionRow(Guid Id, string? UserAgent, string? Address, DateTimeOffset Since, bool IsThis);

/// <summary>Reads which sessions are open, and deletes those that are over for long. The calling service must check the reader's right.</summary>
public static class OpenSessions
{
    /// <summary>Lists the newest open sessions of a user.</summary>
    /// <param name="thisSession">The reader's own session.</param>
    /// <param name="most">How many at most.</param>
    public static async Task<IReadOnlyList<SessionRow>> ListAsync(
        UnitOfWork work, Guid userId, Guid thisSession, int most, CancellationToken cancel = default) =>
        await Of(work).Where(s => s.UserId == userId)
            .OrderByDescending(s => s.CreatedAt)
            .Select(s => new SessionRow(s.Id, s.UserAgent, s.Address, s.CreatedAt, s.Id == thisSession))
            .Take(most)
            .ToListAsync(cancel);

    /// <summary>Counts the person's open sessions other than this one.</summary>
    public static Task<int> CountOthersAsync(UnitOfWork work, Caller.Person person, CancellationToken cancel = default) =>
        Of(work).CountAsync(s => s.UserId == person.UserId && s.Id != person.SessionId, cancel);

    /// <summary>
    /// Lists those of <paramref name="users"/> who are signed in or half-way through signing in, ordered by id. It starts from the sessions, because
    /// of a million users most are neither.
    /// </summary>
    public static Task<List<Guid>> ListPresentAsync(UnitOfWork work, IQueryable<PortalUser> users, CancellationToken cancel = default) =>
        Of(work).Select(s => s.UserId)
            .Union(work.Query<PendingSignIn>().Select(p => p.UserId))
            .Union(work.Query<SignInTicket>().Where(t => t.SessionId == null).Select(t => t.UserId))
            .Where(id => users.Any(u => u.Id == id))
            .OrderBy(id => id)
            .ToListAsync(cancel);

    /// <summary>Deletes one batch of the sessions that expired before <paramref name="before"/>.</summary>
    /// <returns>How many were deleted.</returns>
    internal static Task<int> DeleteOverAsync(UnitOfWork work, DateTimeOffset before, int batch, CancellationToken cancel) =>
        work.Query<PortalSession>().Where(s => s.ExpiresAt <= before).Take(batch).ExecuteDeleteAsync(cancel);

    internal static IQueryable<PortalSession> Of(UnitOfWork work) =>
        work.Query<PortalSession>().Where(s => s.EndedAt == null && s.ExpiresAt > work.Now);
}

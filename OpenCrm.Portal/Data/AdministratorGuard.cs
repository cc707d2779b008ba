using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>Makes sure that the portal keeps a system administrator who can act, and gets its first one only once (docs/spec.md 5.5, 8.1).</summary>
public sealed class AdministratorGuard(PortalDbContext context)
{
    /// <summary>
    /// Whether this is the only administrator who can still act: neither inactive nor locked. The checks run one after the other, or two
    /// administrators locked at the same moment would each take the other for the one who is left.
    /// </summary>
    public async Task<bool> IsLastActiveAsync(PortalUser user, DateTimeOffset now, CancellationToken cancel = default) =>
        user is { IsSystemAdministrator: true, State: AccountState.Active }
        && !await AnotherIsActiveAsync(user.Id, now, cancel);

    /// <summary>
    /// Whether another administrator can still act: the database's part of <see cref="IsLastActiveAsync"/>. A lock runs it for every user, so that
    /// the statements do not reveal who is an administrator.
    /// </summary>
    public async Task<bool> AnotherIsActiveAsync(Guid userId, DateTimeOffset now, CancellationToken cancel = default)
    {
        await HoldAsync(cancel);
        return await context.Set<PortalUser>().AnyAsync(
            u => u.IsSystemAdministrator && u.State == AccountState.Active && (u.LockoutEnd == null || u.LockoutEnd <= now) && u.Id != userId,
            cancel);
    }

    /// <summary>
    /// Holds a row until the transaction ends, so that changes of administrators happen one after the other, on all nodes. Every transaction in
    /// which an administrator makes another one, or takes the role or access of one, calls it. A transaction that changes an existing user must hold
    /// that user's row before this one, or two of them could deadlock.
    /// </summary>
    public Task HoldAsync(CancellationToken cancel = default) =>
        context.Set<GeneralSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.SetUpAt, s => s.SetUpAt), cancel);

    /// <summary>Claims the one chance to create the first administrator; true for one caller only.</summary>
    public async Task<bool> ClaimSetUpAsync(DateTimeOffset now, CancellationToken cancel = default) =>
        await context.Set<GeneralSettings>().Where(s => s.SetUpAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.SetUpAt, now), cancel) == 1;
}

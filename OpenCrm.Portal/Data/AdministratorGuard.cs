using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>Sees to it that a portal keeps a system administrator who can act (spec 5.5), and gets its first one once (spec 8.1).</summary>
public sealed class AdministratorGuard(PortalDbContext context)
{
    /// <summary>
    /// Whether this is the only administrator who could still act: not inactive, not locked. Administrators are judged one after the other, so that two who are
    /// locked at the same moment do not each take the other for the one who is left.
    /// </summary>
    public async Task<bool> IsLastActiveAsync(PortalUser user, DateTimeOffset now, CancellationToken cancel = default) =>
        user is { IsSystemAdministrator: true, State: AccountState.Active }
        && !await AnotherIsActiveAsync(user.Id, now, cancel);

    /// <summary>The half of <see cref="IsLastActiveAsync"/> that is asked of the database: asked for everybody where the asking must not tell who is one.</summary>
    public async Task<bool> AnotherIsActiveAsync(Guid userId, DateTimeOffset now, CancellationToken cancel = default)
    {
        await HoldAsync(cancel);
        return await context.Set<PortalUser>().AnyAsync(
            u => u.IsSystemAdministrator && u.State == AccountState.Active && (u.LockoutEnd == null || u.LockoutEnd <= now) && u.Id != userId, cancel);
    }

    /// <summary>
    /// Whoever takes from an administrator, or makes one, holds this until the transaction ends, on whatever node: one after the other. The user's own row is held
    /// before it, by everybody.
    /// </summary>
    public Task HoldAsync(CancellationToken cancel = default) =>
        context.Set<GeneralSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.SetUpAt, s => s.SetUpAt), cancel);

    /// <summary>Takes the one chance to make the first administrator; true for one caller only.</summary>
    public async Task<bool> ClaimSetUpAsync(DateTimeOffset now, CancellationToken cancel = default) =>
        await context.Set<GeneralSettings>().Where(s => s.SetUpAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.SetUpAt, now), cancel) == 1;
}

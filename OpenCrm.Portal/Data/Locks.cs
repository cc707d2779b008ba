using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Carries out what an administrator decides about an account: locked, deactivated, or open again (docs/spec.md 5.3). Each is one UPDATE, true for
/// the one caller that changed something.
/// </summary>
public sealed class Locks(PortalDbContext context)
{
    /// <summary>
    /// Opens an account that failed attempts or an administrator locked: the counter and the counts in a row go to zero. False if there was nothing
    /// to open or reset, or the account is inactive.
    /// </summary>
    public async Task<bool> UnlockAsync(Guid userId, DateTimeOffset now, CancellationToken cancel = default) =>
        await OpenAsync(context.User(userId)
            .Where(u => u.State == AccountState.Locked || u.LockoutEnd > now || u.AccessFailedCount > 0)
            .Where(u => u.State != AccountState.Inactive), cancel);

    /// <summary>Brings an inactive account back, with its counts at zero. False if it was not inactive.</summary>
    public async Task<bool> ActivateAsync(Guid userId, CancellationToken cancel = default) =>
        await OpenAsync(context.User(userId).Where(u => u.State == AccountState.Inactive), cancel);

    /// <summary>
    /// Locks by an administrator's decision, whether or not failed attempts locked the account too. False if an administrator locked it already, or
    /// it is inactive.
    /// </summary>
    public async Task<bool> LockAsync(Guid userId, CancellationToken cancel = default) =>
        await context.User(userId).Where(u => u.State == AccountState.Active)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.State, AccountState.Locked), cancel) == 1;

    /// <summary>Deactivates the account. False if it was inactive already.</summary>
    public async Task<bool> DeactivateAsync(Guid userId, CancellationToken cancel = default) =>
        await context.User(userId).Where(u => u.State != AccountState.Inactive)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.State, AccountState.Inactive), cancel) == 1;

    private static async Task<bool> OpenAsync(IQueryable<PortalUser> row, CancellationToken cancel) =>
        await row.ExecuteUpdateAsync(set => set
            .SetProperty(u => u.State, AccountState.Active)
            .SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null)
            .SetProperty(u => u.LockTold, (DateTimeOffset?)null)
            .SetProperty(u => u.AccessFailedCount, 0)
            .SetProperty(u => u.LocksInARow, 0)
            .SetProperty(u => u.FailuresInARow, 0)
            .SetProperty(u => u.CounterEpoch, u => u.CounterEpoch + 1), cancel) == 1;
}

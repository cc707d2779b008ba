using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>What an administrator decides about an account: locked, deactivated, or open again (spec 5.3). Each is one UPDATE, true for the one caller that changed something.</summary>
public sealed class Locks(PortalDbContext context)
{
    /// <summary>Opens a locked account, by failed attempts or by an administrator: the counter and all counts in a row go to zero (spec 1.5). False if it was open.</summary>
    public async Task<bool> UnlockAsync(Guid userId, DateTimeOffset now, CancellationToken cancel = default) =>
        await OpenAsync(context.User(userId)
            .Where(u => u.State == AccountState.Locked || u.LockoutEnd > now || u.AccessFailedCount > 0)
            .Where(u => u.State != AccountState.Inactive), cancel);

    /// <summary>Brings an inactive account back, its counts at zero (spec 5.3). False if it was not inactive.</summary>
    public async Task<bool> ActivateAsync(Guid userId, CancellationToken cancel = default) =>
        await OpenAsync(context.User(userId).Where(u => u.State == AccountState.Inactive), cancel);

    /// <summary>Locks by an administrator's decision, whether or not failed attempts did. False if it is locked that way already, or inactive.</summary>
    public async Task<bool> LockAsync(Guid userId, CancellationToken cancel = default) =>
        await context.User(userId).Where(u => u.State == AccountState.Active)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.State, AccountState.Locked), cancel) == 1;

    /// <summary>False if it was inactive already.</summary>
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

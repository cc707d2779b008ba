using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>Finds users, holds their rows, and changes what they sign in with. Nothing that Identity's own store can do is reachable here.</summary>
public sealed class StoredUsers(PortalDbContext context)
{
    /// <summary>The user whose username or e-mail address was typed; null for nobody.</summary>
    public Task<PortalUser?> FindTypedAsync(string typed, CancellationToken cancel = default)
    {
        var normalized = AccountName.Normalize(typed);
        return AccountName.IsEmail(normalized)
            ? context.Set<PortalUser>().AsNoTracking().SingleOrDefaultAsync(u => u.NormalizedEmail == normalized, cancel)
            : context.Set<PortalUser>().AsNoTracking().SingleOrDefaultAsync(u => u.NormalizedUserName == normalized, cancel);
    }

    /// <summary>The user as the row says now; null for nobody.</summary>
    public Task<PortalUser?> FindAsync(Guid id, CancellationToken cancel = default) =>
        context.User(id).AsNoTracking().SingleOrDefaultAsync(cancel);

    /// <summary>How many users there are.</summary>
    public Task<int> CountAsync(CancellationToken cancel = default) => context.Set<PortalUser>().CountAsync(cancel);

    /// <summary>The user as the row says now, held until the transaction ends; null for nobody.</summary>
    public async Task<PortalUser?> HoldAsync(Guid userId, CancellationToken cancel = default)
    {
        var held = await context.User(userId).ExecuteUpdateAsync(set => set.SetProperty(u => u.CounterEpoch, u => u.CounterEpoch), cancel);
        return held == 1 ? await FindAsync(userId, cancel) : null;
    }

    /// <summary>Notes that a session begins, and holds the row; false if the account may not sign in any more, or is no longer the one that was proved.</summary>
    public async Task<bool> NoteSignedInAsync(Guid userId, string securityStamp, DateTimeOffset now, CancellationToken cancel = default) =>
        await context.Unchanged(new() { Id = userId, SecurityStamp = securityStamp }, now)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.LastSignInAt, now), cancel) == 1;

    /// <summary>Replaces a hash made with fewer iterations, if the password is still the one that was checked.</summary>
    public Task UpgradeHashAsync(PortalUser user, string hash, CancellationToken cancel = default) =>
        context.User(user.Id).Where(u => u.PasswordHash == user.PasswordHash)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, hash), cancel);

    /// <summary>
    /// Sets a new password, if the account is still as it was judged: true for one caller, because the stamp changes with it and ends whatever the old password
    /// proved. Locks and counters stay as they are.
    /// </summary>
    public async Task<bool> SetPasswordAsync(PortalUser user, string hash, DateTimeOffset now, CancellationToken cancel = default)
    {
        var (stamp, concurrency) = (SecretToken.Generate(), Guid.NewGuid().ToString());
        return await context.Unchanged(user, now).ExecuteUpdateAsync(set => set
            .SetProperty(u => u.PasswordHash, hash)
            .SetProperty(u => u.PasswordChangedAt, now)
            .SetProperty(u => u.SecurityStamp, stamp)
            .SetProperty(u => u.ConcurrencyStamp, concurrency), cancel) == 1;
    }

    /// <summary>
    /// Ends the password by an administrator's decision: no other is accepted instead until one is set by a link. Returns the user as the row now says, held until the
    /// transaction ends; null if the account may not sign in anyway, or never had a password.
    /// </summary>
    public async Task<PortalUser?> WithdrawPasswordAsync(Guid userId, DateTimeOffset now, CancellationToken cancel = default)
    {
        var (stamp, concurrency) = (SecretToken.Generate(), Guid.NewGuid().ToString());
        var withdrawn = await context.User(userId)
            .Where(u => u.State == AccountState.Active && (u.LockoutEnd == null || u.LockoutEnd <= now))
            .Where(u => u.PasswordHash != null || u.PasswordChangedAt != null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(u => u.PasswordHash, (string?)null)
                .SetProperty(u => u.SecurityStamp, stamp)
                .SetProperty(u => u.ConcurrencyStamp, concurrency), cancel);
        return withdrawn == 1 ? await FindAsync(userId, cancel) : null;
    }
}

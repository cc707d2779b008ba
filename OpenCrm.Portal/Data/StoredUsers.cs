using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>Finds users, holds their rows, and changes what they sign in with. Nothing of Identity's own store can be reached from here.</summary>
public sealed class StoredUsers(PortalDbContext context)
{
    /// <summary>Returns the user whose username or e-mail address was typed; null if nobody has it.</summary>
    public Task<PortalUser?> FindTypedAsync(string typed, CancellationToken cancel = default)
    {
        var normalized = AccountName.Normalize(typed);
        return AccountName.IsEmail(normalized)
            ? context.Set<PortalUser>().AsNoTracking().SingleOrDefaultAsync(u => u.NormalizedEmail == normalized, cancel)
            : context.Set<PortalUser>().AsNoTracking().SingleOrDefaultAsync(u => u.NormalizedUserName == normalized, cancel);
    }

    /// <summary>Returns the user as the row is now; null if there is none.</summary>
    public Task<PortalUser?> FindAsync(Guid id, CancellationToken cancel = default) =>
        context.User(id).AsNoTracking().SingleOrDefaultAsync(cancel);

    public Task<int> CountAsync(CancellationToken cancel = default) => context.Set<PortalUser>().CountAsync(cancel);

    /// <summary>Returns the user as the row is now, held until the transaction ends; null if there is none.</summary>
    public async Task<PortalUser?> HoldAsync(Guid userId, CancellationToken cancel = default)
    {
        var held = await context.User(userId).ExecuteUpdateAsync(set => set.SetProperty(u => u.CounterEpoch, u => u.CounterEpoch), cancel);
        return held == 1 ? await FindAsync(userId, cancel) : null;
    }

    /// <summary>
    /// Records that a session begins, and holds the row. False if the account may no longer sign in, or its password or e-mail address changed since
    /// the sign-in was proved.
    /// </summary>
    /// <param name="language">The language that the browser names; null leaves the one that it named before.</param>
    public async Task<bool> NoteSignedInAsync(
        Guid userId, string securityStamp, string? language, DateTimeOffset now, CancellationToken cancel = default) =>
        await context.Unchanged(new() { Id = userId, SecurityStamp = securityStamp }, now)
            .ExecuteUpdateAsync(set => set
                .SetProperty(u => u.LastSignInAt, now)
                .SetProperty(u => u.BrowserLanguage, u => language ?? u.BrowserLanguage), cancel) == 1;

    /// <summary>Replaces a hash of an earlier kind or cost, if the password is still the one that was checked.</summary>
    public Task UpgradeHashAsync(PortalUser user, string hash, CancellationToken cancel = default) =>
        context.User(user.Id).Where(u => u.PasswordHash == user.PasswordHash)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, hash), cancel);

    /// <summary>
    /// Sets a new password, unless the account changed since <paramref name="user"/> was read. True for one caller only, because the security stamp
    /// changes too; that also ends whatever the old password proved. Locks and counters stay as they are.
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
    /// Withdraws the password by an administrator's decision: no password is accepted until one is set by a link. Returns the user as the row is now,
    /// held until the transaction ends; null if the account may not sign in anyway, or never had a password.
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

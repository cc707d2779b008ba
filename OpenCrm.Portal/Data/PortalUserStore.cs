using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Identity's store with the conditional statements that decide about access: each is one UPDATE whose row count is the answer, so that parallel attempts, on however
/// many nodes, have one winner.
/// </summary>
public sealed class PortalUserStore : UserOnlyStore<PortalUser, PortalDbContext, Guid>
{
    public PortalUserStore(PortalDbContext context) : base(context) => AutoSaveChanges = false;

    private IQueryable<PortalUser> Row(Guid id) => Context.Set<PortalUser>().Where(u => u.Id == id);

    /// <summary>The user whose username or e-mail address was typed; null for nobody.</summary>
    public Task<PortalUser?> FindTypedAsync(string typed, CancellationToken cancel = default)
    {
        var normalized = AccountName.Normalize(typed);
        return AccountName.IsEmail(normalized)
            ? Context.Set<PortalUser>().AsNoTracking().SingleOrDefaultAsync(u => u.NormalizedEmail == normalized, cancel)
            : Context.Set<PortalUser>().AsNoTracking().SingleOrDefaultAsync(u => u.NormalizedUserName == normalized, cancel);
    }

    public Task<PortalUser?> FindAsync(Guid id, CancellationToken cancel = default) =>
        Row(id).AsNoTracking().SingleOrDefaultAsync(cancel);

    /// <summary>
    /// Counts an attempt before it is looked at, so that parallel guesses cannot outrun the lock. False: the limit is reached, the account is locked, or the counter was
    /// set to zero since <paramref name="user"/> was read; nothing may be looked at. A timed lock that ran out gives the full number of attempts again (spec 4.2).
    /// </summary>
    /// <param name="onlyReadsAsOpen">It has to be one that <see cref="IAttemptCounter.OnlyReadsAsOpen"/>: counted as anybody's, it stays locked, and nothing may be looked at.</param>
    public Task<bool> ReserveAttemptAsync(PortalUser user, int limit, DateTimeOffset now, bool onlyReadsAsOpen = false, CancellationToken cancel = default) =>
        ReserveAttemptAsync(Row(user.Id), user.CounterEpoch, limit, now, onlyReadsAsOpen, cancel);

    /// <inheritdoc cref="ReserveAttemptAsync(PortalUser, int, DateTimeOffset, bool, CancellationToken)" />
    public async Task<bool> ReserveAttemptAsync(DecoyAccount decoy, int limit, DateTimeOffset now, CancellationToken cancel = default) =>
        await ReserveAttemptAsync(Decoy(decoy.Key), decoy.CounterEpoch, limit, now, onlyReadsAsOpen: false, cancel);

    /// <summary>
    /// Gives a reserved attempt back after a right answer, unless the counter was set to zero meanwhile, and returns the user as the row now says, held until the
    /// transaction ends; null if failed attempts locked the account meanwhile.
    /// </summary>
    public async Task<PortalUser?> GiveBackAttemptAsync(PortalUser user, DateTimeOffset now, CancellationToken cancel = default)
    {
        var held = await Row(user.Id)
            .Where(u => u.LockoutEnd == null || u.LockoutEnd <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.AccessFailedCount,
                u => u.CounterEpoch == user.CounterEpoch && u.AccessFailedCount > 0 ? u.AccessFailedCount - 1 : u.AccessFailedCount), cancel);
        return held == 1 ? await FindAsync(user.Id, cancel) : null;
    }

    /// <summary>An attempt that was not looked at is no failure, whosever name it was.</summary>
    public Task GiveBackUnlookedAsync(IAttemptCounter reserved, DateTimeOffset now, CancellationToken cancel = default) => reserved switch
    {
        PortalUser user => GiveBackUnlookedAsync(Row(user.Id), user.CounterEpoch, now, cancel),
        DecoyAccount decoy => GiveBackUnlookedAsync(Decoy(decoy.Key), decoy.CounterEpoch, now, cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(reserved)),
    };

    /// <summary>Notes a wrong answer and returns the counter as it stands, its row held until the transaction ends.</summary>
    public Task<IAttemptCounter> NoteWrongAnswerAsync(PortalUser user, CancellationToken cancel = default) => NoteWrongAnswerAsync(Row(user.Id), cancel);

    /// <inheritdoc cref="NoteWrongAnswerAsync(PortalUser, CancellationToken)" />
    public Task<IAttemptCounter> NoteWrongAnswerAsync(DecoyAccount decoy, CancellationToken cancel = default) => NoteWrongAnswerAsync(Decoy(decoy.Key), cancel);

    /// <summary>Locks after failed attempts; false if it is locked already, so that the lock, its event and its mail come once.</summary>
    /// <param name="told">What pages say of its end (<see cref="IAttemptCounter.LockTold"/>).</param>
    public Task<bool> LockAsync(PortalUser user, DateTimeOffset until, DateTimeOffset told, DateTimeOffset now, CancellationToken cancel = default) =>
        LockAsync(Row(user.Id), until, told, now, cancel);

    /// <inheritdoc cref="LockAsync(PortalUser, DateTimeOffset, DateTimeOffset, DateTimeOffset, CancellationToken)" />
    public Task<bool> LockAsync(DecoyAccount decoy, DateTimeOffset until, DateTimeOffset told, DateTimeOffset now, CancellationToken cancel = default) =>
        LockAsync(Decoy(decoy.Key), until, told, now, cancel);

    /// <summary>True for the first try during a lock, and for that one only.</summary>
    public Task<bool> NoteLockTriedAsync(IAttemptCounter counter, CancellationToken cancel = default) => counter switch
    {
        PortalUser user => NoteLockTriedAsync(Row(user.Id), cancel),
        DecoyAccount decoy => NoteLockTriedAsync(Decoy(decoy.Key), cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };

    /// <summary>
    /// Completes a sign-in: the counter goes to zero. False if the account was locked, deactivated, or its password changed since <paramref name="user"/> was read:
    /// then nobody is signed in.
    /// </summary>
    public async Task<bool> CompleteSignInAsync(PortalUser user, DateTimeOffset now, CancellationToken cancel = default) =>
        await Standing(user, now).ExecuteUpdateAsync(set => set
            .SetProperty(u => u.AccessFailedCount, 0)
            .SetProperty(u => u.LocksInARow, 0)
            .SetProperty(u => u.FailuresInARow, 0)
            .SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null)
            .SetProperty(u => u.LockTold, (DateTimeOffset?)null)
            .SetProperty(u => u.CounterEpoch, u => u.CounterEpoch + 1), cancel) == 1;

    /// <summary>Notes that a session begins, and holds the row; false if the account may not sign in any more, or is no longer the one that was proved.</summary>
    public async Task<bool> NoteSignedInAsync(Guid userId, string securityStamp, DateTimeOffset now, CancellationToken cancel = default) =>
        await Standing(new() { Id = userId, SecurityStamp = securityStamp }, now)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.LastSignInAt, now), cancel) == 1;

    /// <summary>Uses a time step up: true once for each step, and never for an older one, whatever the clock says (spec 1.4).</summary>
    public async Task<bool> ConsumeStepAsync(PortalUser user, Guid authenticatorId, long step, DateTimeOffset now, CancellationToken cancel = default) =>
        await Standing(user, now)
            .Where(u => u.Authenticator!.Id == authenticatorId && u.Authenticator.LastStep < step)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.Authenticator!.LastStep, step), cancel) == 1;

    /// <summary>Replaces a hash made with fewer iterations, if the password is still the one that was checked.</summary>
    public Task UpgradeHashAsync(PortalUser user, string hash, CancellationToken cancel = default) =>
        Row(user.Id).Where(u => u.PasswordHash == user.PasswordHash)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, hash), cancel);

    /// <summary>The user as the row says now, held until the transaction ends; null for nobody.</summary>
    public async Task<PortalUser?> HoldAsync(Guid userId, CancellationToken cancel = default)
    {
        var held = await Row(userId).ExecuteUpdateAsync(set => set.SetProperty(u => u.CounterEpoch, u => u.CounterEpoch), cancel);
        return held == 1 ? await FindAsync(userId, cancel) : null;
    }

    /// <summary>
    /// Sets a new password, if the account still stands as it was judged: true for one caller, because the stamp changes with it and ends whatever the old password
    /// proved. Locks and counters stay as they are.
    /// </summary>
    public async Task<bool> SetPasswordAsync(PortalUser user, string hash, DateTimeOffset now, CancellationToken cancel = default)
    {
        var (stamp, concurrency) = (SecretToken.Generate(), Guid.NewGuid().ToString());
        return await Standing(user, now).ExecuteUpdateAsync(set => set
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
        var withdrawn = await Row(userId)
            .Where(u => u.State == AccountState.Active && (u.LockoutEnd == null || u.LockoutEnd <= now))
            .Where(u => u.PasswordHash != null || u.PasswordChangedAt != null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(u => u.PasswordHash, (string?)null)
                .SetProperty(u => u.SecurityStamp, stamp)
                .SetProperty(u => u.ConcurrencyStamp, concurrency), cancel);
        return withdrawn == 1 ? await FindAsync(userId, cancel) : null;
    }

    /// <summary>Opens a locked account, by failed attempts or by an administrator: the counter and all counts in a row go to zero (spec 1.5). False if it was open.</summary>
    public async Task<bool> UnlockAsync(Guid userId, DateTimeOffset now, CancellationToken cancel = default) =>
        await OpenAsync(Row(userId)
            .Where(u => u.State == AccountState.Locked || u.LockoutEnd > now || u.AccessFailedCount > 0)
            .Where(u => u.State != AccountState.Inactive), cancel);

    /// <summary>Brings an inactive account back, its counts at zero (spec 5.3). False if it was not inactive.</summary>
    public async Task<bool> ActivateAsync(Guid userId, CancellationToken cancel = default) =>
        await OpenAsync(Row(userId).Where(u => u.State == AccountState.Inactive), cancel);

    /// <summary>Locks by an administrator's decision, whether or not failed attempts did. False if it is locked that way already, or inactive.</summary>
    public async Task<bool> LockByAdministratorAsync(Guid userId, CancellationToken cancel = default) =>
        await Row(userId).Where(u => u.State == AccountState.Active)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.State, AccountState.Locked), cancel) == 1;

    /// <summary>False if it was inactive already.</summary>
    public async Task<bool> DeactivateAsync(Guid userId, CancellationToken cancel = default) =>
        await Row(userId).Where(u => u.State != AccountState.Inactive)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.State, AccountState.Inactive), cancel) == 1;

    /// <summary>Turns MFA off for one user: true for one caller, which holds the row and goes on to erase the enrolment.</summary>
    public async Task<bool> EndEnrolmentAsync(Guid userId, CancellationToken cancel = default)
    {
        // Half an enrolment refuses every sign-in, so it is cleared away too.
        if (await Row(userId).Where(u => u.TwoFactorEnabled || u.Authenticator != null).ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, false), cancel) != 1) return false;
        (await Row(userId).SingleAsync(cancel)).Authenticator = null;
        return true;
    }

    /// <summary>Turns MFA off for everybody and erases all enrolments (spec 3.4).</summary>
    /// <returns>How many users were enrolled.</returns>
    public Task<int> EraseEnrolmentsAsync(CancellationToken cancel = default) =>
        // The same words on SQLite and PostgreSQL; EF sets no owned object to null by a statement, and a million users are not loaded.
        Context.Database.ExecuteSqlAsync(
            $"""
            UPDATE "Users" SET "TwoFactorEnabled" = FALSE, "AuthenticatorId" = NULL, "AuthenticatorKey" = NULL, "AuthenticatorLastStep" = NULL,
                "AuthenticatorSetUpAt" = NULL, "AuthenticatorSetUpById" = NULL
            WHERE "TwoFactorEnabled" OR "AuthenticatorId" IS NOT NULL
            """, cancel);

    /// <summary>
    /// Makes <paramref name="authenticator"/> the user's only one, if the account still stands as it was judged and its enrolment is still
    /// <paramref name="replaces"/> (null = none).
    /// </summary>
    public async Task<bool> EnrolAsync(PortalUser user, Authenticator authenticator, Guid? replaces, DateTimeOffset now, CancellationToken cancel = default)
    {
        var held = await Standing(user, now)
            .Where(u => replaces == null ? !u.TwoFactorEnabled : u.Authenticator!.Id == replaces)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, true), cancel) == 1;
        if (held) (await Row(user.Id).SingleAsync(cancel)).Authenticator = authenticator;
        return held;
    }

    /// <summary>
    /// Counts a code of the wizard before it is looked at; false when the run is over or had its <paramref name="most"/> codes. Loading the page again gives none back
    /// (spec 2.6).
    /// </summary>
    public async Task<bool> CountEnrolmentCodeAsync(Guid pendingId, Guid sessionId, int most, DateTimeOffset now, CancellationToken cancel = default) =>
        await Pending(pendingId, sessionId).Where(p => p.Codes < most && p.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.Codes, p => p.Codes + 1), cancel) == 1;

    /// <summary>Ends a run of the wizard: true for one caller, whose Save or Cancel it is (spec 2.5).</summary>
    public async Task<bool> ConsumePendingEnrolmentAsync(Guid pendingId, Guid sessionId, CancellationToken cancel = default) =>
        await Pending(pendingId, sessionId).ExecuteDeleteAsync(cancel) == 1;

    /// <summary>Drops the keys that wait for their first code, whoever began: of one user whose MFA is disabled, or of everybody when the switch goes off.</summary>
    /// <param name="userId">Whose MFA they would set up; null: everybody's.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task DropPendingEnrolmentsAsync(Guid? userId, CancellationToken cancel = default) =>
        Context.Set<PendingEnrolment>().Where(p => userId == null || p.UserId == userId).ExecuteDeleteAsync(cancel);

    /// <summary>A secret made once, whoever comes first.</summary>
    public async Task<byte[]> SecretAsync(string name, byte[] protectedIfNew, CancellationToken cancel = default)
    {
        await Context.Database.ExecuteSqlAsync(
            $"""INSERT INTO "PortalSecrets" ("Name", "ProtectedValue") VALUES ({name}, {protectedIfNew}) ON CONFLICT ("Name") DO NOTHING""", cancel);
        return await SecretAsync(name, cancel);
    }

    /// <summary>Puts another secret in the place of one that nobody can read any more, whoever comes first.</summary>
    /// <returns>The one that stands now, and whether it is <paramref name="instead"/>.</returns>
    public async Task<(byte[] ProtectedValue, bool Replaced)> ReplaceSecretAsync(string name, byte[] unreadable, byte[] instead, CancellationToken cancel = default)
    {
        var replaced = await Context.Set<PortalSecret>().Where(s => s.Name == name && s.ProtectedValue == unreadable)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.ProtectedValue, instead), cancel) == 1;
        return (await SecretAsync(name, cancel), replaced);
    }

    public Task<int> CountAsync(CancellationToken cancel = default) => Context.Set<PortalUser>().CountAsync(cancel);

    /// <summary>
    /// Holds the MFA switch as it is until the transaction ends, if it stands <paramref name="on"/>: nobody enrols while it is being switched off and everything is erased.
    /// Whoever changes users as well holds this row first.
    /// </summary>
    public async Task<bool> HoldMfaSwitchAsync(bool on, CancellationToken cancel = default) =>
        await Context.Set<SecuritySettings>().Where(s => s.MfaEnabled == on)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, on), cancel) == 1;

    /// <summary>Sets the switch to set-up-done; true for one caller only (spec 8.1).</summary>
    public async Task<bool> ClaimSetUpAsync(DateTimeOffset now, CancellationToken cancel = default) =>
        await Context.Set<GeneralSettings>().Where(s => s.SetUpAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.SetUpAt, now), cancel) == 1;

    /// <summary>
    /// Whether this is the only administrator who could still act: not inactive, not locked (spec 5.5). Administrators are judged one after the other, so that two who are
    /// locked at the same moment do not each take the other for the one who is left.
    /// </summary>
    public async Task<bool> IsLastActiveAdministratorAsync(PortalUser user, DateTimeOffset now, CancellationToken cancel = default)
    {
        return user is { IsSystemAdministrator: true, State: AccountState.Active }
            && !await AnotherAdministratorIsActiveAsync(user.Id, now, cancel);
    }

    /// <summary>The half of <see cref="IsLastActiveAdministratorAsync"/> that is asked of the database: asked for everybody where the asking must not tell who is one.</summary>
    public async Task<bool> AnotherAdministratorIsActiveAsync(Guid userId, DateTimeOffset now, CancellationToken cancel = default)
    {
        await HoldAdministratorsAsync(cancel);
        return await Context.Set<PortalUser>().AnyAsync(
            u => u.IsSystemAdministrator && u.State == AccountState.Active && (u.LockoutEnd == null || u.LockoutEnd <= now) && u.Id != userId, cancel);
    }

    /// <summary>
    /// Whoever takes from an administrator, or makes one, holds this until the transaction ends, on whatever node: one after the other (spec 5.5). The user's own row is held
    /// before it, by everybody.
    /// </summary>
    public Task HoldAdministratorsAsync(CancellationToken cancel = default) =>
        Context.Set<GeneralSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.SetUpAt, s => s.SetUpAt), cancel);

    /// <summary>
    /// The counter for whatever name was typed: the user's, or the decoy's of a name that nobody has, made here; racing callers make one. The statement is the same for both,
    /// so that neither its number nor its time tells which names there are.
    /// </summary>
    public async Task<IAttemptCounter> CounterOfAsync(PortalUser? user, byte[] key, DateTimeOffset now, CancellationToken cancel = default)
    {
        // The same words on SQLite and PostgreSQL; EF has no insert-if-absent.
        var at = Context.Database.IsSqlite() ? (object)now.UtcTicks : now;
        var unknown = user is null;
        await Context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "DecoyAccounts" ("Key", "AccessFailedCount", "LocksInARow", "FailuresInARow", "CounterEpoch", "LockNoted", "LastAttemptAt")
            SELECT {key}, 0, 0, 0, 0, FALSE, {at} WHERE {unknown} ON CONFLICT ("Key") DO NOTHING
            """, cancel);
        // Nothing sets a decoy's counter to zero, so its epoch is the first one.
        return user ?? (IAttemptCounter)new DecoyAccount { Key = key };
    }

    /// <summary>The counter as it stands.</summary>
    public async Task<IAttemptCounter> CounterAsync(IAttemptCounter counter, CancellationToken cancel = default) => counter switch
    {
        PortalUser user => await Row(user.Id).AsNoTracking().SingleAsync(cancel),
        DecoyAccount decoy => await Decoy(decoy.Key).AsNoTracking().SingleAsync(cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };

    /// <summary>The row as long as it is the account that was judged: able to sign in, with the same password and e-mail address.</summary>
    private IQueryable<PortalUser> Standing(PortalUser user, DateTimeOffset now) =>
        Row(user.Id).Where(u => u.State == AccountState.Active && (u.LockoutEnd == null || u.LockoutEnd <= now) && u.SecurityStamp == user.SecurityStamp);

    private static async Task<bool> OpenAsync(IQueryable<PortalUser> row, CancellationToken cancel) =>
        await row.ExecuteUpdateAsync(set => set
            .SetProperty(u => u.State, AccountState.Active)
            .SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null)
            .SetProperty(u => u.LockTold, (DateTimeOffset?)null)
            .SetProperty(u => u.AccessFailedCount, 0)
            .SetProperty(u => u.LocksInARow, 0)
            .SetProperty(u => u.FailuresInARow, 0)
            .SetProperty(u => u.CounterEpoch, u => u.CounterEpoch + 1), cancel) == 1;

    private IQueryable<PendingEnrolment> Pending(Guid id, Guid sessionId) => Context.Set<PendingEnrolment>().Where(p => p.Id == id && p.SessionId == sessionId);

    private Task<byte[]> SecretAsync(string name, CancellationToken cancel) =>
        Context.Set<PortalSecret>().Where(s => s.Name == name).Select(s => s.ProtectedValue).SingleAsync(cancel);

    private IQueryable<DecoyAccount> Decoy(byte[] key) => Context.Set<DecoyAccount>().Where(d => d.Key == key);

    private static async Task<bool> ReserveAttemptAsync<T>(IQueryable<T> row, int epoch, int limit, DateTimeOffset now, bool onlyReadsAsOpen, CancellationToken cancel)
        where T : class, IAttemptCounter =>
        await row
            // Only on the counter as it was read: one reserved after a reset that it does not know of would never be given back.
            .Where(c => c.CounterEpoch == epoch)
            .Where(c => (onlyReadsAsOpen && c.LockoutEnd > now && c.LockTold <= now) || (!onlyReadsAsOpen && (c.LockoutEnd == null || c.LockoutEnd <= now)))
            // The first one after a lock has the full number before it. Those between the end that was told and the real one count on: elsewhere there is one end only.
            .Where(c => c.AccessFailedCount < limit || (c.LockoutEnd != null && (c.LockTold == null || c.LastAttemptAt == null || c.LastAttemptAt < c.LockTold)))
            .ExecuteUpdateAsync(set => set
                .SetProperty(c => c.AccessFailedCount, c => c.LockoutEnd == null || c.LastAttemptAt >= c.LockTold ? c.AccessFailedCount + 1 : 1)
                .SetProperty(c => c.LockoutEnd, c => onlyReadsAsOpen ? c.LockoutEnd : null)
                .SetProperty(c => c.LastAttemptAt, now), cancel) == 1;

    private static Task<int> GiveBackUnlookedAsync<T>(IQueryable<T> row, int epoch, DateTimeOffset now, CancellationToken cancel) where T : class, IAttemptCounter =>
        row.Where(c => c.CounterEpoch == epoch && c.AccessFailedCount > 0 && (c.LockoutEnd == null || c.LockoutEnd <= now || c.LockTold <= now))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.AccessFailedCount, c => c.AccessFailedCount - 1), cancel);

    private static async Task<IAttemptCounter> NoteWrongAnswerAsync<T>(IQueryable<T> row, CancellationToken cancel) where T : class, IAttemptCounter
    {
        await row.ExecuteUpdateAsync(set => set.SetProperty(c => c.FailuresInARow, c => c.FailuresInARow + 1), cancel);
        return await row.AsNoTracking().SingleAsync(cancel);
    }

    private static async Task<bool> NoteLockTriedAsync<T>(IQueryable<T> row, CancellationToken cancel) where T : class, IAttemptCounter =>
        await row.Where(c => !c.LockNoted).ExecuteUpdateAsync(set => set.SetProperty(c => c.LockNoted, true), cancel) == 1;

    private static async Task<bool> LockAsync<T>(IQueryable<T> row, DateTimeOffset until, DateTimeOffset told, DateTimeOffset now, CancellationToken cancel)
        where T : class, IAttemptCounter =>
        await row
            .Where(c => c.LockoutEnd == null || c.LockoutEnd <= now || c.LockTold <= now)
            .ExecuteUpdateAsync(set => set
                .SetProperty(c => c.LockoutEnd, until)
                .SetProperty(c => c.LockTold, told)
                .SetProperty(c => c.LockNoted, false)
                .SetProperty(c => c.LocksInARow, c => c.LocksInARow + 1), cancel) == 1;
}

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// The counters of wrong answers, of users and of names that nobody has (docs/spec.md 1.5, 1.6). Each change is one UPDATE whose row count is the
/// answer, so that of parallel attempts, on however many nodes, only one wins.
/// </summary>
public sealed class AttemptCounters(PortalDbContext context)
{
    /// <summary>
    /// Returns the counter for the typed name: the user's, or a decoy's for a name that nobody has. A missing decoy is created; racing callers create
    /// one. The statement runs for users too, so that neither the number of statements nor the time reveals which names exist.
    /// </summary>
    /// <param name="decoyKey">The key under which the name is counted if nobody has it.</param>
    public async Task<IAttemptCounter> FindOrAddAsync(PortalUser? user, byte[] decoyKey, DateTimeOffset now, CancellationToken cancel = default)
    {
        // The statement is the same on SQLite and PostgreSQL; EF has no insert-if-absent.
        var at = context.Database.IsSqlite() ? (object)now.UtcTicks : now;
        var unknown = user is null;
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "DecoyAccounts" ("Key", "AccessFailedCount", "LocksInARow", "FailuresInARow", "CounterEpoch", "LockNoted", "LastAttemptAt")
            SELECT {decoyKey}, 0, 0, 0, 0, FALSE, {at} WHERE {unknown} ON CONFLICT ("Key") DO NOTHING
            """, cancel);
        // Nothing sets a decoy's counter to zero, so its epoch is always the first one.
        return user ?? (IAttemptCounter)new DecoyAccount { Key = decoyKey };
    }

    /// <summary>Returns the counter as it is stored now.</summary>
    public async Task<IAttemptCounter> ReadAsync(IAttemptCounter counter, CancellationToken cancel = default) => counter switch
    {
        PortalUser user => await context.User(user.Id).AsNoTracking().SingleAsync(cancel),
        DecoyAccount decoy => await Decoy(decoy).AsNoTracking().SingleAsync(cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };

    /// <summary>
    /// Counts an attempt before its answer is checked, so that parallel guesses cannot outrun the lock. False: the limit is reached, the account is
    /// locked, or the counter was set to zero since it was read; no answer may be checked. A timed lock that ran out gives the full number of
    /// attempts again.
    /// </summary>
    /// <param name="onlyReadsAsOpen">
    /// True for a counter that <see cref="IAttemptCounter.OnlyReadsAsOpen"/>: the attempt is counted as anybody's would be, but the account stays
    /// locked and no answer may be checked.
    /// </param>
    public Task<bool> ReserveAsync(
        IAttemptCounter counter, int limit, DateTimeOffset now, bool onlyReadsAsOpen = false, CancellationToken cancel = default) => counter switch
        {
            PortalUser user => ReserveAsync(context.User(user.Id), user.CounterEpoch, limit, now, onlyReadsAsOpen, cancel),
            DecoyAccount decoy => ReserveAsync(Decoy(decoy), decoy.CounterEpoch, limit, now, onlyReadsAsOpen: false, cancel),
            _ => throw new ArgumentOutOfRangeException(nameof(counter)),
        };

    /// <summary>
    /// Gives a reserved attempt back after a right answer, unless the counter was set to zero meanwhile. Returns the user as the row is now, held
    /// until the transaction ends; null if failed attempts locked the account meanwhile.
    /// </summary>
    public async Task<PortalUser?> GiveBackAsync(PortalUser user, DateTimeOffset now, CancellationToken cancel = default)
    {
        var held = await context.User(user.Id)
            .Where(u => u.LockoutEnd == null || u.LockoutEnd <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.AccessFailedCount,
                u => u.CounterEpoch == user.CounterEpoch && u.AccessFailedCount > 0 ? u.AccessFailedCount - 1 : u.AccessFailedCount), cancel);
        return held == 1 ? await context.User(user.Id).AsNoTracking().SingleOrDefaultAsync(cancel) : null;
    }

    /// <summary>Gives back an attempt whose answer was not checked: that is no failure, neither for a user nor for a name that nobody has.</summary>
    public Task GiveBackUnlookedAsync(IAttemptCounter reserved, DateTimeOffset now, CancellationToken cancel = default) => reserved switch
    {
        PortalUser user => GiveBackUnlookedAsync(context.User(user.Id), user.CounterEpoch, now, cancel),
        DecoyAccount decoy => GiveBackUnlookedAsync(Decoy(decoy), decoy.CounterEpoch, now, cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(reserved)),
    };

    /// <summary>Counts a wrong answer and returns the counter as it is now; its row is held until the transaction ends.</summary>
    public Task<IAttemptCounter> NoteWrongAnswerAsync(IAttemptCounter reserved, CancellationToken cancel = default) => reserved switch
    {
        PortalUser user => NoteWrongAnswerAsync(context.User(user.Id), cancel),
        DecoyAccount decoy => NoteWrongAnswerAsync(Decoy(decoy), cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(reserved)),
    };

    /// <summary>Locks after failed attempts; false if it is locked already, so that the lock, its event and its mail come once.</summary>
    /// <param name="shownEnd">The end of the lock as pages show it (<see cref="IAttemptCounter.LockTold"/>).</param>
    public Task<bool> LockAsync(
        IAttemptCounter counter, DateTimeOffset until, DateTimeOffset shownEnd, DateTimeOffset now,
        CancellationToken cancel = default) => counter switch
        {
            PortalUser user => LockAsync(context.User(user.Id), until, shownEnd, now, cancel),
            DecoyAccount decoy => LockAsync(Decoy(decoy), until, shownEnd, now, cancel),
            _ => throw new ArgumentOutOfRangeException(nameof(counter)),
        };

    /// <summary>Returns true for the first attempt during a lock, and only for that one.</summary>
    public Task<bool> NoteLockTriedAsync(IAttemptCounter counter, CancellationToken cancel = default) => counter switch
    {
        PortalUser user => NoteLockTriedAsync(context.User(user.Id), cancel),
        DecoyAccount decoy => NoteLockTriedAsync(Decoy(decoy), cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };

    /// <summary>
    /// Sets the counter to zero with a complete sign-in. False if the account was locked or deactivated, or its password or e-mail address changed,
    /// since <paramref name="user"/> was read: then nobody is signed in.
    /// </summary>
    public async Task<bool> CompleteSignInAsync(PortalUser user, DateTimeOffset now, CancellationToken cancel = default) =>
        await context.Unchanged(user, now).ExecuteUpdateAsync(set => set
            .SetProperty(u => u.AccessFailedCount, 0)
            .SetProperty(u => u.LocksInARow, 0)
            .SetProperty(u => u.FailuresInARow, 0)
            .SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null)
            .SetProperty(u => u.LockTold, (DateTimeOffset?)null)
            .SetProperty(u => u.CounterEpoch, u => u.CounterEpoch + 1), cancel) == 1;

    private IQueryable<DecoyAccount> Decoy(DecoyAccount decoy) => context.Set<DecoyAccount>().Where(d => d.Key == decoy.Key);

    private static async Task<bool> ReserveAsync<T>(
        IQueryable<T> row, int epoch, int limit, DateTimeOffset now, bool onlyReadsAsOpen, CancellationToken cancel)
        where T : class, IAttemptCounter =>
        await row
            // Only if the counter was not reset since it was read: the attempt would carry the old epoch and could never be given back.
            .Where(c => c.CounterEpoch == epoch)
            .Where(c => (onlyReadsAsOpen && c.LockoutEnd > now && c.LockTold <= now)
                || (!onlyReadsAsOpen && (c.LockoutEnd == null || c.LockoutEnd <= now)))
            // The first attempt after a lock starts a new count. After the shown end of a lock whose real end is later, the following attempts
            // continue that count; elsewhere both ends are the same.
            .Where(c => c.AccessFailedCount < limit
                || (c.LockoutEnd != null && (c.LockTold == null || c.LastAttemptAt == null || c.LastAttemptAt < c.LockTold)))
            .ExecuteUpdateAsync(set => set
                .SetProperty(c => c.AccessFailedCount, c => c.LockoutEnd == null || c.LastAttemptAt >= c.LockTold ? c.AccessFailedCount + 1 : 1)
                .SetProperty(c => c.LockoutEnd, c => onlyReadsAsOpen ? c.LockoutEnd : null)
                .SetProperty(c => c.LastAttemptAt, now), cancel) == 1;

    private static Task<int> GiveBackUnlookedAsync<T>(IQueryable<T> row, int epoch, DateTimeOffset now, CancellationToken cancel)
        where T : class, IAttemptCounter =>
        row.Where(c => c.CounterEpoch == epoch && c.AccessFailedCount > 0 && (c.LockoutEnd == null || c.LockoutEnd <= now || c.LockTold <= now))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.AccessFailedCount, c => c.AccessFailedCount - 1), cancel);

    private static async Task<IAttemptCounter> NoteWrongAnswerAsync<T>(IQueryable<T> row, CancellationToken cancel) where T : class, IAttemptCounter
    {
        await row.ExecuteUpdateAsync(set => set.SetProperty(c => c.FailuresInARow, c => c.FailuresInARow + 1), cancel);
        return await row.AsNoTracking().SingleAsync(cancel);
    }

    private static async Task<bool> NoteLockTriedAsync<T>(IQueryable<T> row, CancellationToken cancel) where T : class, IAttemptCounter =>
        await row.Where(c => !c.LockNoted).ExecuteUpdateAsync(set => set.SetProperty(c => c.LockNoted, true), cancel) == 1;

    private static async Task<bool> LockAsync<T>(
        IQueryable<T> row, DateTimeOffset until, DateTimeOffset shownEnd, DateTimeOffset now, CancellationToken cancel)
        where T : class, IAttemptCounter =>
        await row
            .Where(c => c.LockoutEnd == null || c.LockoutEnd <= now || c.LockTold <= now)
            .ExecuteUpdateAsync(set => set
                .SetProperty(c => c.LockoutEnd, until)
                .SetProperty(c => c.LockTold, shownEnd)
                .SetProperty(c => c.LockNoted, false)
                .SetProperty(c => c.LocksInARow, c => c.LocksInARow + 1), cancel) == 1;
}

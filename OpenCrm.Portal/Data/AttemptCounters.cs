using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// The counters of wrong answers, of users and of names that nobody has (spec 1.5, 1.6). Each change is one UPDATE whose row count is the answer, so that parallel attempts, on
/// however many nodes, have one winner.
/// </summary>
public sealed class AttemptCounters(PortalDbContext context)
{
    /// <summary>
    /// The counter for whatever name was typed: the user's, or the decoy's of a name that nobody has, made here; racing callers make one. The statement is the same for both,
    /// so that neither its number nor its time tells which names there are.
    /// </summary>
    /// <param name="decoyKey">Under which the name is counted if nobody has it.</param>
    public async Task<IAttemptCounter> FindOrAddAsync(PortalUser? user, byte[] decoyKey, DateTimeOffset now, CancellationToken cancel = default)
    {
        // The same words on SQLite and PostgreSQL; EF has no insert-if-absent.
        var at = context.Database.IsSqlite() ? (object)now.UtcTicks : now;
        var unknown = user is null;
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "DecoyAccounts" ("Key", "AccessFailedCount", "LocksInARow", "FailuresInARow", "CounterEpoch", "LockNoted", "LastAttemptAt")
            SELECT {decoyKey}, 0, 0, 0, 0, FALSE, {at} WHERE {unknown} ON CONFLICT ("Key") DO NOTHING
            """, cancel);
        // Nothing sets a decoy's counter to zero, so its epoch is the first one.
        return user ?? (IAttemptCounter)new DecoyAccount { Key = decoyKey };
    }

    /// <summary>The counter as it is now.</summary>
    public async Task<IAttemptCounter> ReadAsync(IAttemptCounter counter, CancellationToken cancel = default) => counter switch
    {
        PortalUser user => await context.User(user.Id).AsNoTracking().SingleAsync(cancel),
        DecoyAccount decoy => await Decoy(decoy).AsNoTracking().SingleAsync(cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };

    /// <summary>
    /// Counts an attempt before it is looked at, so that parallel guesses cannot outrun the lock. False: the limit is reached, the account is locked, or the counter was
    /// set to zero since it was read; nothing may be looked at. A timed lock that ran out gives the full number of attempts again (spec 4.2).
    /// </summary>
    /// <param name="onlyReadsAsOpen">It has to be one that <see cref="IAttemptCounter.OnlyReadsAsOpen"/>: counted as anybody's, it stays locked, and nothing may be looked at.</param>
    public Task<bool> ReserveAsync(IAttemptCounter counter, int limit, DateTimeOffset now, bool onlyReadsAsOpen = false, CancellationToken cancel = default) => counter switch
    {
        PortalUser user => ReserveAsync(context.User(user.Id), user.CounterEpoch, limit, now, onlyReadsAsOpen, cancel),
        DecoyAccount decoy => ReserveAsync(Decoy(decoy), decoy.CounterEpoch, limit, now, onlyReadsAsOpen: false, cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };

    /// <summary>
    /// Gives a reserved attempt back after a right answer, unless the counter was set to zero meanwhile, and returns the user as the row now says, held until the
    /// transaction ends; null if failed attempts locked the account meanwhile.
    /// </summary>
    public async Task<PortalUser?> GiveBackAsync(PortalUser user, DateTimeOffset now, CancellationToken cancel = default)
    {
        var held = await context.User(user.Id)
            .Where(u => u.LockoutEnd == null || u.LockoutEnd <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.AccessFailedCount,
                u => u.CounterEpoch == user.CounterEpoch && u.AccessFailedCount > 0 ? u.AccessFailedCount - 1 : u.AccessFailedCount), cancel);
        return held == 1 ? await context.User(user.Id).AsNoTracking().SingleOrDefaultAsync(cancel) : null;
    }

    /// <summary>An attempt that was not looked at is no failure, whosever name it was.</summary>
    public Task GiveBackUnlookedAsync(IAttemptCounter reserved, DateTimeOffset now, CancellationToken cancel = default) => reserved switch
    {
        PortalUser user => GiveBackUnlookedAsync(context.User(user.Id), user.CounterEpoch, now, cancel),
        DecoyAccount decoy => GiveBackUnlookedAsync(Decoy(decoy), decoy.CounterEpoch, now, cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(reserved)),
    };

    /// <summary>Notes a wrong answer and returns the counter as it is now, its row held until the transaction ends.</summary>
    public Task<IAttemptCounter> NoteWrongAnswerAsync(IAttemptCounter reserved, CancellationToken cancel = default) => reserved switch
    {
        PortalUser user => NoteWrongAnswerAsync(context.User(user.Id), cancel),
        DecoyAccount decoy => NoteWrongAnswerAsync(Decoy(decoy), cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(reserved)),
    };

    /// <summary>Locks after failed attempts; false if it is locked already, so that the lock, its event and its mail come once.</summary>
    /// <param name="told">What pages say of its end (<see cref="IAttemptCounter.LockTold"/>).</param>
    public Task<bool> LockAsync(IAttemptCounter counter, DateTimeOffset until, DateTimeOffset told, DateTimeOffset now, CancellationToken cancel = default) => counter switch
    {
        PortalUser user => LockAsync(context.User(user.Id), until, told, now, cancel),
        DecoyAccount decoy => LockAsync(Decoy(decoy), until, told, now, cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };

    /// <summary>True for the first try during a lock, and for that one only.</summary>
    public Task<bool> NoteLockTriedAsync(IAttemptCounter counter, CancellationToken cancel = default) => counter switch
    {
        PortalUser user => NoteLockTriedAsync(context.User(user.Id), cancel),
        DecoyAccount decoy => NoteLockTriedAsync(Decoy(decoy), cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };

    /// <summary>
    /// Sets the counter to zero with a complete sign-in. False if the account was locked, deactivated, or its password changed since <paramref name="user"/> was read:
    /// then nobody is signed in.
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

    private static async Task<bool> ReserveAsync<T>(IQueryable<T> row, int epoch, int limit, DateTimeOffset now, bool onlyReadsAsOpen, CancellationToken cancel)
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

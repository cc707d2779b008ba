using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// One user action on the database, with a context, a transaction and a time of its own. A circuit lives for hours, and a context that lives as long
/// returns stale copies. State, audit event and mail are one commit; without <see cref="CommitAsync"/> nothing happened.
/// </summary>
public sealed class UnitOfWork : IAsyncDisposable
{
    private readonly AsyncServiceScope _scope;
    private readonly PortalDbContext _context;
    private readonly IDbContextTransaction? _transaction;
    private readonly List<Action> _afterCommit = [];
    private readonly List<Func<CancellationToken, Task>> _lastly = [];
    private readonly List<Guid> _covered = [];

    private UnitOfWork(AsyncServiceScope scope, PortalDbContext context, IDbContextTransaction? transaction, DateTimeOffset now)
    {
        _scope = scope;
        _context = context;
        _transaction = transaction;
        Now = now;
        Users = new(context);
        Attempts = new(context);
        Locks = new(context);
        Enrolments = new(context);
        Duties = new(context, now);
        RecoveryCodes = new(context);
        Administrators = new(context);
        Secrets = new(context);
        Planner = new(context);
        Addresses = new(context);
        Names = new(context);
        UserSearch = new(context);
    }

    /// <summary>Whether the changes are committed.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>Whether this unit of work may write: it was begun with a transaction, as every action that writes is.</summary>
    public bool Writes => _transaction is not null;

    /// <summary>The time of this action, UTC.</summary>
    public DateTimeOffset Now { get; }

    public StoredUsers Users { get; }

    public AttemptCounters Attempts { get; }

    public Locks Locks { get; }

    public Enrolments Enrolments { get; }

    public MfaDuties Duties { get; }

    public StoredRecoveryCodes RecoveryCodes { get; }

    public AdministratorGuard Administrators { get; }

    public StoredSecrets Secrets { get; }

    public PlannerHints Planner { get; }

    public Encryption Encryption => _scope.ServiceProvider.GetRequiredService<Encryption>();

    public AddressLimits Addresses { get; }

    public StoredNames Names { get; }

    public UserSearchIndex UserSearch { get; }

    internal static async Task<UnitOfWork> OpenAsync(IServiceScopeFactory scopes, TimeProvider time, bool transaction, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        try
        {
            var context = scope.ServiceProvider.GetRequiredService<PortalDbContext>();
            var begun = transaction ? await context.Database.BeginTransactionAsync(cancel) : null;
            return new(scope, context, begun, time.GetUtcNow());
        }
        catch
        {
            await scope.DisposeAsync();
            throw;
        }
    }

    /// <summary>Rows to read, or to change by one statement; never tracked.</summary>
    public IQueryable<T> Query<T>() where T : class => _context.Set<T>().AsNoTracking();

    /// <summary>Tracked rows, to change through the unit of work.</summary>
    public IQueryable<T> Tracked<T>() where T : class => _context.Set<T>();

    public void Add<T>(T row) where T : class => _context.Add(row);

    /// <summary>Writes many new rows now, inside the transaction, many times faster than <see cref="Add{T}"/>.</summary>
    public Task WriteAsync<T>(IReadOnlyCollection<T> rows, CancellationToken cancel = default) where T : class =>
        BulkRows.WriteAsync(_context, rows, cancel);

    /// <summary>Writes a whole settings block on top of the version at which it was read.</summary>
    internal void Update<T>(T block, int original, Action<T> change) where T : class, ISettingsBlock
    {
        var entry = _context.Update(block);
        change(block);
        entry.Property(b => b.Version).OriginalValue = original;
    }

    public void Remove<T>(T row) where T : class => _context.Remove(row);

    /// <summary>Writes what was added so far, still inside the transaction, so that later statements see the rows.</summary>
    public Task FlushAsync(CancellationToken cancel = default) => _context.SaveChangesAsync(cancel);

    /// <summary>
    /// Registers statements for the very end of the transaction. For rows that many share: held earlier, they would keep everybody waiting until this
    /// action is done, and two transactions could wait for each other.
    /// </summary>
    internal void BeforeCommit(Func<CancellationToken, Task> lastAsync) => _lastly.Add(lastAsync);

    /// <summary>
    /// Gives a person a deadline for MFA at the end of the transaction, if the rule covers them (docs/spec.md 12.1): a new user, whose row is written
    /// by then, or a new system administrator.
    /// </summary>
    public void CoverAtCommit(Guid userId)
    {
        if (_covered.Count == 0) BeforeCommit(last => Duties.CoverAsync(_covered, last));
        _covered.Add(userId);
    }

    /// <summary>Registers an effect on live circuits. It runs after the commit, so that nothing is announced that did not happen.</summary>
    public void AfterCommit(Action effect) => _afterCommit.Add(effect);

    /// <summary>
    /// Registers an effect that uses a service of the application: extension methods of the unit of work have no constructor to receive one.
    /// </summary>
    public void AfterCommit<T>(Action<T> effect) where T : class
    {
        var service = _scope.ServiceProvider.GetRequiredService<T>();
        AfterCommit(() => effect(service));
    }

    /// <summary>
    /// Notifies every node at the commit (<see cref="NodeNotices"/>), and none if the transaction is rolled back. PostgreSQL only; SQLite has one
    /// node.
    /// </summary>
    public async Task NotifyAsync(string payload, CancellationToken cancel = default)
    {
        if (_context.Database.IsNpgsql())
            await _context.Database.ExecuteSqlAsync($"SELECT pg_notify({NodeNotices.Channel}, {payload})", cancel);
    }

    /// <summary>
    /// Returns the first column of the rows that no other transaction holds, and holds them from now on: the statement must end in <c>FOR UPDATE SKIP
    /// LOCKED</c>. PostgreSQL only; null on SQLite, where only one transaction at a time can write.
    /// </summary>
    internal async Task<List<T>?> HoldFreeRowsAsync<T>(FormattableString select, CancellationToken cancel = default) =>
        _context.Database.IsNpgsql() ? await _context.Database.SqlQuery<T>(select).ToListAsync(cancel) : null;

    /// <summary>
    /// Executes a statement that EF cannot express, such as insert-or-replace; it must be valid on both databases. Its interpolated values become
    /// parameters, times in the form in which the model stores them.
    /// </summary>
    /// <returns>How many rows it wrote.</returns>
    internal Task<int> ExecuteAsync(FormattableString statement, CancellationToken cancel = default)
    {
        var values = statement.GetArguments().Select(value => value is DateTimeOffset time && _context.Database.IsSqlite() ? time.UtcTicks : value);
        return _context.Database.ExecuteSqlAsync(FormattableStringFactory.Create(statement.Format, [.. values]), cancel);
    }

    /// <summary>Writes and commits everything, then runs the effects that were registered for it.</summary>
    /// <exception cref="DbUpdateException">A constraint or the database refused; nothing was written.</exception>
    public async Task CommitAsync(CancellationToken cancel = default)
    {
        await _context.SaveChangesAsync(cancel);
        foreach (var lastAsync in _lastly) await lastAsync(cancel);
        _lastly.Clear();
        if (_transaction is not null) await _transaction.CommitAsync(cancel);
        IsCommitted = true;
        foreach (var effect in _afterCommit)
        {
            try
            {
                effect();
            }
            catch (Exception failed)
            {
                // The change is committed: the person who acted must not read that it failed.
                _scope.ServiceProvider.GetRequiredService<ILogger<UnitOfWork>>().EffectFailed(failed);
            }
        }
        _afterCommit.Clear();
    }

    /// <summary>Commits, or returns which expected obstacle prevented it. Anything unexpected is thrown.</summary>
    public async Task<CommitOutcome> TryCommitAsync(CancellationToken cancel = default)
    {
        try
        {
            await CommitAsync(cancel);
            return new CommitOutcome.Committed();
        }
        catch (DbUpdateConcurrencyException)
        {
            return new CommitOutcome.SavedMeanwhile();
        }
        catch (DbUpdateException refused) when (UniqueViolation(refused) is { } column)
        {
            return new CommitOutcome.Taken(column);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_transaction is not null) await _transaction.DisposeAsync();
        await _scope.DisposeAsync();
    }

    /// <summary>
    /// Returns the index (PostgreSQL) or the message with the column (SQLite) of a violated unique constraint; null for other failures.
    /// </summary>
    private static string? UniqueViolation(DbUpdateException refused) => refused.InnerException switch
    {
        Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation } postgres => postgres.ConstraintName ?? "",
        Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: 19 } sqlite when sqlite.Message.Contains("UNIQUE", StringComparison.Ordinal) =>
            sqlite.Message,
        _ => null,
    };
}

internal static partial class UnitOfWorkLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "An effect after a commit failed; the commit stands")]
    internal static partial void EffectFailed(this ILogger log, Exception failed);
}

/// <summary>How a commit ended.</summary>
public abstract record CommitOutcome
{
    private CommitOutcome() { }

    public sealed record Committed : CommitOutcome;

    /// <summary>Somebody else saved the same row since it was read.</summary>
    public sealed record SavedMeanwhile : CommitOutcome;

    /// <summary>A value that must be unique is taken.</summary>
    public sealed record Taken(string Constraint) : CommitOutcome
    {
        public bool IsEmail => Constraint.Contains("Email", StringComparison.Ordinal);
    }
}

/// <summary>Opens a <see cref="UnitOfWork"/> for each action.</summary>
public sealed class UnitsOfWork(IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>Opens one with a transaction, for every action that writes.</summary>
    public Task<UnitOfWork> BeginAsync(CancellationToken cancel = default) => UnitOfWork.OpenAsync(scopes, time, transaction: true, cancel);

    /// <summary>Opens one without a transaction, for single reads.</summary>
    public Task<UnitOfWork> ReadAsync(CancellationToken cancel = default) => UnitOfWork.OpenAsync(scopes, time, transaction: false, cancel);
}

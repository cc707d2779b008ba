using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>The configured database, SQLite or PostgreSQL: opens it and names it (docs/spec.md 8.2).</summary>
internal sealed class PortalDatabase
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly bool _postgres;
    private readonly string _connection;
    private readonly DataFolder _folder;
    private readonly string? _file;

    public PortalDatabase(IConfiguration configuration, DataFolder folder)
    {
        _folder = folder;
        var provider = configuration["Database:Provider"] ?? "Sqlite";
        _postgres = provider.Equals("Postgres", StringComparison.OrdinalIgnoreCase);
        if (!_postgres && !provider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase))
            throw new StartRefusedException($"Database:Provider is '{provider}'; it must be Sqlite or Postgres.");
        var configured = configuration.GetConnectionString("Portal");
        if (_postgres && string.IsNullOrWhiteSpace(configured))
            throw new StartRefusedException("Database:Provider is Postgres, but ConnectionStrings:Portal is not set.");
        _connection = string.IsNullOrWhiteSpace(configured) ? $"Data Source={folder.File(null, "portal.db")}" : configured;
        if (_postgres)
        {
            var connection = Postgres("ConnectionStrings:Portal", _connection);
            Place = $"the database {connection.Database ?? connection.Username} on {connection.Host}";
            if (configuration.GetConnectionString("PortalDirect") is { } direct && !string.IsNullOrWhiteSpace(direct))
                Postgres("ConnectionStrings:PortalDirect", direct);
            return;
        }
        var source = Sqlite(_connection);
        // Anything but a plain path (in memory, a file: address) is left to SQLite.
        _file = source.Mode == SqliteOpenMode.Memory || source.DataSource is "" or ":memory:"
            || source.DataSource.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? null
            : Path.GetFullPath(source.DataSource);
        Place = $"the database file {_file ?? source.DataSource}";
    }

    /// <summary>Which database it is, in words for the operator.</summary>
    public string Place { get; }

    /// <summary>Whether there is no database yet, not even an empty one. Always false on PostgreSQL, which reports that itself.</summary>
    public bool IsMissing => _file is not null && !File.Exists(_file);

    /// <summary>
    /// Returns the connection string for receiving notices; null on SQLite. <c>ConnectionStrings:PortalDirect</c> leads past a pooler, if the
    /// operator sets it.
    /// </summary>
    public static string? NoticeConnection(IConfiguration configuration)
    {
        if (!string.Equals(configuration["Database:Provider"], "Postgres", StringComparison.OrdinalIgnoreCase)) return null;
        var direct = configuration.GetConnectionString("PortalDirect");
        var connection = new NpgsqlConnectionStringBuilder(string.IsNullOrWhiteSpace(direct) ? configuration.GetConnectionString("Portal") : direct);
        Bound(connection);
        // Not pooled, and with keep-alive: a dead connection must be noticed although nothing is ever sent on it.
        (connection.Pooling, connection.KeepAlive) = (false, 10);
        return connection.ConnectionString;
    }

    public void Register(IServiceCollection services)
    {
        if (_postgres) services.AddDbContextPool<PortalDbContext, PostgresPortalDbContext>(Options);
        else services.AddDbContextPool<PortalDbContext, SqlitePortalDbContext>(Options);
    }

    public PortalDbContext CreateContext()
    {
        if (_postgres)
        {
            var postgres = new DbContextOptionsBuilder<PostgresPortalDbContext>();
            Options(postgres.UseApplicationServiceProvider(PortalDbContext.SchemaServices));
            return new PostgresPortalDbContext(postgres.Options);
        }
        var sqlite = new DbContextOptionsBuilder<SqlitePortalDbContext>();
        Options(sqlite.UseApplicationServiceProvider(PortalDbContext.SchemaServices));
        return new SqlitePortalDbContext(sqlite.Options);
    }

    /// <summary>
    /// Removes all rights of other accounts from the database's files. SQLite gives files that it creates later the rights of the first.
    /// </summary>
    public void KeepPrivate()
    {
        if (_file is null) return;
        foreach (var file in new[] { _file, _file + "-wal", _file + "-shm" }) _folder.KeepPrivate(file);
    }

    /// <summary>
    /// Takes the lock under which the schema and the key ring are made, so that nodes may start together. The system releases it when a process is
    /// killed.
    /// </summary>
    /// <exception cref="StartRefusedException">The lock cannot be taken.</exception>
    public async Task<IAsyncDisposable> StartLockAsync() => _postgres ? await StartTransactionAsync() : await StartFileAsync();

    private async Task<StartTransaction> StartTransactionAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(_connection) { Pooling = false };
        Bound(settings);
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync();
            // The lock of a transaction, not of a session: a pooler that assigns connections for each transaction would keep a session's lock for
            // ever and block the next start.
            var transaction = await connection.BeginTransactionAsync();
            await HoldAsync(connection);
            return new(connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task HoldAsync(NpgsqlConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandTimeout = (int)StartPatience.TotalSeconds;
        command.CommandText =
            """
            SET LOCAL idle_in_transaction_session_timeout = 0;
            SET LOCAL statement_timeout = 0;
            SET LOCAL lock_timeout = 0;
            SELECT pg_advisory_xact_lock(7305809251)
            """;
        try
        {
            await command.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException waited) when (waited.InnerException is TimeoutException)
        {
            throw new StartRefusedException(
                $"Another node has been starting on {Place} for {StartPatience.TotalMinutes:0} minutes, "
                + "or a connection that an older version left behind holds the lock of the start "
                + "(advisory lock 7305809251, ConnectionStrings:Portal). "
                + "End it, then start again.");
        }
    }

    private async Task<FileStream> StartFileAsync()
    {
        var file = _folder.File(null, "start.lock");
        for (var waited = TimeSpan.Zero; ; waited += LookAgain)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException held) when (IsHeld(held))
            {
                if (waited >= StartPatience)
                {
                    throw new StartRefusedException(
                        $"Another process has been starting in Portal:DataFolder for {StartPatience.TotalMinutes:0} minutes: it holds {file}.");
                }
                await Task.Delay(LookAgain);
            }
            catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
            {
                throw new StartRefusedException(
                    $"The account that the portal runs as cannot write to the folder {_folder.Path} "
                    + $"(Portal:DataFolder): {Outage.OneLine(denied.Message)}");
            }
        }
    }

    /// <summary>
    /// Whether another process holds the file, by the system's own error number: EAGAIN of Linux and macOS, and the two of Windows. No other error
    /// goes away by waiting.
    /// </summary>
    private static bool IsHeld(IOException failure) => failure.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);

    private void Options(DbContextOptionsBuilder options)
    {
        // Timeouts are short: with the libraries' defaults of half a minute, a database that hangs would block every thread.
        // A row limit without an order is no mistake here: it only bounds how many rows are read.
        options.ConfigureWarnings(warnings => warnings
            .Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning)
            // The caller reports these failures; logged here too, each request would add two stack traces while the database is away.
            .Log((CoreEventId.QueryIterationFailed, LogLevel.Debug), (RelationalEventId.ConnectionError, LogLevel.Debug)));
        if (_postgres)
        {
            var connection = new NpgsqlConnectionStringBuilder(_connection);
            Bound(connection);
            options.UseNpgsql(connection.ConnectionString);
        }
        else options.UseSqlite(Bounded(new SqliteConnectionStringBuilder(_connection)));
    }

    private static void Bound(NpgsqlConnectionStringBuilder connection)
    {
        if (!connection.ShouldSerialize("Timeout")) connection.Timeout = 5;
        if (!connection.ShouldSerialize("Command Timeout")) connection.CommandTimeout = 8;
        if (connection.Host?.Contains(',', StringComparison.Ordinal) != true) return;
        // Several servers: the portal writes, so it connects to the primary; and a server that restarts is tried again after one second, not after
        // ten.
        if (!connection.ShouldSerialize("Target Session Attributes")) connection.TargetSessionAttributes = "primary";
        if (!connection.ShouldSerialize("Host Recheck Seconds")) connection.HostRecheckSeconds = 1;
    }

    /// <summary>
    /// Reads a connection string for PostgreSQL. The library's message about a mistyped one is not passed on: it could quote a part of the password.
    /// </summary>
    private static NpgsqlConnectionStringBuilder Postgres(string setting, string text)
    {
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrWhiteSpace(connection.Host) ? throw new StartRefusedException($"{setting} names no Host.") : connection;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw new StartRefusedException(
                $"{setting} is no connection string for PostgreSQL, such as Host=localhost;Database=portal;Username=portal;Password=secret.");
        }
    }

    private static SqliteConnectionStringBuilder Sqlite(string text)
    {
        try
        {
            return new(text);
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw new StartRefusedException(
                "ConnectionStrings:Portal is no connection string for SQLite, such as Data Source=/var/lib/portal/portal.db. "
                + "For PostgreSQL set Database:Provider to Postgres.");
        }
    }

    private static string Bounded(SqliteConnectionStringBuilder connection)
    {
        if (connection.DefaultTimeout == new SqliteConnectionStringBuilder().DefaultTimeout) connection.DefaultTimeout = 8;
        return connection.ConnectionString;
    }

    /// <summary>The connection whose open transaction holds the lock.</summary>
    private sealed class StartTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}

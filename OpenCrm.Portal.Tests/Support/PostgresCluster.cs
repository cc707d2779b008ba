using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// One throwaway PostgreSQL for the whole run, created when the first test asks for a database. A test that stops or restarts the server creates an
/// instance of its own.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, PostgresCluster> Running = new();

    private readonly SemaphoreSlim _gate = new(1, 1);
    private string? _folder;
    private int _port;
    private Process? _server;
    private int _databases;

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        // One at a time: CREATE DATABASE fails while another one copies the same template.
        await _gate.WaitAsync();
        try
        {
            if (_server is null)
                await StartServerAsync();
            var name = string.Create(CultureInfo.InvariantCulture, $"portal_{++_databases}");
            await ExecuteAsync($"CREATE DATABASE {name}");
            // A connection pool outlives its host. Without these settings idle connections stay for five minutes, and later tests run out of
            // connections.
            return ConnectionString(name) + ";Connection Idle Lifetime=2;Connection Pruning Interval=1";
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Returns the cluster of that database if the database is still empty. Null also where the cluster holds only one or two databases: there a copy
    /// costs more than it saves.
    /// </summary>
    internal static async Task<PostgresCluster?> OfUntouchedAsync(string connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        if (connection.Username != "postgres" || !Running.TryGetValue(connection.Port, out var cluster) || cluster._databases < 3) return null;
        return await IsUntouchedAsync(connectionString) ? cluster : null;
    }

    /// <summary>Replaces an empty database with a copy of a database that is no longer in use.</summary>
    internal async Task CopyAsync(string ready, string connectionString)
    {
        var (template, name) = (new NpgsqlConnectionStringBuilder(ready).Database, new NpgsqlConnectionStringBuilder(connectionString).Database);
        // A database cannot be copied while idle connections of a pool are open.
        await CutConnectionsAsync(ready);
        await _gate.WaitAsync();
        try
        {
            await ExecuteAsync($"DROP DATABASE {name} WITH (FORCE)");
            await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs statements in that database as its superuser.</summary>
    public static async Task RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Cuts every connection to that database, as a restarted server or a firewall would.</summary>
    public Task CutConnectionsAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        return ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()");
    }

    /// <summary>Ends all connections at once, as a crash does. Only for a cluster of the test's own.</summary>
    public async Task CrashAsync()
    {
        if (_server is null)
            return;
        await Signals.EndAsync(_server, "QUIT");
        _server = null;
    }

    /// <summary>Starts the server after <see cref="CrashAsync"/>, with the same data at the same address.</summary>
    public async Task StartAgainAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_server is null)
                await StartServerAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CrashAsync();
        Running.TryRemove(_port, out _);
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
        _gate.Dispose();
    }

    private async Task StartServerAsync()
    {
        if (_folder is null)
            await InitializeAsync();
        var start = AsPostgres("postgres",
            "-D", Data, "-p", _port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-k", _folder!,
            // Nothing has to survive a power cut. A crash of the server alone (CrashAsync) loses no commit even with these settings.
            "-c", "fsync=off", "-c", "full_page_writes=off",
            "-c", "max_connections=200", "-c", "shared_buffers=128MB", "-c", "logging_collector=off");
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var said = new ProcessOutput();
        _server = Process.Start(start)!;
        Reaper.Kill(_server);
        Running[_port] = this;
        said.ReadFrom(_server);
        await Eventually.TrueAsync(() => AnswersAsync(said), "PostgreSQL accepts connections");
    }

    private async Task InitializeAsync()
    {
        _folder = Reaper.NewFolder("postgres");
        _port = FreePort.Next();
        if (Environment.UserName == "root")
            (await CommandLineTool.RunAsync("chown", ["postgres", _folder])).OutputOrThrow("chown");
        var made = await CommandLineTool.RunAsync(
            AsPostgres("initdb", "-D", Data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"));
        made.OutputOrThrow("initdb");
    }

    private async Task<bool> AnswersAsync(ProcessOutput said)
    {
        if (_server!.HasExited)
            throw new InvalidOperationException($"PostgreSQL ended:\n{said}");
        try
        {
            await ExecuteAsync("SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task<bool> IsUntouchedAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))
                AND NOT EXISTS (SELECT FROM pg_extension WHERE extname <> 'plpgsql')
                AND NOT EXISTS (SELECT FROM pg_db_role_setting s WHERE s.setdatabase = d.oid)
                AND d.datacl IS NULL
            FROM pg_database d WHERE d.datname = current_database()
            """, connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private string ConnectionString(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database}");

    private string Data => Path.Combine(_folder!, "data");

    // PostgreSQL refuses to run as root. setpriv replaces itself with the program, so its process id is the server's.
    private ProcessStartInfo AsPostgres(string program, params string[] arguments)
    {
        var path = Path.Combine(FoundTools.PostgresBinaries ?? throw new InvalidOperationException("PostgreSQL is not installed"), program);
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = _folder!;
        return start;
    }
}

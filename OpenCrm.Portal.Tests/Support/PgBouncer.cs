using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// A PgBouncer in front of one database, as operators use it: it lends PostgreSQL's connections for a session or for a transaction.
/// </summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private PgBouncer(Process process, string folder, string connection) => (_process, _folder, ConnectionString) = (process, folder, connection);

    /// <summary>The connection string of the database through the pooler.</summary>
    public string ConnectionString { get; }

    /// <param name="mode"><c>session</c> or <c>transaction</c>.</param>
    public static async Task<PgBouncer> StartAsync(string directConnection, string mode)
    {
        var (program, direct, port) = (Needs.PgBouncer(), new NpgsqlConnectionStringBuilder(directConnection), FreePort.Next());
        var folder = Reaper.NewFolder("pgbouncer");
        var settings = Path.Combine(folder, "pgbouncer.ini");
        await File.WriteAllTextAsync(settings, string.Create(CultureInfo.InvariantCulture,
            $"""
            [databases]
            {direct.Database} = host={direct.Host} port={direct.Port} user={direct.Username}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            default_pool_size = 40
            max_client_conn = 200

            """));
        // PgBouncer refuses to run as root. setpriv replaces itself with the program, so its process id is the pooler's.
        var root = Environment.UserName == "root";
        if (root) (await CommandLineTool.RunAsync("chown", ["-R", "postgres", folder])).OutputOrThrow("chown");
        var start = root
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", program, settings])
            : new ProcessStartInfo(program, [settings]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var (said, process) = (new ProcessOutput(), Process.Start(start)!);
        Reaper.Kill(process);
        said.ReadFrom(process);
        var connection = new NpgsqlConnectionStringBuilder(directConnection) { Port = port }.ConnectionString;
        var bouncer = new PgBouncer(process, folder, connection);
        await Eventually.TrueAsync(
            () => process.HasExited
                ? throw new InvalidOperationException($"PgBouncer ended:\n{said}")
                : AnswersAsync(connection),
            "PgBouncer accepts connections");
        return bouncer;
    }

    public async ValueTask DisposeAsync()
    {
        await Signals.EndAsync(_process, "KILL");
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<bool> AnswersAsync(string connectionString)
    {
        try
        {
            await PostgresCluster.RunAsync(connectionString, "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}

using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>
/// A database that was made before v0.1.0. The dumps in <c>Data/FirstRelease</c> are those of databases that the portal of commit 05ac81f made and
/// filled; <c>about.txt</c> there says how.
/// </summary>
internal sealed class EarlierDatabase
{
    private static readonly string[] LaterOnSqlite =
    [
        "20261127225953_UnansweredRequestsAndToldLocks", "20261127230130_HelpRatings", "20261127230242_PendingEnrolments",
        "20261127230352_OutboxRefusals", "20261127231258_NameRules", "20261128000802_WaitingPublicAddress",
    ];

    private static readonly string[] LaterOnPostgres =
    [
        "20261127230003_UnansweredRequestsAndToldLocks", "20261127230134_HelpRatings", "20261127230248_PendingEnrolments",
        "20261127230357_OutboxRefusals", "20261127231313_NameRules", "20261128000823_WaitingPublicAddress",
    ];

    private EarlierDatabase(DatabaseKind kind, PortalSettings settings) => (Kind, Settings) = (kind, settings);

    public DatabaseKind Kind { get; }

    public PortalSettings Settings { get; }

    public StartingNode Node => new(Settings.ToConfiguration(Settings.DataFolder!, null));

    /// <summary>Makes a copy of a database of the first release, with its certificate.</summary>
    public static async Task<EarlierDatabase> OfFirstReleaseAsync(PostgresCluster postgres, DatabaseKind kind)
    {
        var empty = await postgres.NewAsync(kind);
        var settings = empty with { DataFolder = Reaper.NewFolder("data"), Administrator = null, PublicUrl = "http://localhost" };
        var database = new EarlierDatabase(kind, settings);
        await File.WriteAllBytesAsync(database.Node.Certificate, Convert.FromBase64String(await ReadAsync("key-ring.pfx.base64")));
        var dump = await ReadAsync($"{kind}.sql");
        if (kind == DatabaseKind.Postgres) await PostgresCluster.RunAsync(settings.PostgresConnection!, dump);
        else
        {
            await using var connection = new SqliteConnection($"Data Source={Path.Combine(settings.DataFolder!, "portal.db")};Pooling=False");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL;" + dump;
            await command.ExecuteNonQueryAsync();
        }
        return database;
    }

    /// <summary>Makes one of the last commit before v0.1.0, or of one before that which had only so many of the later migrations.</summary>
    public static async Task<EarlierDatabase> OfLastCommitAsync(PostgresCluster postgres, DatabaseKind kind, int migrations = 6)
    {
        var database = await OfFirstReleaseAsync(postgres, kind);
        using var stream = typeof(EarlierSchema).Assembly.GetManifestResourceStream($"Earlier/{kind}.FromFirstRelease.sql")!;
        using var script = new StreamReader(stream);
        await database.RunAsync(await script.ReadToEndAsync());
        foreach (var migration in Later(kind).Take(migrations)) await database.RunAsync(Insert(migration));
        return database;
    }

    /// <summary>
    /// Makes a database of today look like one of the last commit before v0.1.0: its history, and without what later migrations brought.
    /// </summary>
    public static async Task TurnBackAsync(StartingNode node, DatabaseKind kind)
    {
        var first = await ReadAsync($"{kind}.sql");
        await using var context = node.Database.CreateContext();
        await context.Database.ExecuteSqlRawAsync("""ALTER TABLE "Users" DROP COLUMN "Language" """);
        await context.Database.ExecuteSqlRawAsync("""DELETE FROM "__EFMigrationsHistory" """);
        foreach (var line in first.Split('\n').Where(line => line.StartsWith("INSERT", StringComparison.Ordinal)))
            if (line.Contains("__EFMigrationsHistory", StringComparison.Ordinal)) await context.Database.ExecuteSqlRawAsync(line);
        foreach (var migration in Later(kind)) await context.Database.ExecuteSqlRawAsync(Insert(migration));
    }

    public async Task RunAsync(string sql)
    {
        await using var context = Node.Database.CreateContext();
        await context.Database.ExecuteSqlRawAsync(sql);
    }

    /// <summary>
    /// Returns everything that a refused start must leave as it was: the schema, the history, and how many people and events there are.
    /// </summary>
    public async Task<List<string>> LookAsync()
    {
        await using var context = Node.Database.CreateContext();
        var people = await context.Database.SqlQueryRaw<long>("""SELECT count(*) AS "Value" FROM "Users" """).ToListAsync();
        var events = await context.Database.SqlQueryRaw<long>("""SELECT count(*) AS "Value" FROM "AuditTrail" """).ToListAsync();
        return [.. await EarlierSchema.ReadAsync(context), .. await HistoryAsync(), $"{people.Single()} people, {events.Single()} events"];
    }

    public async Task<List<string>> HistoryAsync()
    {
        await using var context = Node.Database.CreateContext();
        return [.. await context.Database.GetAppliedMigrationsAsync()];
    }

    public async Task<List<string>> SchemaAsync()
    {
        await using var context = Node.Database.CreateContext();
        return await EarlierSchema.ReadAsync(context);
    }

    public async Task<int> CountAsync<T>() where T : class
    {
        await using var context = Node.Database.CreateContext();
        return await context.Set<T>().CountAsync();
    }

    /// <summary>Returns the lines of <c>pg_dump</c>, sorted: only the order of columns and things is lost.</summary>
    public static async Task<List<string>> DumpAsync(string connection)
    {
        var database = new Npgsql.NpgsqlConnectionStringBuilder(connection);
        string[] arguments = ["-s", "-h", database.Host!, "-p", $"{database.Port}", "-U", database.Username!, database.Database!];
        var dump = (await CommandLineTool.RunAsync(Path.Combine(Needs.Postgres(), "pg_dump"), arguments)).OutputOrThrow("pg_dump");
        return [.. dump.Split('\n').Select(line => line.TrimEnd(',')).Where(line => !line.StartsWith('\\')).Order(StringComparer.Ordinal)];
    }

    private static string[] Later(DatabaseKind kind) => kind == DatabaseKind.Sqlite ? LaterOnSqlite : LaterOnPostgres;

    private static string Insert(string migration) =>
        $"""INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('{migration}', '10.0.0')""";

    private static Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Data", "FirstRelease", name));
}

using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// A database with its schema, its key ring and the first administrator. A real start makes it once in a run, and every start that is not about
/// making one gets a copy: making it takes ten times as long as the rest of a start. Tests of the making itself set
/// <see cref="PortalSettings.FromNothing"/>.
/// </summary>
internal sealed class ReadyMade
{
    private const string Database = "portal.db", Certificate = "key-ring.pfx";

    /// <summary>For portals in the test process. Their hashes are cheap, the administrator's too.</summary>
    public static readonly ReadyMade ForHosts = new(async settings => await (await PortalHost.StartAsync(settings)).DisposeAsync());

    /// <summary>For published portals.</summary>
    public static readonly ReadyMade ForProcesses = new(async settings =>
    {
        await using var portal = await PortalProcess.StartAsync(settings);
        await portal.StopAsync();
    });

    private static readonly string[] SaidOtherwise = ["ConnectionStrings:", "Database:", "KeyRing:", "Setup:"];

    private readonly Func<PortalSettings, Task> _startOnce;
    private readonly Lazy<Task<string>> _onSqlite;
    private readonly ConcurrentDictionary<PostgresCluster, Lazy<Task<Postgres>>> _onPostgres = new();

    private ReadyMade(Func<PortalSettings, Task> startOnce)
    {
        _startOnce = startOnce;
        _onSqlite = new(() => Task.Run(MakeSqliteAsync));
    }

    /// <summary>
    /// Fills a new data folder, and the empty PostgreSQL database if the settings name one. Fills neither where the start has to make them itself.
    /// </summary>
    public async Task FillAsync(PortalSettings settings, string dataFolder)
    {
        if (settings.FromNothing || settings.DataFolder is not null || settings.Administrator != PortalSettings.FirstAdministrator) return;
        if (settings.Others.Keys.Any(key => SaidOtherwise.Any(start => key.StartsWith(start, StringComparison.OrdinalIgnoreCase)))) return;
        if (settings.PostgresConnection is null)
        {
            var folder = await _onSqlite.Value;
            File.Copy(Path.Combine(folder, Database), Path.Combine(dataFolder, Database));
            File.Copy(Path.Combine(folder, Certificate), Path.Combine(dataFolder, Certificate));
        }
        else if (await PostgresCluster.OfUntouchedAsync(settings.PostgresConnection) is { } cluster)
        {
            var ready = await _onPostgres.GetOrAdd(cluster, _ => new(() => Task.Run(() => MakePostgresAsync(cluster)))).Value;
            await cluster.CopyAsync(ready.Connection, settings.PostgresConnection);
            File.Copy(Path.Combine(ready.Folder, Certificate), Path.Combine(dataFolder, Certificate));
        }
    }

    private async Task<string> MakeSqliteAsync()
    {
        var folder = Reaper.NewFolder("ready");
        await _startOnce(new PortalSettings { DataFolder = folder });
        // A pooled connection keeps part of the database in the write-ahead log, but only the database file is copied. So the log is written back
        // into it.
        await using var database = new SqliteConnection($"Data Source={Path.Combine(folder, Database)};Pooling=False");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        await command.ExecuteNonQueryAsync();
        return folder;
    }

    private async Task<Postgres> MakePostgresAsync(PostgresCluster cluster)
    {
        var folder = Reaper.NewFolder("ready");
        var connection = await cluster.CreateDatabaseAsync();
        await _startOnce(PortalSettings.OnPostgres(connection) with { DataFolder = folder });
        return new(connection, folder);
    }

    private sealed record Postgres(string Connection, string Folder);
}

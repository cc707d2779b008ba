using Microsoft.EntityFrameworkCore;
using Npgsql;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>A database that keeps the portal from starting: one line names the setting and holds no secret, and nothing is changed.</summary>
public sealed class StartRefusalTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Fact]
    public async Task A_server_that_does_not_answer_is_named_by_its_setting()
    {
        var line = await Postgres($"Host=127.0.0.1;Port={FreePort.Next()};Database=portal;Username=portal;Password=topsecret").FindRefusalAsync();

        Assert.Contains("ConnectionStrings:Portal", line, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", line, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_not_made_in_passing()
    {
        Needs.Postgres();
        var missing = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync()) { Database = "no_such_portal" };

        foreach (var who in Enum.GetValues<Migrates>())
        {
            var line = await Postgres(missing.ConnectionString).FindRefusalAsync(who);

            Assert.Contains("no_such_portal", line, StringComparison.Ordinal);
            Assert.Contains("ConnectionStrings:Portal", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_role_that_may_not_create_tables_is_refused_on_an_empty_database_and_works_on_a_migrated_one()
    {
        Needs.Postgres();
        var owner = await postgres.CreateDatabaseAsync();
        await PostgresCluster.RunAsync(owner, "DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        var plain = Postgres(new NpgsqlConnectionStringBuilder(owner) { Username = "plain" }.ConnectionString);

        Assert.Contains("rights", await plain.FindRefusalAsync(), StringComparison.Ordinal);
        var maker = Postgres(owner);
        await maker.OpenAsync();
        await PostgresCluster.RunAsync(
            owner,
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plain; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO plain");
        File.Copy(maker.Certificate, plain.Certificate);
        await plain.OpenAsync();

        Assert.Equal(1, await plain.KeysAsync());
        await PostgresCluster.RunAsync(owner, "DROP OWNED BY plain; DROP ROLE plain");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_schema_that_a_newer_version_made_is_left_alone(DatabaseKind kind)
    {
        var node = await NodeAsync(kind);
        await node.OpenAsync();
        await using (var context = node.Database.CreateContext())
        {
            await context.Database.ExecuteSqlRawAsync(
                """INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('20991231235959_FromTheFuture', '99.0.0')""");
        }

        foreach (var who in Enum.GetValues<Migrates>())
        {
            var line = await node.FindRefusalAsync(who);

            Assert.Contains("20991231235959_FromTheFuture", line, StringComparison.Ordinal);
            Assert.Contains("newer version", line, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_command_changes_no_schema_but_the_one_that_makes_the_first_administrator_makes_it(DatabaseKind kind)
    {
        var node = await NodeAsync(kind);

        Assert.Contains("create-admin", await node.FindRefusalAsync(Migrates.Never), StringComparison.Ordinal);
        if (kind == DatabaseKind.Sqlite) Assert.False(File.Exists(Path.Combine(node.Folder, "portal.db")), "a command made a database");
        await node.OpenAsync(Migrates.OnEmpty);
        await node.OpenAsync(Migrates.Never);
        await EarlierDatabase.TurnBackAsync(node, kind);

        foreach (var who in new[] { Migrates.OnEmpty, Migrates.Never })
            Assert.Contains("older version", await node.FindRefusalAsync(who), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_waits_longer_than_a_page_would()
    {
        Needs.Postgres();
        var database = await postgres.CreateDatabaseAsync();
        await PostgresCluster.RunAsync(
            database,
            """CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL)""");
        await using var other = new NpgsqlConnection(database + ";Pooling=false");
        await other.OpenAsync();
        await using var holding = await other.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("""LOCK TABLE "__EFMigrationsHistory" IN SHARE MODE""", other, holding))
            await hold.ExecuteNonQueryAsync();
        var node = Postgres(database + ";Command Timeout=1");

        var opening = Task.Run(node.OpenAsync);
        await Eventually.TrueAsync(async () => await WaitingForMoreThanAsync(database, seconds: 2) || opening.IsCompleted, "the migration waits");
        await holding.RollbackAsync();
        await opening;

        Assert.Equal(1, await node.KeysAsync());
    }

    [Theory]
    [InlineData("Hots=127.0.0.1;Password=topsecret")]
    [InlineData("postgres://portal:topsecret@127.0.0.1/portal")]
    [InlineData("Database=portal;Password=topsecret")]
    public async Task A_mistyped_connection_string_is_not_repeated(string mistyped)
    {
        foreach (var node in new[] { Postgres(mistyped), Postgres("Host=127.0.0.1").With("ConnectionStrings:PortalDirect", mistyped) })
        {
            var line = await node.FindRefusalAsync();

            Assert.Contains("ConnectionStrings:Portal", line, StringComparison.Ordinal);
            Assert.DoesNotContain("topsecret", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_database_file_that_cannot_be_written_or_is_none_is_named()
    {
        var node = await NodeAsync(DatabaseKind.Sqlite);
        var file = Path.Combine(node.Folder, "kept.db");
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "text.db"), string.Concat(Enumerable.Repeat("This is no database. ", 100)));
        Directory.CreateDirectory(Path.Combine(node.Folder, "folder.db"));
        await node.With("ConnectionStrings:Portal", $"Data Source={file}").OpenAsync();
        await using (var context = node.With("ConnectionStrings:Portal", $"Data Source={file}").Database.CreateContext())
            await context.Database.ExecuteSqlRawAsync("""DELETE FROM "__EFMigrationsHistory" """);

        Assert.Contains(
            "may not write",
            await node.With("ConnectionStrings:Portal", $"Data Source={file};Mode=ReadOnly").FindRefusalAsync(),
            StringComparison.Ordinal);
        Assert.Contains(
            "no database",
            await node.With("ConnectionStrings:Portal", $"Data Source={Path.Combine(node.Folder, "text.db")}").FindRefusalAsync(),
            StringComparison.Ordinal);
        foreach (var nowhere in new[] { Path.Combine(node.Folder, "folder.db"), Path.Combine(node.Folder, "no-such-folder", "portal.db") })
        {
            Assert.Contains(
                nowhere,
                await node.With("ConnectionStrings:Portal", $"Data Source={nowhere}").FindRefusalAsync(),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_or_written_is_named_at_once()
    {
        var node = await NodeAsync(DatabaseKind.Sqlite);
        Directory.CreateDirectory(Path.Combine(node.Folder, "start.lock"));

        Assert.Contains("Portal:DataFolder", await node.FindRefusalAsync().WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
        var file = Path.Combine(node.Folder, "file");
        await File.WriteAllTextAsync(file, "");
        foreach (var impossible in new[] { file, Path.Combine(file, "below"), "/proc/no-such-folder" })
        {
            var line = Assert.Throws<StartRefusedException>(() => Postgres("Host=127.0.0.1").With("Portal:DataFolder", impossible).Database).Message;
            Assert.Contains(impossible, line, StringComparison.Ordinal);
            Assert.Contains("Portal:DataFolder", line, StringComparison.Ordinal);
        }
    }

    private static StartingNode Postgres(string connection) =>
        new(PortalSettings.OnPostgres(connection).ToConfiguration(Reaper.NewFolder("data"), null));

    private async Task<StartingNode> NodeAsync(DatabaseKind kind) =>
        new((await postgres.NewAsync(kind)).ToConfiguration(Reaper.NewFolder("data"), null));

    private static async Task<bool> WaitingForMoreThanAsync(string database, int seconds)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            + $"AND wait_event_type = 'Lock' AND now() - query_start > interval '{seconds} s'",
            connection);
        return (long)(await command.ExecuteScalarAsync())! > 0;
    }
}

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>Creates the schema in an empty database, on both databases, by one or more nodes.</summary>
public sealed class MigrationTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task An_empty_database_gets_the_whole_schema(DatabaseKind kind)
    {
        var node = await NodeAsync(kind);

        await node.OpenAsync();

        await using var context = node.Database.CreateContext();
        Assert.Empty(await context.Database.GetPendingMigrationsAsync());
        Assert.False(context.Database.HasPendingModelChanges());
        Assert.Equal(0, await context.Set<Microsoft.AspNetCore.Identity.IdentityUserPasskey<Guid>>().CountAsync());
        Assert.Equal(5, (await context.Set<SecuritySettings>().SingleAsync()).AttemptsBeforeLock);
        Assert.Null((await context.Set<GeneralSettings>().SingleAsync()).SetUpAt);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Two_people_with_one_username_or_one_address_are_refused_by_the_database_itself(DatabaseKind kind)
    {
        var node = await NodeAsync(kind);
        await node.OpenAsync();
        await AddAsync("ADA", "ADA@EXAMPLE.TEST");

        await Assert.ThrowsAsync<DbUpdateException>(() => AddAsync("ADA", "OTHER@EXAMPLE.TEST"));
        await Assert.ThrowsAsync<DbUpdateException>(() => AddAsync("OTHER", "ADA@EXAMPLE.TEST"));
        await AddAsync("OTHER", "OTHER@EXAMPLE.TEST");

        async Task AddAsync(string name, string email)
        {
            await using var context = node.Database.CreateContext();
            context.Add(new PortalUser
            {
                Id = Guid.NewGuid(),
                UserName = name,
                NormalizedUserName = name,
                Email = email,
                NormalizedEmail = email,
                CreatedAt = DateTimeOffset.UnixEpoch
            });
            await context.SaveChangesAsync();
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Nodes_that_start_together_on_one_empty_database_all_come_up_and_make_one_ring(DatabaseKind kind)
    {
        var node = await NodeAsync(kind);

        await TestAccounts.AtOnceAsync(Enumerable.Range(0, 4).Select(_ => (Func<Task<bool>>)(async () =>
        {
            await node.OpenAsync();
            return true;
        })));

        Assert.Equal(1, await node.KeysAsync());
    }

    [Fact]
    public async Task Nodes_with_folders_of_their_own_and_a_given_certificate_start_together()
    {
        var maker = await NodeAsync(DatabaseKind.Sqlite);
        await maker.OpenAsync();
        var settings = (await postgres.NewAsync(DatabaseKind.Postgres)).With("KeyRing:CertificatePath", maker.Certificate);
        StartingNode[] nodes = [.. Enumerable.Range(0, 3).Select(_ => new StartingNode(settings.ToConfiguration(Reaper.NewFolder("data"), null)))];

        await TestAccounts.AtOnceAsync(nodes.Select(node => (Func<Task<bool>>)(async () =>
        {
            await node.OpenAsync();
            return true;
        })));

        Assert.Equal(1, await nodes[0].KeysAsync());
        Assert.All(nodes, node => Assert.False(File.Exists(node.Certificate)));
    }

    [Fact]
    public async Task A_migration_lock_whose_process_was_killed_is_got_past()
    {
        var node = await NodeAsync(DatabaseKind.Sqlite);
        await node.OpenAsync();
        await using (var context = node.Database.CreateContext())
            await context.Database.ExecuteSqlRawAsync(
                """
                CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsLock" ("Id", "Timestamp") VALUES (1, '2026-01-01 00:00:00');
                """);

        await node.OpenAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(1, await node.KeysAsync());
    }

    [Trait("Category", "Exhaustive")]
    [Fact]
    public async Task SQLite_keeps_a_write_ahead_log_so_that_readers_do_not_wait_for_writers()
    {
        var node = await NodeAsync(DatabaseKind.Sqlite);
        await node.OpenAsync();
        await using var context = node.Database.CreateContext();

        Assert.Equal("wal", (await context.Database.SqlQueryRaw<string>("PRAGMA journal_mode").ToListAsync()).Single());
    }

    [Fact]
    public async Task An_unknown_provider_and_a_missing_connection_are_refused_in_one_line()
    {
        var sqlite = await NodeAsync(DatabaseKind.Sqlite);

        Assert.Contains(
            "Sqlite or Postgres",
            (await Assert.ThrowsAsync<StartRefusedException>(sqlite.With("Database:Provider", "MySql").OpenAsync)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "ConnectionStrings:Portal",
            (await Assert.ThrowsAsync<StartRefusedException>(sqlite.With("Database:Provider", "Postgres").OpenAsync)).Message,
            StringComparison.Ordinal);
    }

    private async Task<StartingNode> NodeAsync(DatabaseKind kind) =>
        new((await postgres.NewAsync(kind)).ToConfiguration(Reaper.NewFolder("data"), null));
}

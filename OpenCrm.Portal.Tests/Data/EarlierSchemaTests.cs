using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>Databases of before v0.1.0, on both databases: they are carried over as a whole, or refused and left as they were.</summary>
public sealed class EarlierSchemaTests(PostgresCluster postgres)
{
    /// <summary>The administrator whom set-up made, the two whose names mean one today, and the demo's people.</summary>
    private const int People = 1 + 2 + 24;

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task What_a_carried_over_database_is_compared_with_is_what_Initial_makes(DatabaseKind kind)
    {
        var node = new StartingNode((await postgres.NewAsync(kind)).ToConfiguration(Reaper.NewFolder("data"), null));
        await using var context = node.Database.CreateContext();
        var initial = context.Database.GetMigrations().First();
        await context.GetService<IMigrator>().MigrateAsync(initial);

        Assert.Equal(EarlierSchema.Expected(context), await EarlierSchema.ReadAsync(context));
        Assert.EndsWith("_Initial", initial, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_database_of_the_first_release_is_carried_over_with_its_people(DatabaseKind kind)
    {
        var database = await EarlierDatabase.OfFirstReleaseAsync(postgres, kind);
        var (events, keys) = (await database.CountAsync<AuditEntry>(), await database.CountAsync<DataProtectionKey>());

        await using (var portal = await PortalHost.StartAsync(database.Settings))
        {
            await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
            var people = await work.Query<PortalUser>().ToListAsync();
            Assert.Equal(People, people.Count);
            // The names are brought under today's rules as well: the event, and one for the account that keeps the name.
            var twins = people.Where(u => u.Email!.EndsWith("@twins.test", StringComparison.Ordinal)).OrderBy(u => u.CreatedAt);
            Assert.Equal(["zoe", "ｚoe-2"], twins.Select(u => u.UserName!));
            Assert.Equal(events + 2, await work.Query<AuditEntry>().CountAsync());
            Assert.Equal(AccountName.Rules, (await work.ReadSettingsAsync<GeneralSettings>()).NameRules);
            // The certificate still opens what is encrypted.
            var authenticators = await work.Query<Authenticator>().ToListAsync();
            Assert.NotEmpty(authenticators);
            Assert.Equal(people.Where(u => u.TwoFactorEnabled).Select(u => u.Id).Order(), authenticators.Select(a => a.UserId).Order());
            Assert.All(authenticators, a => Assert.NotNull(AuthenticatorKeys.Open(work, a).Key));
            Assert.Equal(keys, await work.Query<DataProtectionKey>().CountAsync());
            await using var visitor = CircuitVisitor.At(portal);
            var administrator = PortalSettings.FirstAdministrator;
            Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(administrator.Username, administrator.Password));
        }

        await ExpectCarriedOverAsync(database);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_database_of_the_last_commit_before_v0_1_0_is_carried_over(DatabaseKind kind)
    {
        var database = await EarlierDatabase.OfLastCommitAsync(postgres, kind);

        await database.Node.OpenAsync();

        Assert.Equal(People, await database.CountAsync<PortalUser>());
        await ExpectCarriedOverAsync(database);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_published_portal_starts_on_a_database_of_the_first_release_twice_and_a_command_waits_for_it(DatabaseKind kind)
    {
        var database = await EarlierDatabase.OfFirstReleaseAsync(postgres, kind);
        await using var portal = new PortalProcess(database.Settings with { PublicUrl = null });
        var before = await database.LookAsync();
        var early = await portal.RunCommandAsync(["users"]);
        Assert.Equal(1, early.ExitCode);
        Assert.Contains("older version", early.Errors, StringComparison.Ordinal);
        Assert.Equal(before, await database.LookAsync());

        await portal.StartAgainAsync();
        await portal.StopAsync();
        var once = await database.LookAsync();
        await portal.StartAgainAsync();
        await portal.StopAsync();

        Assert.Equal(once, await database.LookAsync());
        await ExpectCarriedOverAsync(database);
        var users = (await portal.RunCommandAsync(["users"])).OutputOrThrow("users");
        Assert.Equal(People, users.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Nodes_that_start_together_carry_it_over_once(DatabaseKind kind)
    {
        var database = await EarlierDatabase.OfFirstReleaseAsync(postgres, kind);

        await TestAccounts.AtOnceAsync(Enumerable.Range(0, 3).Select(_ => (Func<Task<bool>>)(async () =>
        {
            await database.Node.OpenAsync();
            return true;
        })));

        await ExpectCarriedOverAsync(database);
    }

    [Theory]
    [InlineData("""DROP INDEX "IX_Users_Administrators_State" """, "the index IX_Users_Administrators_State of Users is missing")]
    [InlineData("""DROP TRIGGER "AuditTrailNoDelete" """, "the trigger AuditTrailNoDelete of AuditTrail is missing")]
    [InlineData("""DROP INDEX "EmailIndex"; CREATE INDEX "EmailIndex" ON "Users" ("NormalizedEmail")""", "the index EmailIndex of Users is")]
    [InlineData("""ALTER TABLE "Users" ADD "Nickname" TEXT""", "the column Nickname of Users does not belong there")]
    [InlineData("""DROP INDEX "IX_MailedLinkRequests_At_Id" """, "no such index: IX_MailedLinkRequests_At_Id")]
    [InlineData("""ALTER TABLE "GeneralSettings" ADD "NameRules" INTEGER""", "duplicate column name: NameRules")]
    public Task On_SQLite_a_schema_that_was_changed_by_hand_is_named_and_left_as_it_was(string change, string difference) =>
        ExpectRefusalAsync(DatabaseKind.Sqlite, change, difference);

    [Theory]
    [InlineData("""DROP INDEX "IX_Users_Administrators_State" """, "the index IX_Users_Administrators_State of Users is missing")]
    [InlineData("""DROP TRIGGER "AuditTrailAppendOnly" ON "AuditTrail" """, "the trigger AuditTrailAppendOnly of AuditTrail is missing")]
    [InlineData("""ALTER TABLE "AuditTrail" DISABLE TRIGGER "AuditTrailAppendOnly" """, "the trigger AuditTrailAppendOnly of AuditTrail is")]
    [InlineData("""ALTER TABLE "Users" ALTER "Name" DROP NOT NULL""", "the column Name of Users is \"character varying(100)\" instead of")]
    [InlineData("""ALTER TABLE "AspNetUserClaims" DROP CONSTRAINT "FK_AspNetUserClaims_Users_UserId" """, "FK_AspNetUserClaims_Users_UserId")]
    [InlineData("""DROP INDEX "IX_MailedLinkRequests_At_Id" """, "IX_MailedLinkRequests_At_Id")]
    public Task On_PostgreSQL_a_schema_that_was_changed_by_hand_is_named_and_left_as_it_was(string change, string difference) =>
        ExpectRefusalAsync(DatabaseKind.Postgres, change, difference);

    [Theory, MemberData(nameof(Both))]
    public async Task Tables_of_others_and_a_missing_index_for_searching_are_none_of_its_business(DatabaseKind kind)
    {
        var database = await EarlierDatabase.OfFirstReleaseAsync(postgres, kind);
        await database.RunAsync(
            """
            CREATE TABLE "Theirs" ("Id" integer PRIMARY KEY, "Before" integer REFERENCES "Theirs");
            DROP INDEX IF EXISTS "IX_Users_SearchText"
            """);

        await database.Node.OpenAsync();

        Assert.EndsWith("_Initial", (await database.HistoryAsync())[0], StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_carry_over_that_breaks_off_at_its_last_statement_leaves_everything_as_it_was_and_the_next_start_does_it(DatabaseKind kind)
    {
        var database = await EarlierDatabase.OfFirstReleaseAsync(postgres, kind);
        var before = await database.LookAsync();
        await database.RunAsync(kind == DatabaseKind.Sqlite
            ? """CREATE TRIGGER "Broken" BEFORE INSERT ON "__EFMigrationsHistory" BEGIN SELECT RAISE(ABORT, 'it breaks off'); END"""
            : """ALTER TABLE "__EFMigrationsHistory" ADD CONSTRAINT "Broken" CHECK ("ProductVersion" = '') NOT VALID""");

        Assert.Contains(kind == DatabaseKind.Sqlite ? "it breaks off" : "Broken", await database.Node.FindRefusalAsync(), StringComparison.Ordinal);

        await database.RunAsync(kind == DatabaseKind.Sqlite
            ? """DROP TRIGGER "Broken" """
            : """ALTER TABLE "__EFMigrationsHistory" DROP CONSTRAINT "Broken" """);
        Assert.Equal(before, await database.LookAsync());
        await database.Node.OpenAsync();
        await ExpectCarriedOverAsync(database);
    }

    [Fact]
    public async Task A_portal_that_is_killed_while_it_carries_over_leaves_everything_as_it_was_and_the_next_start_does_it()
    {
        Needs.Postgres();
        var database = await EarlierDatabase.OfFirstReleaseAsync(postgres, DatabaseKind.Postgres);
        var before = await database.LookAsync();
        await using var portal = new PortalProcess(database.Settings with { PublicUrl = null });
        // Another one reads the history: the difference has been made and judged when the portal comes to write there.
        await using (var other = new NpgsqlConnection(database.Settings.PostgresConnection + ";Pooling=false"))
        {
            await other.OpenAsync();
            await using var holding = await other.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("""LOCK TABLE "__EFMigrationsHistory" IN SHARE MODE""", other, holding);
            await hold.ExecuteNonQueryAsync();
            await portal.StartUnwatchedAsync();
            await Eventually.TrueAsync(() => WaitsAsync(database.Settings.PostgresConnection!), "the portal waits for the history");
            await portal.KillAsync();
        }

        await Eventually.TrueAsync(async () => !await WaitsAsync(database.Settings.PostgresConnection!), "the server has noticed");
        Assert.Equal(before, await database.LookAsync());
        await portal.StartAgainAsync();
        await portal.StopAsync();
        await ExpectCarriedOverAsync(database);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_database_of_a_commit_in_between_is_told_which_version_to_start_first(DatabaseKind kind)
    {
        foreach (var migrations in new[] { 1, 5 })
        {
            var database = await EarlierDatabase.OfLastCommitAsync(postgres, kind, migrations);
            var before = await database.LookAsync();

            foreach (var who in Enum.GetValues<Migrates>())
            {
                var line = await database.Node.FindRefusalAsync(who);

                Assert.Contains($"commit {EarlierSchema.LastCommit}", line, StringComparison.Ordinal);
                Assert.Contains(before.Last(entry => entry.StartsWith("2026", StringComparison.Ordinal)), line, StringComparison.Ordinal);
            }
            Assert.Equal(before, await database.LookAsync());
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_command_carries_nothing_over(DatabaseKind kind)
    {
        foreach (var last in new[] { false, true })
        {
            var database = last ? await EarlierDatabase.OfLastCommitAsync(postgres, kind) : await EarlierDatabase.OfFirstReleaseAsync(postgres, kind);
            var before = await database.LookAsync();

            foreach (var who in new[] { Migrates.OnEmpty, Migrates.Never })
                Assert.Contains("older version", await database.Node.FindRefusalAsync(who), StringComparison.Ordinal);
            Assert.Equal(before, await database.LookAsync());
        }
    }

    [Fact]
    public async Task A_role_that_may_not_change_the_schema_is_told_so_and_works_once_the_owner_has_carried_it_over()
    {
        Needs.Postgres();
        var database = await EarlierDatabase.OfFirstReleaseAsync(postgres, DatabaseKind.Postgres);
        var owner = database.Settings.PostgresConnection!;
        await PostgresCluster.RunAsync(owner, "DROP ROLE IF EXISTS humble; CREATE ROLE humble LOGIN");
        await GrantAsync();
        var connection = new NpgsqlConnectionStringBuilder(owner) { Username = "humble" };
        var humble = database.Node.With("ConnectionStrings:Portal", connection.ConnectionString);
        var before = await database.LookAsync();

        Assert.Contains("rights", await humble.FindRefusalAsync(), StringComparison.Ordinal);
        Assert.Equal(before, await database.LookAsync());
        await database.Node.OpenAsync();
        await GrantAsync();
        await humble.OpenAsync();

        await PostgresCluster.RunAsync(owner, "DROP OWNED BY humble; DROP ROLE humble");
        await ExpectCarriedOverAsync(database);

        Task GrantAsync() => PostgresCluster.RunAsync(
            owner,
            """
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO humble;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO humble
            """);
    }

    private async Task ExpectRefusalAsync(DatabaseKind kind, string change, string difference)
    {
        var database = await EarlierDatabase.OfFirstReleaseAsync(postgres, kind);
        await database.RunAsync(change);
        var before = await database.LookAsync();

        var line = await database.Node.FindRefusalAsync();

        Assert.Contains(difference, line, StringComparison.Ordinal);
        Assert.Contains(database.Node.Database.Place, line, StringComparison.Ordinal);
        Assert.Contains("restore a backup", line, StringComparison.Ordinal);
        Assert.Equal(before, await database.LookAsync());
    }

    /// <summary>Nothing tells the database from one that today's version made.</summary>
    private async Task ExpectCarriedOverAsync(EarlierDatabase database)
    {
        var fresh = (await postgres.NewAsync(database.Kind)) with { DataFolder = Reaper.NewFolder("data") };
        var node = new StartingNode(fresh.ToConfiguration(fresh.DataFolder!, null));
        await node.OpenAsync();
        await using var context = node.Database.CreateContext();

        Assert.Equal(await EarlierSchema.ReadAsync(context), await database.SchemaAsync());
        var history = await database.HistoryAsync();
        Assert.Equal([.. await context.Database.GetAppliedMigrationsAsync()], history);
        Assert.EndsWith("_Initial", history[0], StringComparison.Ordinal);
        if (database.Kind == DatabaseKind.Postgres)
            Assert.Equal(
                await EarlierDatabase.DumpAsync(fresh.PostgresConnection!),
                await EarlierDatabase.DumpAsync(database.Settings.PostgresConnection!));
    }

    private static async Task<bool> WaitsAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%"__EFMigrationsHistory"%'
            """, connection);
        return (long)(await command.ExecuteScalarAsync())! > 0;
    }
}

using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>Which errors of the real databases mean that the database is away, and which only that a row is refused.</summary>
public sealed class DatabaseFaultTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when every failure of a database counts as an outage.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_row_that_is_refused_is_no_absence(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        var ada = await host.AddPersonAsync();
        await using var work = await host.BeginAsync();
        work.Add(new PortalUser
        {
            Id = ada.Id,
            UserName = "twin",
            NormalizedUserName = "TWIN",
            Email = "twin@example.test",
            NormalizedEmail = "TWIN@EXAMPLE.TEST",
            Name = "Twin",
            NormalizedName = "TWIN",
            SecurityStamp = "x"
        });

        Assert.False(IsAway(await Assert.ThrowsAnyAsync<DbUpdateException>(() => work.CommitAsync())));
        Assert.False(IsAway(new ArgumentException("Invalid Unicode code point found")));
    }

    /// <summary>Red when only a refused connection counts as an outage.</summary>
    [Fact]
    public async Task A_cut_connection_a_server_that_is_gone_and_a_deadlock_are_absence_on_PostgreSQL()
    {
        Needs.Postgres();
        await using var cluster = new PostgresCluster();
        var connection = await cluster.CreateDatabaseAsync();
        await using var host = await PortalHost.StartAsync(PortalSettings.OnPostgres(connection));
        var (ada, bob) = (await host.AddPersonAsync(), await host.AddPersonAsync("bob"));
        await using (var work = await host.BeginAsync())
        {
            await cluster.CutConnectionsAsync(connection);
            Assert.True(IsAway(await Assert.ThrowsAnyAsync<Exception>(() => work.Query<PortalUser>().CountAsync())));
        }
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await host.CountAsync<PortalUser>() > 0;
            }
            catch (Exception cut) when (IsAway(cut))
            {
                // Another connection of the pool that was cut as well.
                return false;
            }
        }, "the pool is whole again");
        await using (var one = await host.BeginAsync())
        await using (var other = await host.BeginAsync())
        {
            await one.Users.HoldAsync(ada.Id);
            await other.Users.HoldAsync(bob.Id);
            var crossed = new[] { FailureAsync(() => one.Users.HoldAsync(bob.Id)), FailureAsync(() => other.Users.HoldAsync(ada.Id)) };
            Assert.True(IsAway(Assert.Single((await Task.WhenAll(crossed)).OfType<Exception>())));
        }

        await cluster.CrashAsync();
        await using var scope = host.Services.CreateAsyncScope();
        Assert.True(IsAway(await Assert.ThrowsAnyAsync<Exception>(
            () => scope.ServiceProvider.GetRequiredService<PortalDbContext>().Set<PortalUser>().CountAsync())));
    }

    [Fact]
    public async Task Another_writer_of_the_file_is_absence_on_SQLite()
    {
        await using var host = await PortalHost.StartAsync(new PortalSettings().With(
            "ConnectionStrings:Portal",
            $"Data Source={Path.Combine(Reaper.NewFolder("busy"), "portal.db")};Default Timeout=1"));
        var ada = await host.AddPersonAsync();
        await using var writing = await host.BeginAsync();
        await writing.Users.HoldAsync(ada.Id);

        Assert.True(IsAway(await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var other = await host.BeginAsync();
            await other.Users.HoldAsync(ada.Id);
        })));
    }

    /// <summary>Red when a damaged file is counted against the row that a worker is processing.</summary>
    [Fact]
    public async Task A_damaged_file_is_absence_on_SQLite_for_workers_too()
    {
        var file = Path.Combine(Reaper.NewFolder("damaged"), "portal.db");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("This is no database. ", 100)));
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master";

        Assert.True(IsAway(await Assert.ThrowsAsync<SqliteException>(async () =>
        {
            await connection.OpenAsync();
            await command.ExecuteScalarAsync();
        })));
    }

    /// <summary>Red when pages and workers do not use the same list, and when a worker takes a row that is locked for long for an outage.</summary>
    [Theory]
    [InlineData(PostgresErrorCodes.DeadlockDetected, true, true)]
    [InlineData(PostgresErrorCodes.LockNotAvailable, true, true)]
    [InlineData(PostgresErrorCodes.InvalidCatalogName, true, true)]
    [InlineData(PostgresErrorCodes.InvalidPassword, true, true)]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, true, true)]
    [InlineData(PostgresErrorCodes.AdminShutdown, true, true)]
    [InlineData(PostgresErrorCodes.QueryCanceled, true, false)]
    [InlineData(PostgresErrorCodes.UniqueViolation, false, false)]
    public void Pages_and_workers_judge_alike_but_for_time_that_ran_out(string state, bool page, bool worker)
    {
        var failed = new DbUpdateException("not written", new PostgresException("x", "ERROR", "ERROR", state));
        Assert.Equal((page, worker), (Outage.IsOne(failed), Outage.IsOne(failed, timeouts: false)));
        var late = new NpgsqlException("late", new TimeoutException());
        Assert.Equal((true, false), (Outage.IsOne(late), Outage.IsOne(late, timeouts: false)));
    }

    private static bool IsAway(Exception failed) => Outage.IsOne(failed, timeouts: false);

    private static async Task<Exception?> FailureAsync(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (Exception failed)
        {
            return failed;
        }
    }
}

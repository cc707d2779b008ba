using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Sessions;

/// <summary>Two nodes on one PostgreSQL behind a real PgBouncer, in each way of lending connections (docs/spec.md 5.3).</summary>
[Collection(Alone.Name)]
public sealed class PoolerTests(PostgresCluster postgres)
{
    /// <summary>A second, plus what a busy machine adds.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2.5);

    [Theory]
    [InlineData("session", false, NoticeState.Hearing)]
    [InlineData("transaction", false, NoticeState.Deaf)]
    [InlineData("transaction", true, NoticeState.Hearing)]
    public async Task An_ended_session_s_page_leaves_on_the_other_node_within_a_second_or_so(string mode, bool direct, NoticeState state)
    {
        Needs.Postgres();
        var database = await postgres.CreateDatabaseAsync();
        await using var bouncer = await PgBouncer.StartAsync(database, mode);
        var settings = PortalSettings.OnPostgres(bouncer.ConnectionString) with { PublicUrl = "http://localhost" };
        if (direct) settings = settings.With("ConnectionStrings:PortalDirect", database);
        await using var a = await PortalHost.StartAsync(settings, replace: InRealTime);
        await using var b = await PortalHost.StartAsync(TwoNodes.BesideSettings(a, settings), replace: InRealTime);
        var person = await a.AddPersonAsync();
        await using var onA = await OpenCircuit.SignedInAsync(a, person.Username, person.Password);
        await using var onB = await onA.OpenAtAsync(b);
        foreach (var node in new[] { a, b })
            await Eventually.TrueAsync(() => Notices(node).State == state, $"the node is {state}");

        await using (var work = await a.BeginAsync())
        {
            await a.Services.GetRequiredService<SessionEnding>()
                .EndOneAsync(work, person.Id, onA.Person().SessionId!.Value, SessionEnd.EndedByAdministrator);
            await work.CommitAsync();
        }
        var waited = Stopwatch.StartNew();
        await Eventually.TrueAsync(() => onB.Person().EndedBy is SessionEnd.EndedByAdministrator, "the page on the other node left");

        Assert.True(waited.Elapsed < AtOnce, $"after {waited.Elapsed.TotalSeconds:0.0} s");
        var said = b.Services.GetFakeLogCollector().GetSnapshot()
            .Where(line => line.Message.Contains("ConnectionStrings:PortalDirect", StringComparison.Ordinal)).ToList();
        Assert.Equal(state is NoticeState.Deaf ? 1 : 0, said.Count);
        var health = (await b.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["notices"];
        Assert.Equal(state is NoticeState.Deaf ? HealthStatus.Degraded : HealthStatus.Healthy, health.Status);
        Assert.Equal(state.ToString(), health.Data["notices"]);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task The_lock_of_a_start_ends_with_it_and_does_not_stay_behind_in_the_pooler(string mode)
    {
        Needs.Postgres();
        var database = await postgres.CreateDatabaseAsync();
        await using var bouncer = await PgBouncer.StartAsync(database, mode);
        var node = new StartingNode(PortalSettings.OnPostgres(bouncer.ConnectionString).ToConfiguration(Reaper.NewFolder("data"), null));

        var held = await node.Database.StartLockAsync();
        var next = node.Database.StartLockAsync();
        await Eventually.TrueAsync(async () => await LocksAsync(database) == 2, "the second start waits for the first");
        Assert.False(next.IsCompleted);
        await held.DisposeAsync();
        await (await next.WaitAsync(TimeSpan.FromSeconds(20))).DisposeAsync();

        Assert.Equal(0, await LocksAsync(database));
    }

    [Fact]
    public async Task A_direct_line_that_is_wrong_is_told_by_its_setting_and_pages_leave_all_the_same()
    {
        Needs.Postgres();
        var other = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        var settings = PortalSettings.OnPostgres(await postgres.CreateDatabaseAsync()) with { PublicUrl = "http://localhost" };
        // Another database of the same server accepts LISTEN, but gets no notices of this one.
        await using var host = await PortalHost.StartAsync(
            settings.With("ConnectionStrings:PortalDirect", other.ConnectionString),
            replace: InRealTime);

        await Eventually.TrueAsync(() => Notices(host).State == NoticeState.Deaf, "the node knows that it hears nothing");

        Assert.Contains(
            host.Services.GetFakeLogCollector().GetSnapshot(),
            line => line.Message.Contains("ConnectionStrings:PortalDirect", StringComparison.Ordinal));
    }

    private static NodeNotices Notices(PortalHost host) => host.Services.GetRequiredService<NodeNotices>();

    private static void InRealTime(IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
    }

    private static async Task<long> LocksAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            + "WHERE l.locktype = 'advisory' AND d.datname = current_database()",
            connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}

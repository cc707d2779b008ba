using System.Diagnostics;
using System.Net;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>The database goes away and comes back: what people and probes see in between, and how soon the portal recovers.</summary>
[Collection(Alone.Name)]
public sealed class OutageTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Health_is_back_within_three_seconds_after_a_restart_and_after_terminated_connections(bool severalHosts)
    {
        Needs.Postgres();
        await using var cluster = new PostgresCluster();
        var direct = await cluster.CreateDatabaseAsync();
        var connection = new NpgsqlConnectionStringBuilder(direct);
        var settings = PortalSettings.OnPostgres(severalHosts ? WithSecondHost(connection) : direct) with { PublicUrl = "http://localhost" };
        await using var host = await PortalHost.StartAsync(settings, replace: services => services.AddSingleton(TimeProvider.System));
        using var probe = host.CreateClient();
        var notices = host.Services.GetRequiredService<NodeNotices>();
        await Eventually.TrueAsync(() => notices.Hears, "the node hears");

        await cluster.CutConnectionsAsync(direct);
        await HealsAsync("terminated connections");
        await cluster.CrashAsync();
        await Eventually.TrueAsync(async () => await ReadyAsync() == HttpStatusCode.ServiceUnavailable, "the probe says that the database is away");
        await cluster.StartAgainAsync();
        await HealsAsync("a restart");

        async Task HealsAsync(string after)
        {
            var waited = Stopwatch.StartNew();
            await Eventually.TrueAsync(async () => await ReadyAsync() == HttpStatusCode.OK, $"health after {after}");
            Assert.True(waited.Elapsed < Soon, $"{after}: {waited.Elapsed.TotalSeconds:0.0} s");
            await Eventually.TrueAsync(() => notices.Hears, $"other nodes are heard after {after}");
        }

        async Task<HttpStatusCode> ReadyAsync()
        {
            using var answer = await probe.GetAsync(PortalUrls.Ready);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task While_the_database_is_away_pages_say_so_files_and_the_live_probe_answer_and_nobody_is_signed_out()
    {
        Needs.Postgres();
        await using var cluster = new PostgresCluster();
        var settings = PortalSettings.OnPostgres(await cluster.CreateDatabaseAsync()) with { PublicUrl = "http://localhost" };
        await using var host = await PortalHost.StartAsync(settings);
        var person = await host.AddPersonAsync();
        await using var signedIn = await OpenCircuit.SignedInAsync(host, person.Username, person.Password);
        await using var stranger = CircuitVisitor.At(host);
        using (var before = await signedIn.GetAsync(PortalUrls.Home)) Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        await cluster.CrashAsync();

        foreach (var (visitor, address) in new[]
        {
            (signedIn, PortalUrls.Home), (signedIn, PortalUrls.SignIn),
            (stranger, PortalUrls.SignIn), (signedIn, "/no-such-page"),
            (signedIn, PortalUrls.UsersExport)
        })
        {
            using var page = await visitor.GetAsync(address);
            var text = await page.Content.ReadAsStringAsync();
            Assert.True(page.StatusCode == HttpStatusCode.ServiceUnavailable, $"{address}: {page.StatusCode}");
            Assert.Contains("<h1>The portal is not available at the moment</h1>", text, StringComparison.Ordinal);
            Assert.Contains("name=\"robots\" content=\"noindex\"", text, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(30), page.Headers.RetryAfter!.Delta);
            Assert.True(page.Headers.CacheControl!.NoStore);
            Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        }
        using (var german = host.CreateClient())
        {
            german.DefaultRequestHeaders.Add("Accept-Language", "de-AT,en;q=0.5");
            var text = await (await german.GetAsync(PortalUrls.SignIn)).Content.ReadAsStringAsync();
            Assert.Contains("<html lang=\"de\"", text, StringComparison.Ordinal);
            Assert.DoesNotContain("not available", text, StringComparison.Ordinal);
        }
        foreach (var address in new[] { "/OpenCrm.Portal.styles.css", "/start.js", "/_framework/blazor.web.js", PortalUrls.Live })
        {
            using var file = await signedIn.GetAsync(address);
            Assert.True(file.StatusCode == HttpStatusCode.OK, $"{address}: {file.StatusCode}");
        }
        // One line for all of them, and no stack trace beside it.
        var errors = host.Services.GetFakeLogCollector().GetSnapshot();
        Assert.Single(
            errors,
            line => line.Message.Contains("ConnectionStrings:Portal", StringComparison.Ordinal)
                && line.Category == "OpenCrm.Portal.Shell.Http.LastPage");
        Assert.DoesNotContain(
            errors,
            line => line.Category!.Contains("ExceptionHandler", StringComparison.Ordinal)
                || line.Category.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal));
        Assert.True(await StillValidAsync(signedIn.Person()), "the open page's person was signed out");

        await cluster.StartAgainAsync();
        await Eventually.TrueAsync(async () =>
        {
            using var after = await signedIn.GetAsync(PortalUrls.Home);
            return after.StatusCode == HttpStatusCode.OK
                && (await after.Content.ReadAsStringAsync()).Contains(person.Username, StringComparison.Ordinal);
        }, "the page stands again, for the same person");
    }

    /// <summary>
    /// Red when the query for the open pages swallows its own failure: the worker then counts as having finished a round in which it did nothing.
    /// </summary>
    [Fact]
    public async Task A_worker_that_cannot_ask_for_the_open_pages_shows_until_it_can_again()
    {
        Needs.Postgres();
        await using var cluster = new PostgresCluster();
        var settings = PortalSettings.OnPostgres(await cluster.CreateDatabaseAsync()) with { PublicUrl = "http://localhost" };
        await using var host = await PortalHost.StartAsync(settings);
        await using var page = await Seat.TakeAsync(host, await host.AddPersonAsync());

        await cluster.CrashAsync();

        await TicksUntilAsync(worker => worker.Failures > 0, "it failed");
        await TicksUntilAsync(worker => worker.IsStuck, "a minute of it shows");
        using (var probe = host.CreateClient())
        using (var answer = await probe.GetAsync(PortalUrls.Ready))
        {
            Assert.Matches(
                "\"revocations\":\\{\"secondsSinceRound\":[0-9]+,\"failures\":[1-9][0-9]*,\"stuck\":true",
                await answer.Content.ReadAsStringAsync());
        }
        await cluster.StartAgainAsync();
        await TicksUntilAsync(worker => worker is { Failures: 0, IsStuck: false }, "it heals by itself");

        Task TicksUntilAsync(Func<WorkerState, bool> condition, string what) => Eventually.TrueAsync(
            () =>
            {
                host.Advance(TimeSpan.FromSeconds(1));
                return condition(host.Services.GetRequiredService<WorkerRounds>().States().Single(worker => worker.Worker == "revocations"));
            }, what);
    }

    /// <summary>Asks what the framework asks every half minute: false, or an exception, signs the person out of the open page.</summary>
    private static async Task<bool> StillValidAsync(PortalAuthenticationStateProvider person)
    {
        var asked = typeof(PortalAuthenticationStateProvider).GetMethod(
            "ValidateAuthenticationStateAsync",
            BindingFlags.Instance | BindingFlags.NonPublic)!;
        var state = await person.GetAuthenticationStateAsync();
        return await (Task<bool>)asked.Invoke(person, [state, CancellationToken.None])!;
    }

    private static string WithSecondHost(NpgsqlConnectionStringBuilder connection) =>
        new NpgsqlConnectionStringBuilder(connection.ConnectionString)
        {
            Host = $"{connection.Host}:{connection.Port},127.0.0.1:{FreePort.Next()}"
        }.ConnectionString;
}

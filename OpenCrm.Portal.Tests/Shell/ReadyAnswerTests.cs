using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>What probes learn about the workers and about what is waiting (docs/spec.md 8.5).</summary>
public sealed class ReadyAnswerTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when the answer is a single word.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task It_tells_how_each_worker_and_each_queue_stands(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));

        var (status, answer) = await ReadyAsync(host);

        Assert.Equal((HttpStatusCode.OK, "Healthy"), (status, answer.GetProperty("status").GetString()));
        var checks = answer.GetProperty("checks");
        Assert.Equal("Healthy", checks.GetProperty("database").GetProperty("status").GetString());
        Assert.Equal((0, 0, 0), Requests(answer));
        Assert.Empty(checks.GetProperty("outbox").GetProperty("data").EnumerateObject());
        string[] workers =
        [
            "MFA reminders", "day counting", "housekeeping", "mailed links", "mfa removals", "outbox dispatcher", "outbox watch", "revocations",
            "session clock",
            "user import",
        ];
        if (kind == DatabaseKind.Postgres) workers = [.. workers, "notices"];
        Assert.Equal(
            workers.Order(StringComparer.Ordinal),
            checks.GetProperty("workers").GetProperty("data").EnumerateObject().Select(worker => worker.Name));
        Assert.All(
            checks.GetProperty("workers").GetProperty("data").EnumerateObject(),
            worker => Assert.False(worker.Value.GetProperty("stuck").GetBoolean(), worker.Name));
    }

    /// <summary>Red when rows that strangers write decide about the status.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Requests_that_fail_are_counted_and_make_nothing_worse(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        await AddAsync(host, 20);
        await Eventually.TrueAsync(
            async () => await host.CountAsync<MailedLinkRequest>(requests => requests.Where(r => r.Attempts == 1)) == 20,
            "each was tried");
        host.Clock.AdjustTime(host.Now + TimeSpan.FromSeconds(200));

        var (status, answer) = await ReadyAsync(host);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("Healthy", answer.GetProperty("checks").GetProperty("mailedLinks").GetProperty("status").GetString());
        var (waiting, oldest, putAside) = Requests(answer);
        Assert.Equal(20, waiting + putAside);
        if (waiting > 0) Assert.True(oldest >= 200);
    }

    /// <summary>Red when nothing checks what is waiting, and when a stuck worker makes the portal unavailable to people who sign in.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_worker_that_does_not_get_on_shows_and_the_portal_stays_ready(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind), replace: services =>
            services.Remove(services.Single(
                service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(MailedLinkWorker))));
        var rounds = host.Services.GetRequiredService<WorkerRounds>();
        rounds.Starts("a worker that hangs", within: TimeSpan.FromMinutes(10));
        await AddAsync(host, 1);
        Assert.Equal((0, 0, 0), Requests((await ReadyAsync(host)).Answer));
        host.Advance(TimeSpan.FromMinutes(11));

        var (status, answer) = await ReadyAsync(host);

        Assert.Equal((HttpStatusCode.OK, "Degraded"), (status, answer.GetProperty("status").GetString()));
        Assert.Equal("Degraded", answer.GetProperty("checks").GetProperty("mailedLinks").GetProperty("status").GetString());
        var (waiting, oldest, _) = Requests(answer);
        Assert.Equal((1, true), (waiting, oldest >= 11 * 60));
        Assert.True(
            answer.GetProperty("checks").GetProperty("workers").GetProperty("data")
                .GetProperty("a worker that hangs").GetProperty("stuck").GetBoolean());
        rounds.CameRound("a worker that hangs");
        Assert.False(rounds.States().Single(state => state.Worker == "a worker that hangs").IsStuck);
    }

    /// <summary>
    /// Red when the answer counts the mails that wait. While the mail server is down, one mail more after a request for a link shows that the name
    /// exists.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task While_mail_is_down_it_answers_the_same_whosever_link_was_asked_for_and_the_metric_counts(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(
            (await postgres.NewAsync(kind))
                .With("Mail:Smtp:Host", "127.0.0.1")
                .With("Mail:Smtp:Port", FreePort.Next().ToString(CultureInfo.InvariantCulture)));
        using var metric = new MetricCollector<int>(host.Services.GetRequiredService<IMeterFactory>(), "OpenCrm.Portal", "portal.outbox.waiting");
        await host.AddPersonAsync();
        // The mail of another person has already shown that the mail server is down.
        await AskAsync(PortalSettings.FirstAdministrator.Username, waiting: 1);
        var before = (await ReadyAsync(host)).Answer.GetProperty("checks");

        await AskAsync("nobody", waiting: 1);
        var nobodys = (await ReadyAsync(host)).Answer.GetProperty("checks");
        await AskAsync("ada", waiting: 2);
        var somebodys = (await ReadyAsync(host)).Answer.GetProperty("checks");

        foreach (var check in new[] { "outbox", "mailedLinks" })
        {
            Assert.Equal(before.GetProperty(check).ToString(), nobodys.GetProperty(check).ToString());
            Assert.Equal(before.GetProperty(check).ToString(), somebodys.GetProperty(check).ToString());
        }
        Assert.Equal("Degraded", somebodys.GetProperty("outbox").GetProperty("status").GetString());
        Assert.False(somebodys.TryGetProperty("authenticators", out _));

        async Task AskAsync(string name, int waiting)
        {
            Assert.True(
                await host.Services.GetRequiredService<MailedLinkRequests>()
                    .AddAsync(MailedLinkKind.ForgottenPassword, name, new Caller.Nobody { Address = "192.0.2.1" }));
            await Eventually.TrueAsync(
                async () => await host.CountAsync<MailedLinkRequest>(requests => requests.Where(r => r.AnsweredAt == null)) == 0,
                "the request is answered");
            await Eventually.TrueAsync(
                async () => await host.CountAsync<OutboxEntry>(
                    mails => mails.Where(m => m.State == OutboxState.Waiting && m.LastError != null)) == waiting,
                "each mail was tried");
            await Eventually.TrueAsync(
                () =>
                {
                    metric.RecordObservableInstruments();
                    return metric.LastMeasurement?.Value == waiting;
                }, "the metric says how many wait");
        }
    }

    private static (int Waiting, long Oldest, int PutAside) Requests(JsonElement answer)
    {
        var data = answer.GetProperty("checks").GetProperty("mailedLinks").GetProperty("data");
        return (data.GetProperty("waiting").GetInt32(), data.GetProperty("oldestSeconds").GetInt64(), data.GetProperty("putAside").GetInt32());
    }

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> ReadyAsync(PortalHost host)
    {
        using var client = host.CreateClient();
        using var answer = await client.GetAsync(PortalUrls.Ready);
        return (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()));
    }

    private static async Task AddAsync(PortalHost host, int count)
    {
        await using var work = await host.BeginAsync();
        for (var n = 0; n < count; n++)
            work.Add(new MailedLinkRequest { Id = Guid.CreateVersion7(work.Now), ProtectedName = [1, 2, 3], At = work.Now });
        work.AfterCommit<MailedLinkSignal>(signal => signal.Raise());
        await work.CommitAsync();
    }
}

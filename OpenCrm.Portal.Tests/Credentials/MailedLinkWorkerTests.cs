using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>Strangers write these rows, so no request for a link may hold up another (never-rule 13).</summary>
public sealed class MailedLinkWorkerTests(PostgresCluster postgres)
{
    /// <summary>The purpose with which every build has encrypted what was typed.</summary>
    private const string Purpose = "Mailed-link request";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// Red when the worker always takes the oldest twenty, whatever became of them before. A name with a noncharacter was stored by an earlier build
    /// and cannot be normalized; the other rows fail in other ways.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Requests_that_cannot_be_answered_keep_no_good_one_waiting_and_come_to_an_end(DatabaseKind kind)
    {
        await using var portal = await StartAsync(kind);
        var (ada, broken) = (await portal.AddPersonAsync(), await portal.AddPersonAsync("broken"));
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<PortalUser>().Where(u => u.Id == broken.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.SecurityStamp, (string?)null));
            await work.CommitAsync();
        }
        await AddAsync(portal, 20, _ => (work => work.Encryption.Protect(Purpose, Encoding.UTF8.GetBytes("ann\uFFFF"))));
        await AddAsync(portal, 20, _ => (_ => [1, 2, 3]));
        await AddAsync(portal, 20, _ => (work => work.Encryption.Protect(Purpose, Encoding.UTF8.GetBytes("broken"))));

        Assert.True(await AskAsync(portal, ada));

        await Eventually.TrueAsync(async () => await MailsAsync(portal, ada) == 1, "the good one is answered", Patience);
        await Eventually.TrueAsync(() => EndedAsync(portal), "the others come to an end", Patience);
        await using (var work = await portal.BeginAsync())
        {
            var aside = await work.Query<MailedLinkRequest>().Where(r => r.PutAsideAt != null).ToListAsync();
            Assert.Equal(20, aside.Count(r => r.Failure == "CryptographicException"));
            Assert.True(aside.Count >= 40);
            Assert.All(aside, request =>
            {
                Assert.Equal(MailedLinkWorker.MostAttempts, request.Attempts);
                Assert.False(string.IsNullOrEmpty(request.Failure));
                Assert.Empty(request.ProtectedName);
            });
        }
        Assert.Contains(
            portal.Services.GetFakeLogCollector().GetSnapshot(),
            line => line.Message.Contains("was put aside", StringComparison.Ordinal)
                && line.Message.Contains("KeyRing:CertificatePath", StringComparison.Ordinal));

        portal.Advance(TimeSpan.FromDays(1));
        await Eventually.TrueAsync(async () => await portal.CountAsync<MailedLinkRequest>() == 0, "what was put aside is deleted by age", Patience);
    }

    /// <summary>Red when an attempt has no end: neither a time limit of its own nor the database's limit for one statement.</summary>
    [Fact]
    public async Task A_row_that_somebody_holds_keeps_no_other_waiting_and_is_answered_once_it_is_free()
    {
        await using var portal = await StartAsync(DatabaseKind.Postgres);
        var (ada, bob) = (await portal.AddPersonAsync(), await portal.AddPersonAsync("bob"));
        await using (var holding = await portal.BeginAsync())
        {
            Assert.NotNull(await holding.Users.HoldAsync(ada.Id));
            Assert.True(await AskAsync(portal, ada));
            Assert.True(await AskAsync(portal, bob));
            await Eventually.TrueAsync(async () => await MailsAsync(portal, bob) == 1, "bob's is answered", Patience);
            Assert.Equal(0, await MailsAsync(portal, ada));
        }

        portal.Advance(TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(async () => await MailsAsync(portal, ada) == 1, "ada's is answered, too", Patience);
    }

    /// <summary>Red when a round that fails ends the loop.</summary>
    [Fact]
    public async Task A_database_that_is_away_costs_no_attempt_and_everything_is_answered_when_it_is_back()
    {
        Needs.Postgres();
        await using var cluster = new PostgresCluster();
        await using var portal = await StartAsync(DatabaseKind.Postgres, cluster);
        var ada = await portal.AddPersonAsync();
        var later = portal.Now.AddMinutes(1);
        await AddAsync(
            portal, 3,
            _ => (work => work.Encryption.Protect(Purpose, Encoding.UTF8.GetBytes("ada"))),
            request => request.NextAttemptAt = later);
        var rounds = portal.Services.GetRequiredService<WorkerRounds>();

        await cluster.CrashAsync();
        portal.Advance(TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(() =>
        {
            portal.Advance(TimeSpan.FromSeconds(3));
            return rounds.States().Single(state => state.Worker == "mailed links").Failures > MailedLinkWorker.MostAttempts;
        }, "the worker has looked often", Patience);
        await cluster.StartAgainAsync();
        await Eventually.TrueAsync(async () =>
        {
            portal.Advance(TimeSpan.FromSeconds(3));
            return await MailsAsync(portal, ada) == 3;
        }, "all are answered", Patience);

        Assert.Equal(0, await portal.CountAsync<MailedLinkRequest>(requests => requests.Where(r => r.Attempts > 0 || r.PutAsideAt != null)));
        Assert.Equal(0, rounds.States().Single(state => state.Worker == "mailed links").Failures);
    }

    /// <summary>Red when a request is answered without the condition that it is still unanswered.</summary>
    [Fact]
    public async Task Two_nodes_that_look_at_once_answer_each_good_request_once_and_count_each_failure_once()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var workers = new[] { nodes.A, nodes.B }
            .Select(node => node.Services.GetServices<IHostedService>().OfType<MailedLinkWorker>().Single())
            .ToList();
        List<TestPerson> people = [];
        for (var n = 0; n < 10; n++) people.Add(await nodes.A.AddPersonAsync($"person{n}"));
        for (var round = 1; round <= 3; round++)
        {
            await AddAsync(
                nodes.A, 10,
                n => n % 2 == 0 ? _ => [1, 2, 3] : work => work.Encryption.Protect(Purpose, Encoding.UTF8.GetBytes($"person{n}")));

            await TestAccounts.AtOnceAsync(
                Enumerable.Range(0, 8).Select(n => (Func<Task<int>>)(() => workers[n % 2].AnswerAsync(CancellationToken.None))));

            await Eventually.TrueAsync(
                async () => await nodes.A.CountAsync<MailedLinkRequest>(
                    requests => requests.Where(r => r.AnsweredAt == null && r.NextAttemptAt == null)) == 0,
                "each was looked at");
            Assert.Equal(5 * round, await nodes.A.CountAsync<OutboxEntry>());
            Assert.Equal(
                5 * round,
                await nodes.A.CountAsync<MailedLinkRequest>(requests => requests.Where(r => r.AnsweredAt == null && r.Attempts == 1)));
        }
        Assert.Equal(3, await MailsAsync(nodes.B, people[1]));
    }

    private async Task<PortalHost> StartAsync(DatabaseKind kind, PostgresCluster? cluster = null) =>
        await PortalHost.StartAsync(await (cluster ?? postgres).NewAsync(kind), replace: services => services.AddFakeLogging());

    private static Task<bool> AskAsync(PortalHost portal, TestPerson person) =>
        portal.Services.GetRequiredService<MailedLinkRequests>()
            .AddAsync(MailedLinkKind.ForgottenPassword, person.Username, new Caller.Nobody { Address = "192.0.2.1" });

    /// <summary>Adds rows that are older than any request made now.</summary>
    private static async Task AddAsync(
        PortalHost portal, int count, Func<int, Func<UnitOfWork, byte[]>> name, Action<MailedLinkRequest>? change = null)
    {
        await using var work = await portal.BeginAsync();
        for (var n = 0; n < count; n++)
        {
            var request = new MailedLinkRequest
            {
                Id = Guid.CreateVersion7(work.Now),
                Kind = MailedLinkKind.ForgottenPassword,
                ProtectedName = name(n)(work),
                Address = "192.0.2.1",
                At = work.Now - TimeSpan.FromMinutes(1),
            };
            change?.Invoke(request);
            work.Add(request);
        }
        await work.CommitAsync();
    }

    private static async Task<bool> EndedAsync(PortalHost portal)
    {
        portal.Advance(TimeSpan.FromMinutes(1));
        return await portal.CountAsync<MailedLinkRequest>(requests => requests.Where(r => r.AnsweredAt == null && r.PutAsideAt == null)) == 0;
    }

    private static Task<int> MailsAsync(PortalHost portal, TestPerson to) =>
        portal.CountAsync<OutboxEntry>(mails => mails.Where(m => m.RecipientAddress == to.Email && m.TemplateKey == "forgotten-password"));
}

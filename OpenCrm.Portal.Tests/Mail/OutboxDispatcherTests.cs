using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Mail;

public abstract class OutboxDispatcherTests(PostgresCluster? postgres) : IAsyncLifetime
{
    private readonly RecordingTransport _transport = new();
    private TestDatabase _database = null!;

    private OutboxDispatcher Dispatcher => _database.Service<OutboxDispatcher>();

    public async ValueTask InitializeAsync()
    {
        if (postgres is not null) Needs.Postgres();
        _database = await TestDatabase.CreateAsync(
            postgres is null ? null : await postgres.CreateDatabaseAsync(),
            services => services.AddSingleton<IMailTransport>(_transport));
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        _transport.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_message_is_sent_once_and_marked()
    {
        await QueueAsync("Ann");

        Assert.Equal(1, await DispatchAsync());
        Assert.Equal(0, await DispatchAsync());

        var mail = Assert.Single(_transport.Sent);
        Assert.Equal(new MailRecipient("ann@northwind.test", "Ann"), mail.To);
        Assert.Equal(new MailRecipient("portal@portal.northwind.test", GeneralSettings.DefaultCompanyName), mail.From);
        var entry = await EntryAsync("Ann");
        Assert.Equal((OutboxState.Sent, 1, mail.MessageId), (entry.State, entry.Attempts, entry.MessageId));
        Assert.Equal(_database.Time.GetUtcNow(), entry.SentAt);
        Assert.Null(entry.ClaimedBy);
        Assert.Equal(1, _transport.Batches);
    }

    [Fact]
    public async Task A_failed_message_is_tried_again_later_and_keeps_its_message_id()
    {
        await QueueAsync("Ann");
        _transport.Fails = _ => new IOException("closed while sending https://portal.northwind.test/lost-device/confirm#TOKEN to ann@northwind.test");

        await DispatchAsync();
        var failed = await EntryAsync("Ann");
        Assert.Equal((OutboxState.Waiting, 1), (failed.State, failed.Attempts));
        Assert.Equal("IOException: closed while sending [link] to [recipient]", failed.LastError);
        Assert.Equal(0, await DispatchAsync());

        _database.Time.Advance(TimeSpan.FromSeconds(6));
        await DispatchAsync();
        var again = await EntryAsync("Ann");
        Assert.InRange(again.NextAttemptAt - _database.Time.GetUtcNow(), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(12));

        _transport.Fails = _ => null;
        _database.Time.Advance(TimeSpan.FromSeconds(12));
        await DispatchAsync();
        Assert.Equal(failed.MessageId, Assert.Single(_transport.Sent).MessageId);
        Assert.Null((await EntryAsync("Ann")).LastError);
    }

    [Fact]
    public async Task A_message_is_given_up_after_a_day_and_the_failure_recorded()
    {
        await QueueAsync("Ann");
        _transport.Fails = _ => new IOException("no");

        for (var tries = 0; (await EntryAsync("Ann")).State == OutboxState.Waiting; tries++)
        {
            Assert.InRange(tries, 0, 500);
            await DispatchAsync();
            _database.Time.Advance(TimeSpan.FromMinutes(12));
        }

        Assert.InRange(_database.Time.GetUtcNow() - (await EntryAsync("Ann")).CreatedAt, TimeSpan.FromHours(24), TimeSpan.FromHours(25));
        var recorded = Assert.Single(await _database.ReadAsync<AuditEntry>());
        Assert.Equal(("MailFailed", "Portal"), (recorded.Kind, recorded.ActorName));
        Assert.Equal(0, await DispatchAsync());
    }

    [Fact]
    public async Task One_failing_message_does_not_stop_the_others()
    {
        await QueueAsync("Ann", "Bob", "Cid");
        _transport.Fails = mail => mail.To.Name == "Ann" ? new FormatException("no") : null;

        await DispatchAsync();

        Assert.Equal(["Bob", "Cid"], _transport.Sent.Select(m => m.To.Name).Order());
        Assert.Equal(OutboxState.Waiting, (await EntryAsync("Ann")).State);
    }

    [Fact]
    public async Task A_message_whose_values_cannot_be_read_does_not_stop_the_others()
    {
        await QueueAsync("Ann", "Bob");
        await using (var work = await _database.Units.ReadAsync())
        {
            await work.Query<OutboxEntry>().Where(e => e.RecipientName == "Ann")
                .ExecuteUpdateAsync(set => set.SetProperty(e => e.ProtectedPayload, new byte[] { 1, 2, 3 }));
        }

        await DispatchAsync();

        Assert.Equal("Bob", Assert.Single(_transport.Sent).To.Name);
        Assert.StartsWith("CryptographicException", (await EntryAsync("Ann")).LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_server_that_is_down_is_asked_once_for_a_batch()
    {
        await QueueAsync("Ann", "Bob", "Cid");
        _transport.Fails = _ => new TransportUnreachableException("refused", new IOException());

        await DispatchAsync();

        Assert.Equal(1, _transport.Tried);
        Assert.All(
            await _database.ReadAsync<OutboxEntry>(),
            e => Assert.Equal((1, "refused", default(Guid?)), (e.Attempts, e.LastError, e.ClaimedBy)));
    }

    [Fact]
    public async Task Two_dispatchers_send_nothing_twice()
    {
        var names = Enumerable.Range(0, 100).Select(i => i.ToString("Person000", CultureInfo.InvariantCulture)).ToArray();
        await QueueAsync(names);
        var nodes = Enumerable.Range(0, 4).Select(_ => _database.Another<OutboxDispatcher>()).ToList();

        await Task.WhenAll(nodes.Select(async node =>
        {
            while (await node.DispatchAsync(TestContext.Current.CancellationToken) > 0) { }
        }));
        // A full batch wakes further lanes, which go on by themselves.
        await Eventually.TrueAsync(
            async () => (await _database.ReadAsync<OutboxEntry>()).All(e => e.State == OutboxState.Sent),
            "everything is sent");
        Assert.Equal(names.Order(), _transport.Sent.Select(m => m.To.Name).Order());
        Assert.All(await _database.ReadAsync<OutboxEntry>(), e => Assert.Equal((OutboxState.Sent, 1), (e.State, e.Attempts)));
        nodes.ForEach(node => node.Dispose());
    }

    [Fact]
    public async Task What_a_killed_node_claimed_is_sent_by_another_after_the_lease()
    {
        await QueueAsync("Ann");
        Assert.Single(await _database.Service<OutboxClaims>().ClaimAsync(TestContext.Current.CancellationToken));

        Assert.Equal(0, await DispatchAsync());
        _database.Time.Advance(OutboxClaims.Lease);
        Assert.Equal(1, await DispatchAsync());
        Assert.Single(_transport.Sent);
    }

    [Fact]
    public async Task Whoever_lost_the_claim_neither_sends_nor_settles()
    {
        await QueueAsync("Ann");
        var claims = _database.Service<OutboxClaims>();
        var cancel = TestContext.Current.CancellationToken;
        var slow = Assert.Single(await claims.ClaimAsync(cancel));
        _database.Time.Advance(OutboxClaims.Lease);
        var other = Assert.Single(await claims.ClaimAsync(cancel));

        Assert.False(await claims.RenewAsync(slow, "id", "subject", cancel));
        await claims.MarkFailedAsync(slow, "late", cancel);
        Assert.True(await claims.RenewAsync(other, "id", "subject", cancel));
        Assert.Equal(0, (await EntryAsync("Ann")).Attempts);
    }

    [Fact]
    public async Task A_mail_server_that_hangs_costs_a_minute_and_the_message_waits()
    {
        await QueueAsync("Ann");
        var begun = new TaskCompletionSource();
        _transport.Before = (_, cancel) =>
        {
            begun.SetResult();
            return new TaskCompletionSource().Task.WaitAsync(cancel);
        };

        var dispatching = DispatchAsync();
        await begun.Task;
        _database.Time.Advance(TimeSpan.FromSeconds(60));
        await dispatching;

        Assert.Equal("No answer within a minute.", (await EntryAsync("Ann")).LastError);
    }

    [Fact]
    public async Task A_stop_lets_the_message_in_flight_finish_and_gives_the_others_back()
    {
        await QueueAsync("Ann", "Bob");
        using var stop = new CancellationTokenSource();
        _transport.Before = (_, cancel) =>
        {
            stop.Cancel();
            cancel.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        };

        await Dispatcher.DispatchAsync(stop.Token);

        Assert.Single(_transport.Sent);
        var entries = await _database.ReadAsync<OutboxEntry>();
        Assert.Equal([OutboxState.Waiting, OutboxState.Sent], entries.Select(e => e.State).Order());
        Assert.All(entries, e => Assert.Null(e.ClaimedUntil));
    }

    [Fact]
    public async Task An_edited_template_is_used_and_one_that_fails_is_recorded_with_the_mail_still_sent()
    {
        await _database.WriteAsync(work => work.Add(
            new MailTemplate { Key = "test", Subject = "Ours, {{ recipient_name }}", HtmlBody = "x", TextBody = "x", ChangedBy = "Ann" }));
        await QueueAsync("Ann");
        await DispatchAsync();
        Assert.Equal("Ours, Ann", Assert.Single(_transport.Sent).Content.Subject);
        Assert.Empty(await _database.ReadAsync<AuditEntry>());

        await using (var work = await _database.Units.ReadAsync())
            await work.Query<MailTemplate>().ExecuteUpdateAsync(set => set.SetProperty(t => t.TextBody, "{{ nobody_knows }}"));
        await QueueAsync("Bob");
        await DispatchAsync();
        Assert.Equal("Test message from OpenCRM", _transport.Sent.Last().Content.Subject);
        Assert.Equal("TemplateFailed", Assert.Single(await _database.ReadAsync<AuditEntry>()).Kind);
    }

    [Fact]
    public async Task A_commit_wakes_the_dispatcher_at_once_and_a_tick_finds_what_another_node_queued()
    {
        var cancel = TestContext.Current.CancellationToken;
        await Dispatcher.StartAsync(cancel);
        // The clock stands still, so only the signal can have woken the dispatcher.
        await QueueAsync("Ann");
        await _transport.ArrivedAsync(cancel);

        await QueueAsync("Bob");
        await _transport.ArrivedAsync(cancel);

        await using (var work = await _database.Units.BeginAsync(cancel))
        {
            await work.Query<OutboxEntry>().Where(e => e.RecipientName == "Ann")
                .ExecuteUpdateAsync(set => set.SetProperty(e => e.State, OutboxState.Waiting), cancel);
            await work.CommitAsync(cancel);
        }
        _database.Time.Advance(TimeSpan.FromSeconds(3));
        await _transport.ArrivedAsync(cancel);
        await Dispatcher.StopAsync(cancel);
    }

    private Task<int> DispatchAsync() => Dispatcher.DispatchAsync(TestContext.Current.CancellationToken);

    private Task QueueAsync(params string[] names) => _database.WriteAsync(work =>
    {
        foreach (var name in names) work.Queue(OutboxTests.Test(_database, name));
    });

    private async Task<OutboxEntry> EntryAsync(string name) => (await _database.ReadAsync<OutboxEntry>()).Single(e => e.RecipientName == name);
}

public sealed class OutboxDispatcherOnSqliteTests() : OutboxDispatcherTests(postgres: null);

public sealed class OutboxDispatcherOnPostgresTests(PostgresCluster postgres) : OutboxDispatcherTests(postgres);

using System.Globalization;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Mail;

public sealed class SmtpTransportTests : IAsyncLifetime
{
    private SmtpSink _sink = null!;

    public async ValueTask InitializeAsync() => _sink = await SmtpSink.StartAsync();

    public ValueTask DisposeAsync() => _sink.DisposeAsync();

    [Fact]
    public async Task A_batch_goes_over_one_connection_with_one_envelope_recipient_each()
    {
        await using var database = await SmtpDatabaseAsync();
        await DispatchAsync(database, "Ann", "Bob\r\nRCPT TO:<evil@northwind.test>");

        Assert.Single(_sink.Transcript, line => line.StartsWith("S: 220", StringComparison.Ordinal));
        Assert.Equal(["ann@northwind.test", "bob@northwind.test"], _sink.Envelopes.Select(e => Assert.Single(e.To)).Order());
        Assert.All(_sink.Mailbox.All(), mail => Assert.Equal("test", Mailbox.Template(mail)));
        Assert.All(await database.ReadAsync<OutboxEntry>(), e => Assert.Equal(OutboxState.Sent, e.State));
    }

    [Fact]
    public async Task A_refused_message_waits_and_the_next_goes_out()
    {
        await using var database = await SmtpDatabaseAsync();
        await _sink.AnswerAsync(SmtpAnswer.Unknown("ann@northwind.test"));
        await DispatchAsync(database, "Ann", "Bob");

        var entries = (await database.ReadAsync<OutboxEntry>()).ToDictionary(e => e.RecipientName);
        Assert.Equal((OutboxState.Waiting, OutboxState.Sent), (entries["Ann"].State, entries["Bob"].State));
        Assert.Equal("The mail server refuses this recipient: 550 5.1.1 [recipient] is unknown", entries["Ann"].LastError);
    }

    /// <summary>
    /// Red when such words about a recipient are always taken for a wrong setting: the other mails wait untried, and the first one is tried for a
    /// day.
    /// </summary>
    [Theory]
    [InlineData("550 5.1.0 Sender verify failed")]
    [InlineData("550 5.7.1 Sender address is on my own list")]
    [InlineData("550 5.7.1 Ann takes no mail from whoever says HELO like that")]
    public async Task One_recipient_that_is_refused_in_words_about_the_portal_keeps_nobody_elses_mail(string words)
    {
        await using var database = await SmtpDatabaseAsync();
        await _sink.AnswerAsync(SmtpAnswer.Refuses("ann@northwind.test", words));
        await DispatchAsync(database, "Ann", "Bob", "Cid");

        var entries = (await database.ReadAsync<OutboxEntry>()).ToDictionary(e => e.RecipientName);
        Assert.Equal((OutboxState.Waiting, 1), (entries["Ann"].State, entries["Ann"].Refusals));
        Assert.StartsWith("The mail server refuses this recipient: 550", entries["Ann"].LastError, StringComparison.Ordinal);
        Assert.Equal((OutboxState.Sent, OutboxState.Sent), (entries["Bob"].State, entries["Cid"].State));
        Assert.Null(database.Service<OutboxWatch>().Blocked);

        // Now her mail is sent alone, and already known to be the one that is refused.
        database.Time.Advance(TimeSpan.FromMinutes(13));
        await database.Service<OutboxDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);
        Assert.Equal(OutboxState.Dead, (await database.ReadAsync<OutboxEntry>()).Single(e => e.RecipientName == "Ann").State);
        Assert.Null(database.Service<OutboxWatch>().Blocked);
    }

    /// <summary>Like a server that does not relay, this is for an operator to fix, so the mail is not given up early.</summary>
    [Fact]
    public async Task One_recipient_for_whom_a_login_is_wanted_waits_for_the_setting_and_the_others_go()
    {
        await using var database = await SmtpDatabaseAsync();
        await _sink.AnswerAsync(SmtpAnswer.Refuses("ann@northwind.test", "550 5.7.1 Authentication required"));
        await DispatchAsync(database, "Ann", "Bob");
        for (var tries = 0; tries < 2; tries++)
        {
            database.Time.Advance(TimeSpan.FromMinutes(13));
            await database.Service<OutboxDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);
        }

        var entries = (await database.ReadAsync<OutboxEntry>()).ToDictionary(e => e.RecipientName);
        Assert.Equal((OutboxState.Waiting, 3, 0), (entries["Ann"].State, entries["Ann"].Attempts, entries["Ann"].Refusals));
        Assert.Contains("Mail:Smtp:Username", entries["Ann"].LastError, StringComparison.Ordinal);
        Assert.Equal(OutboxState.Sent, entries["Bob"].State);
    }

    /// <summary>Red when every mail of the batch is tried, and when one of them counts as refused for good.</summary>
    [Fact]
    public async Task Two_recipients_refused_in_words_about_the_portal_mean_the_portal_and_nothing_is_given_up()
    {
        await using var database = await SmtpDatabaseAsync();
        await _sink.AnswerAsync(SmtpAnswer.Refuses(null, "550 5.7.1 Helo command rejected"));
        await DispatchAsync(database, "Ann", "Bob", "Cid");

        Assert.Equal(2, _sink.Transcript.Count(line => line.StartsWith("C: RCPT", StringComparison.Ordinal)));
        Assert.All(await database.ReadAsync<OutboxEntry>(), e =>
        {
            Assert.Equal((OutboxState.Waiting, 1, 0), (e.State, e.Attempts, e.Refusals));
            Assert.Contains("Mail:Smtp:HeloName", e.LastError, StringComparison.Ordinal);
        });
        Assert.Contains("Mail:Smtp:HeloName", database.Service<OutboxWatch>().Blocked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_gets_nothing_where_TLS_is_asked_for()
    {
        await using var database = await SmtpDatabaseAsync("StartTls");
        await DispatchAsync(database, "Ann");

        Assert.DoesNotContain(_sink.Transcript, line => line.StartsWith("C: MAIL", StringComparison.Ordinal));
        Assert.Contains("StartTls", Assert.Single(await database.ReadAsync<OutboxEntry>()).LastError, StringComparison.Ordinal);
    }

    /// <summary>Nothing may be lost by a mistake that the operator can correct: the mails wait, and the setting is named.</summary>
    [Fact]
    public async Task A_refused_login_names_its_settings_and_the_mail_waits()
    {
        await using var guarded = await SmtpSink.StartAsync(login: "portal:right");
        await using var database = await TestDatabase.CreateAsync(settings:
        [
            ("Mail:Smtp:Host", "127.0.0.1"), ("Mail:Smtp:Port", guarded.Port.ToString(CultureInfo.InvariantCulture)), ("Mail:Smtp:Security", "None"),
            ("Mail:Smtp:Username", "portal"), ("Mail:Smtp:Password", "wrong-one"),
        ]);
        await DispatchAsync(database, "Ann");
        for (var tries = 0; tries < 3; tries++)
        {
            database.Time.Advance(TimeSpan.FromMinutes(13));
            await database.Service<OutboxDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);
        }

        var entry = Assert.Single(await database.ReadAsync<OutboxEntry>());
        Assert.Equal((OutboxState.Waiting, 4), (entry.State, entry.Attempts));
        Assert.Contains("Mail:Smtp:Username and Mail:Smtp:Password", entry.LastError, StringComparison.Ordinal);
        Assert.Contains("535", entry.LastError, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-one", entry.LastError, StringComparison.Ordinal);
        Assert.Contains("Mail:Smtp:Password", database.Service<OutboxWatch>().Blocked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_that_is_not_given_is_asked_for_by_its_settings()
    {
        await using var guarded = await SmtpSink.StartAsync(login: "portal:right");
        await using var database = await TestDatabase.CreateAsync(settings:
            [
                ("Mail:Smtp:Host", "127.0.0.1"),
                ("Mail:Smtp:Port", guarded.Port.ToString(CultureInfo.InvariantCulture)), ("Mail:Smtp:Security", "None")
            ]);
        await DispatchAsync(database, "Ann");

        Assert.Contains(
            "Set Mail:Smtp:Username and Mail:Smtp:Password. It says: 530",
            Assert.Single(await database.ReadAsync<OutboxEntry>()).LastError,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_names_the_host()
    {
        await using var database = await TestDatabase.CreateAsync(settings: [("Mail:Smtp:Host", "no-such-server.invalid")]);
        await DispatchAsync(database, "Ann");

        Assert.Contains(
            "“no-such-server.invalid”. Check Mail:Smtp:Host",
            Assert.Single(await database.ReadAsync<OutboxEntry>()).LastError,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_greets_nobody_is_told_with_its_place()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        using var transport = new SmtpTransport(
            new("127.0.0.1", ((System.Net.IPEndPoint)silent.LocalEndpoint).Port, SmtpSecurity.None, null, null),
            TimeSpan.FromSeconds(1));
        var mail = new OutgoingMail(
            Guid.NewGuid(), "test", "id@northwind.test", DateTimeOffset.UnixEpoch,
            new("a@northwind.test", ""), new("b@northwind.test", ""), new("s", "h", "t"));

        var closed = await Assert.ThrowsAsync<TransportUnreachableException>(() => transport.SendAsync(mail, TestContext.Current.CancellationToken));

        Assert.Contains("does not answer. Check Mail:Smtp:Host and Mail:Smtp:Port", closed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_leaves_the_message_waiting()
    {
        await using var database = await SmtpDatabaseAsync();
        await _sink.StopAsync();
        await DispatchAsync(database, "Ann");

        var entry = Assert.Single(await database.ReadAsync<OutboxEntry>());
        Assert.Equal(OutboxState.Waiting, entry.State);
        Assert.Contains("Check Mail:Smtp:Host and Mail:Smtp:Port", entry.LastError, StringComparison.Ordinal);
        Assert.Contains("SocketException", entry.LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mail:Smtp:Security", "Sometimes")]
    [InlineData("Mail:Smtp:Security", "7")]
    [InlineData("Mail:Smtp:Port", "0")]
    [InlineData("Mail:From", "Portal <portal@northwind.test>")]
    [InlineData("Mail:Smtp:HeloName", "portal")]
    [InlineData("Mail:Smtp:HeloName", "https://portal.northwind.test")]
    [InlineData("Mail:Smtp:HeloName", "portal northwind.test")]
    [InlineData("Mail:Smtp:HeloName", "-portal.northwind.test")]
    [InlineData("Mail:Smtp:HeloName", "192.0.2")]
    [InlineData("Mail:Smtp:HeloName", "[portal.northwind.test]")]
    [InlineData("Mail:Smtp:HeloName", "portal.northwind.test\r\nMAIL FROM:<a@b.test>")]
    public async Task A_setting_that_makes_no_sense_is_refused_by_its_name(string key, string value)
    {
        var refused = await Assert.ThrowsAsync<StartRefusedException>(
            async () => await TestDatabase.CreateAsync(settings: [("Mail:Smtp:Host", "localhost"), (key, value)]));
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    private Task<TestDatabase> SmtpDatabaseAsync(string security = "None") => TestDatabase.CreateAsync(settings:
    [
        ("Mail:Smtp:Host", "127.0.0.1"),
        ("Mail:Smtp:Port", _sink.Port.ToString(CultureInfo.InvariantCulture)),
        ("Mail:Smtp:Security", security),
    ]);

    private static async Task DispatchAsync(TestDatabase database, params string[] names)
    {
        await database.WriteAsync(work =>
        {
            foreach (var name in names) work.Queue(new MailDraft.Test(new($"{name[..3].ToLowerInvariant()}@northwind.test", name), work.Now));
        });
        await database.Service<OutboxDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);
    }
}

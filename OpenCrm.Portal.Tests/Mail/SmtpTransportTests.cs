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
        Assert.Equal("SmtpCommandException: 5.1.1 [recipient] is unknown", entries["Ann"].LastError);
    }

    [Fact]
    public async Task A_server_without_TLS_gets_nothing_where_TLS_is_asked_for()
    {
        await using var database = await SmtpDatabaseAsync("StartTls");
        await DispatchAsync(database, "Ann");

        Assert.DoesNotContain(_sink.Transcript, line => line.StartsWith("C: MAIL", StringComparison.Ordinal));
        Assert.Contains("StartTls", Assert.Single(await database.ReadAsync<OutboxEntry>()).LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_leaves_the_message_waiting()
    {
        await using var database = await SmtpDatabaseAsync();
        await _sink.StopAsync();
        await DispatchAsync(database, "Ann");

        var entry = Assert.Single(await database.ReadAsync<OutboxEntry>());
        Assert.Equal(OutboxState.Waiting, entry.State);
        Assert.Contains("SocketException", entry.LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mail:Smtp:Security", "Sometimes")]
    [InlineData("Mail:Smtp:Security", "7")]
    [InlineData("Mail:Smtp:Port", "0")]
    [InlineData("Mail:From", "Portal <portal@northwind.test>")]
    public async Task A_setting_that_makes_no_sense_is_refused_by_its_name(string key, string value)
    {
        var refused = await Assert.ThrowsAsync<StartRefusedException>(async () => await TestDatabase.CreateAsync(settings: [("Mail:Smtp:Host", "localhost"), (key, value)]));
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

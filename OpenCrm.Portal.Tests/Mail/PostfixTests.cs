using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>A real mail server that demands a full name in the greeting: what arrives, and what its refusals tell the operator.</summary>
public sealed class PostfixTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    /// <summary>A greeting with a bare name is answered with "504 5.5.2 Helo command rejected: need fully-qualified hostname".</summary>
    [Theory]
    [InlineData("https://portal.example.test", null, "portal.example.test")]
    [InlineData("https://bücher.example.test:8443", null, "xn--bcher-kva.example.test")]
    [InlineData("https://127.0.0.1:8443", null, "[127.0.0.1]")]
    [InlineData("https://[2001:db8::7]", null, "[IPv6:2001:db8::7]")]
    [InlineData("http://localhost:5000", null, "[127.0.0.1]")]
    [InlineData("https://crm", null, "[127.0.0.1]")]
    [InlineData("https://crm", "Portal.Example.Test.", "portal.example.test")]
    [InlineData("https://portal.example.test", "192.0.2.1", "[192.0.2.1]")]
    public async Task A_server_that_wants_a_full_name_is_greeted_by_one(string publicUrl, string? heloName, string greeting)
    {
        await using var postfix = await Postfix.StartAsync();
        await using var database = await DatabaseAsync(postfix.Port, "None", ("Portal:PublicUrl", publicUrl), ("Mail:Smtp:HeloName", heloName ?? ""));

        await SendAsync(database, "ann@example.test");

        var entry = Assert.Single(await database.ReadAsync<OutboxEntry>());
        Assert.Equal((OutboxState.Sent, null), (entry.State, entry.LastError));
        var mail = await Eventually.FoundAsync(() => Task.FromResult(postfix.Of("ann").SingleOrDefault()), "the mail is in the mailbox");
        Assert.Contains($"from {greeting} (localhost [127.0.0.1])", mail.Headers["Received"], StringComparison.Ordinal);
        Assert.Matches(@"^[0-9a-f]{32}@[a-z0-9.-]+\.[a-z]+$", mail.MessageId);
    }

    [Fact]
    public async Task Whoever_refuses_the_greeting_is_said_to_and_the_mail_waits_for_the_setting()
    {
        await using var postfix = await Postfix.StartAsync("smtpd_helo_restrictions = check_helo_access inline:{ portal.example.test=REJECT }");
        await using var database = await DatabaseAsync(postfix.Port);

        for (var tries = 0; tries < 4; tries++) await SendAsync(database, tries == 0 ? ["ann@example.test", "bob@example.test"] : []);

        Assert.All(await database.ReadAsync<OutboxEntry>(), entry =>
        {
            Assert.Equal((OutboxState.Waiting, 4), (entry.State, entry.Attempts));
            Assert.Contains("“portal.example.test”", entry.LastError, StringComparison.Ordinal);
            Assert.Contains("Mail:Smtp:HeloName", entry.LastError, StringComparison.Ordinal);
        });
        await AssertBlockedAsync(database, "Mail:Smtp:HeloName");
    }

    [Fact]
    public async Task An_unknown_recipient_is_tried_twice_then_failed_with_the_number_and_can_be_sent_again()
    {
        await using var postfix = await Postfix.StartAsync();
        await using var database = await DatabaseAsync(postfix.Port);

        await SendAsync(database, "nobody.here@example.test", "ann@example.test");
        Assert.Equal((OutboxState.Waiting, 1), Standing(await EntryAsync(database, "nobody.here@example.test")));
        await SendAsync(database);

        var entry = await EntryAsync(database, "nobody.here@example.test");
        Assert.Equal((OutboxState.Dead, 2), Standing(entry));
        Assert.Equal(
            "The mail server refuses this recipient: 550 5.1.1 <[recipient]>: Recipient address rejected: User unknown in virtual mailbox table",
            entry.LastError);
        Assert.Equal(OutboxState.Sent, (await EntryAsync(database, "ann@example.test")).State);
        Assert.Equal("MailFailed", Assert.Single(await database.ReadAsync<AuditEntry>()).Kind);
        var lines = Lines(database);
        Assert.Contains(lines, line => line.Level == LogLevel.Error && line.Message.Contains("550 5.1.1", StringComparison.Ordinal));
        Assert.DoesNotContain(
            lines,
            line => line.Message.Contains("nobody.here", StringComparison.Ordinal) || line.Message.Contains("ann@", StringComparison.Ordinal));
        // This does not mean that mail in general is blocked: the mail of others is sent.
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(database)).Status);

        await database.WriteAsync(work => Assert.True(work.SendAgainAsync(entry.Id).GetAwaiter().GetResult()));
        await SendAsync(database);
        Assert.Equal((OutboxState.Waiting, 1), Standing(await EntryAsync(database, "nobody.here@example.test")));
    }

    [Fact]
    public async Task An_outage_before_a_refusal_does_not_count_as_one()
    {
        await using var postfix = await Postfix.StartAsync();
        await using var database = await DatabaseAsync(postfix.Port);
        await database.WriteAsync(work => work.Queue(new MailDraft.Test(new("nobody@example.test", "N"), work.Now)));
        var claims = database.Service<OutboxClaims>();
        for (var outages = 0; outages < 3; outages++)
        {
            await claims.MarkFailedAsync(Assert.Single(await claims.ClaimAsync(Cancel)), "down", Cancel);
            database.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await SendAsync(database);

        Assert.Equal((OutboxState.Waiting, 4), Standing(await EntryAsync(database, "nobody@example.test")));
    }

    [Fact]
    public async Task A_server_that_does_not_relay_names_the_login_and_the_mail_waits()
    {
        await using var postfix = await Postfix.StartAsync();
        await using var database = await DatabaseAsync(postfix.Port);

        for (var tries = 0; tries < 3; tries++) await SendAsync(database, tries == 0 ? ["cid@elsewhere.test", "ann@example.test"] : []);

        var entry = await EntryAsync(database, "cid@elsewhere.test");
        Assert.Equal((OutboxState.Waiting, 3), Standing(entry));
        Assert.Contains("Mail:Smtp:Username", entry.LastError, StringComparison.Ordinal);
        Assert.Contains("554 5.7.1", entry.LastError, StringComparison.Ordinal);
        Assert.Equal(OutboxState.Sent, (await EntryAsync(database, "ann@example.test")).State);
    }

    [Fact]
    public async Task A_refused_sender_names_the_setting_and_the_mail_waits()
    {
        await using var postfix = await Postfix.StartAsync("smtpd_sender_restrictions = check_sender_access inline:{ portal@northwind.test=REJECT }");
        await using var database = await DatabaseAsync(postfix.Port, "None", ("Mail:From", "portal@northwind.test"));

        for (var tries = 0; tries < 3; tries++) await SendAsync(database, tries == 0 ? ["ann@example.test"] : []);

        var entry = Assert.Single(await database.ReadAsync<OutboxEntry>());
        Assert.Equal((OutboxState.Waiting, 3), Standing(entry));
        Assert.Contains("Mail:From", entry.LastError, StringComparison.Ordinal);
        await AssertBlockedAsync(database, "Mail:From");
    }

    /// <summary>The mail library would send the raw bytes.</summary>
    [Fact]
    public async Task An_address_that_the_server_cannot_spell_is_failed_with_words_and_its_bytes_are_never_sent()
    {
        await using var postfix = await Postfix.StartAsync("smtputf8_enable = no");
        await using var database = await DatabaseAsync(postfix.Port);

        await SendAsync(database, "ünal@example.test", "ann@example.test");
        await SendAsync(database);

        var entry = await EntryAsync(database, "ünal@example.test");
        Assert.Equal((OutboxState.Dead, 2), Standing(entry));
        Assert.Contains("letters before the @", entry.LastError, StringComparison.Ordinal);
        Assert.Equal(OutboxState.Sent, (await EntryAsync(database, "ann@example.test")).State);
        Assert.DoesNotContain("nal@", postfix.Log, StringComparison.Ordinal);
    }

    /// <summary>Holds also where the server offers SMTPUTF8: a server behind it may not, and the mail would bounce there.</summary>
    [Theory]
    [InlineData("no"), InlineData("yes")]
    public async Task A_domain_with_umlauts_needs_nothing_of_the_server(string smtpUtf8)
    {
        await using var postfix = await Postfix.StartAsync(
            $"smtputf8_enable = {smtpUtf8}",
            "virtual_mailbox_domains = xn--bcher-kva.test",
            "virtual_mailbox_maps = inline:{ ann@xn--bcher-kva.test=ann/ }");
        await using var database = await DatabaseAsync(postfix.Port);

        await SendAsync(database, "ann@bücher.test");

        Assert.Equal(
            (OutboxState.Sent, null),
            ((await EntryAsync(database, "ann@bücher.test")).State, (await EntryAsync(database, "ann@bücher.test")).LastError));
        var mail = await Eventually.FoundAsync(() => Task.FromResult(postfix.Of("ann").SingleOrDefault()), "the mail is in the mailbox");
        Assert.DoesNotContain("UTF8SMTP", mail.Headers["Received"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_with_umlauts_goes_to_a_server_that_can_spell_it_between_others()
    {
        await using var postfix = await Postfix.StartAsync("virtual_mailbox_maps = inline:{ {ann@example.test=ann/}, {ünal@example.test=admin/} }");
        await using var database = await DatabaseAsync(postfix.Port);

        await SendAsync(database, "ann@example.test", "ünal@example.test", "ann@example.test");

        Assert.All(await database.ReadAsync<OutboxEntry>(), entry => Assert.Equal((OutboxState.Sent, null), (entry.State, entry.LastError)));
        await Eventually.TrueAsync(() => (postfix.Of("ann").Count, postfix.Of("admin").Count) == (2, 1), "all are in their mailboxes");
    }

    public static TheoryData<string, bool, string> Mismatches => new()
    {
        { "Tls", false, "Set it to StartTls" },
        { "StartTls", true, "Set it to Tls" },
        { "None", true, "Set it to Tls" },
    };

    [Theory, MemberData(nameof(Mismatches))]
    public async Task TLS_on_the_wrong_port_says_what_it_looks_like_and_which_setting_to_change(string security, bool tlsPort, string advice)
    {
        await using var postfix = await Postfix.StartAsync();
        await using var database = await DatabaseAsync(tlsPort ? postfix.TlsPort : postfix.Port, security);

        await SendAsync(database, "ann@example.test");

        var entry = Assert.Single(await database.ReadAsync<OutboxEntry>());
        Assert.Equal(OutboxState.Waiting, entry.State);
        Assert.Contains("Mail:Smtp:Security", entry.LastError, StringComparison.Ordinal);
        Assert.Contains(advice, entry.LastError, StringComparison.Ordinal);
        await AssertBlockedAsync(database, advice);
    }

    [Fact]
    public async Task TLS_on_a_port_that_has_none_at_all_says_so()
    {
        await using var postfix = await Postfix.StartAsync("smtpd_tls_security_level = none");
        foreach (var (security, advice) in new[] { ("Tls", "Set it to None"), ("StartTls", "does not offer STARTTLS") })
        {
            await using var database = await DatabaseAsync(postfix.Port, security);
            await SendAsync(database, "ann@example.test");
            Assert.Contains(advice, Assert.Single(await database.ReadAsync<OutboxEntry>()).LastError, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("StartTls"), InlineData("Tls")]
    public async Task A_certificate_that_nobody_vouches_for_is_told_as_one(string security)
    {
        await using var postfix = await Postfix.StartAsync();
        await using var database = await DatabaseAsync(security == "Tls" ? postfix.TlsPort : postfix.Port, security);

        await SendAsync(database, "ann@example.test");

        // Two things are wrong with the certificate; the error names the one that a setting can fix.
        var error = Assert.Single(await database.ReadAsync<OutboxEntry>()).LastError;
        Assert.Contains("“mx.example.test”", error, StringComparison.Ordinal);
        Assert.Contains("Mail:Smtp:Host", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_wants_TLS_first_names_the_setting()
    {
        await using var postfix = await Postfix.StartAsync("smtpd_tls_security_level = encrypt");
        await using var database = await DatabaseAsync(postfix.Port);

        await SendAsync(database, "ann@example.test");

        Assert.Contains(
            "Set Mail:Smtp:Security to StartTls. It says: 530 5.7.0",
            Assert.Single(await database.ReadAsync<OutboxEntry>()).LastError,
            StringComparison.Ordinal);
        await AssertBlockedAsync(database, "StartTls");
    }

    [Fact]
    public async Task What_was_written_is_what_is_read_also_where_a_line_begins_with_From()
    {
        const string text = "From here on\nfrom there\n\nFrom the portal of Ünal\n"
            + "From a line that is longer than any line of a mail may be and is broken somewhere, "
            + "where a piece may begin with From From From again\nblank at its end \n.\n";
        await using var postfix = await Postfix.StartAsync();
        await using var database = await DatabaseAsync(postfix.Port);
        await database.WriteAsync(work => work.Add(
            new MailTemplate { Key = "test", Subject = "From me", HtmlBody = $"<p>\n{text}</p>", TextBody = text, ChangedBy = "Ann" }));

        await SendAsync(database, "ann@example.test", "bob@example.test");

        var mail = await Eventually.FoundAsync(() => Task.FromResult(postfix.Of("ann").SingleOrDefault()), "the mail is in the mailbox");
        Assert.StartsWith(text.TrimEnd(), mail.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("\n-- \nYou get this", mail.TextBody.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains(text, mail.HtmlBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => postfix.Mbox().Length > 0, "the mail is in the old mailbox");
        Assert.DoesNotContain("\n>From", postfix.Mbox(), StringComparison.Ordinal);
        Assert.DoesNotContain("\nFrom ", postfix.Mbox(), StringComparison.Ordinal);
        Assert.All(postfix.Mbox().Split('\n'), line => Assert.InRange(line.Length, 0, 998));
    }

    private static (OutboxState, int) Standing(OutboxEntry entry) => (entry.State, entry.Attempts);

    private static async Task<OutboxEntry> EntryAsync(TestDatabase database, string address) =>
        (await database.ReadAsync<OutboxEntry>()).Single(e => e.RecipientAddress == address);

    private static IReadOnlyList<FakeLogRecord> Lines(TestDatabase database) => database.Service<FakeLogCollector>().GetSnapshot();

    private static async Task<HealthReportEntry> HealthAsync(TestDatabase database) =>
        (await database.Service<HealthCheckService>().CheckHealthAsync(check => check.Name == "outbox")).Entries["outbox"];

    /// <summary>
    /// Asserts that health shows the setting, and that a single line of the log does, however many messages and attempts there were.
    /// </summary>
    private static async Task AssertBlockedAsync(TestDatabase database, string setting)
    {
        var health = await HealthAsync(database);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains(setting, health.Description, StringComparison.Ordinal);
        var line = Assert.Single(Lines(database), line => line.Level >= LogLevel.Warning);
        Assert.Contains(setting, line.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("@", line.Message, StringComparison.Ordinal);
    }

    private static Task<TestDatabase> DatabaseAsync(int port, string security = "None", params (string Key, string Value)[] settings) =>
        TestDatabase.CreateAsync(
            with: services => services.AddFakeLogging(),
            settings:
            [
                ("Portal:PublicUrl", "https://portal.example.test"), ("Mail:Smtp:Host", "127.0.0.1"),
                ("Mail:Smtp:Port", port.ToString(CultureInfo.InvariantCulture)),
                ("Mail:Smtp:Security", security), .. settings,
            ]);

    private static async Task SendAsync(TestDatabase database, params string[] addresses)
    {
        await database.WriteAsync(work =>
        {
            foreach (var address in addresses) work.Queue(new MailDraft.Test(new(address, "Somebody"), work.Now));
        });
        await database.Service<OutboxDispatcher>().DispatchAsync(Cancel);
        // Longer than every back-off.
        database.Time.Advance(TimeSpan.FromMinutes(13));
    }
}

using System.Globalization;
using MimeKit;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>Two more mail servers, and what two mail filters find wrong with the portal's mails. Run by <c>.ci/test edges</c>.</summary>
[Trait("Category", "Edges")]
public sealed class MailEdgesTests
{
    private static readonly string[] Recipients = ["ann@example.test", "nobody@example.test", "cid@elsewhere.test", "ünal@example.test"];

    private const string Host = "portal.example.com", Text = "From here on\n\nFrom Ünal, with a blank at its end \n.\n";

    private static readonly DateTimeOffset At = new(2026, 10, 12, 10, 41, 0, TimeSpan.FromHours(2));
    private static readonly PortalUser Elena = new()
    {
        Id = Guid.CreateVersion7(At),
        Name = "Elena Rossi",
        UserName = "e.rossi",
        Email = "ann@example.test"
    };
    private static readonly Caller.Person Jonas = new(Guid.CreateVersion7(At), "Jonas Weber", Guid.Empty, true, At) { Address = "203.0.113.24" };

    /// <summary>As long and as mixed as the random token of a real link.</summary>
    private const string Token = "Zk3vX0q7bN5tYw9sJ2mR8cLdF4hGaPeUo1iKxTzQyBs";

    [Fact]
    public async Task Exim_is_greeted_by_a_full_name_and_what_it_refuses_is_told()
    {
        await using var exim = await UnpackedMailServer.EximAsync();
        await TryAsync(exim, relay: OutboxState.Waiting, said: "550 Unrouteable address");
    }

    [Fact]
    public async Task What_OpenSMTPD_refuses_is_told()
    {
        await using var smtpd = await UnpackedMailServer.OpenSmtpdAsync();
        // OpenSMTPD gives the same answer for an unknown person and for a domain that it does not serve.
        await TryAsync(smtpd, relay: OutboxState.Dead, said: "524 5.2.4");
    }

    private static async Task TryAsync(UnpackedMailServer server, OutboxState relay, string said)
    {
        await using var database = await DatabaseAsync(server.Port);
        await database.WriteAsync(work =>
        {
            work.Add(new MailTemplate { Key = "test", Subject = "From me", HtmlBody = $"<p>\n{Text}</p>", TextBody = Text, ChangedBy = "Ann" });
            foreach (var name in Recipients) work.Queue(new MailDraft.Test(new(name, "Somebody"), work.Now));
        });
        for (var tries = 0; tries < 2; tries++)
        {
            await database.Service<OutboxDispatcher>().DispatchAsync(CancellationToken.None);
            database.Time.Advance(TimeSpan.FromMinutes(13));
        }

        var entries = (await database.ReadAsync<OutboxEntry>()).ToDictionary(e => e.RecipientAddress);
        Assert.Equal((OutboxState.Sent, null), (entries["ann@example.test"].State, entries["ann@example.test"].LastError));
        Assert.Equal(OutboxState.Dead, entries["nobody@example.test"].State);
        Assert.Contains($"refuses this recipient: {said}", entries["nobody@example.test"].LastError, StringComparison.Ordinal);
        Assert.Equal(relay, entries["cid@elsewhere.test"].State);
        Assert.Equal(OutboxState.Dead, entries["ünal@example.test"].State);
        Assert.Contains("SMTPUTF8", entries["ünal@example.test"].LastError, StringComparison.Ordinal);

        var box = await Eventually.FoundAsync(
            () => Task.FromResult(server.Of("ann").FirstOrDefault(text => text.Contains("--", StringComparison.Ordinal))),
            "the mail is in the mailbox");
        Assert.DoesNotContain("\n>From", box, StringComparison.Ordinal);
        // An mbox file has a line of its own before each message.
        var start = box.StartsWith("From ", StringComparison.Ordinal) ? box.IndexOf('\n', StringComparison.Ordinal) + 1 : 0;
        var mail = Load(box[start..]);
        Assert.StartsWith(Text.TrimEnd(), mail.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_rule_of_rspamd_with_a_score_hits_that_the_portal_could_mend()
    {
        await using var rspamd = await MailFilters.Rspamd.StartAsync();
        await AssertNoneAsync(
            message => rspamd.EvaluateAsync(message, Host, $"portal@{Host}", "ann@example.test"),
            // The test has no DNS, so nothing can confirm which machine sends; and its mail server is spoken to without TLS.
            [
                "HFILTER_HOSTNAME_UNKNOWN", "HFILTER_HELO_NORES_A_OR_MX", "HFILTER_HELO_IP_A",
                "HFILTER_FROMHOST_NORES_A_OR_MX", "RDNS_NONE", "RCVD_NO_TLS_LAST"
            ]);
    }

    [Fact]
    public async Task No_rule_of_SpamAssassin_with_a_score_hits_that_the_portal_could_mend() =>
        await AssertNoneAsync(MailFilters.SpamAssassinAsync, []);

    private static async Task AssertNoneAsync(Func<string, Task<IReadOnlyDictionary<string, double>>> judge, IReadOnlyList<string> ofTheTest)
    {
        var held = new List<string>();
        foreach (var (template, message) in await OneOfEachAsync())
        {
            var hits = await judge(message);
            Assert.NotEmpty(hits);
            held.AddRange(
                hits.Where(hit => hit.Value > 0 && !ofTheTest.Contains(hit.Key))
                    .Select(hit => string.Create(CultureInfo.InvariantCulture, $"{template}: {hit.Key} {hit.Value}")));
        }
        Assert.True(held.Count == 0, string.Join('\n', held));
    }

    /// <summary>Sends one mail of each template, and returns them as a mail server kept them.</summary>
    private static async Task<IReadOnlyList<(string Template, string Message)>> OneOfEachAsync()
    {
        await using var postfix = await Postfix.StartAsync();
        await using var database = await DatabaseAsync(postfix.Port);
        var ann = new MailRecipient("ann@example.test", "Ann Lee");
        await database.WriteAsync(work =>
        {
            foreach (var draft in new MailDraft[]
            {
                new MailDraft.MfaDisabledToAdministrator(ann, Elena, MfaDisabledBy.LostDevice, Jonas, At),
                new MailDraft.MfaSetUp(Elena, Replaced: true, Jonas, At),
                new MailDraft.MfaDisabledToPerson(Elena, MfaDisabledBy.Administrator, Jonas, At),
                new MailDraft.LostDeviceLink(Elena, Token, At, "203.0.113.24"),
                new MailDraft.ForgottenPassword(Elena, Token, At, Jonas), new MailDraft.Invitation(Elena, Token, At, Jonas),
                new MailDraft.AccountLocked(Elena, 5, At, At, "203.0.113.24"), new MailDraft.EmailChanged(ann, Elena, Jonas, At),
                new MailDraft.Test(ann, At),
                new MailDraft.UsernameChanged(ann, "renamed", Elena, Elena, "ｅ.rossi", "e.rossi-2", At),
            }) work.Queue(draft);
        });
        // Filters hold it against a mail when its date is far from today's.
        database.Time.SetUtcNow(TimeProvider.System.GetUtcNow());
        await database.Service<OutboxDispatcher>().DispatchAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => postfix.Of("ann").Count == TemplateCatalogue.All.Count, "one of each is in the mailbox");
        return [.. postfix.Of("ann").Select(mail => (Mailbox.Template(mail)!, mail.ToString()))];
    }

    private static MimeMessage Load(string message)
    {
        using var bytes = new MemoryStream(System.Text.Encoding.Latin1.GetBytes(message));
        return MimeMessage.Load(bytes);
    }

    private static Task<TestDatabase> DatabaseAsync(int port) => TestDatabase.CreateAsync(settings:
    [
        ("Portal:PublicUrl", $"https://{Host}"), ("Mail:Smtp:Host", "127.0.0.1"),
        ("Mail:Smtp:Port", port.ToString(CultureInfo.InvariantCulture)), ("Mail:Smtp:Security", "None"),
    ]);
}

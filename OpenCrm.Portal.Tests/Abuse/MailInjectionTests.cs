using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>
/// Case A21 of docs/threats.md: whatever people, the company and templates are called, a message has one envelope recipient and the same headers as
/// every other message. Sent to a real SMTP server and read from what went over the wire. The values are written to the database directly, past every
/// check of the pages.
/// </summary>
public sealed class MailInjectionTests(PostgresCluster cluster)
{
    private static readonly string[] Names =
    [
        "Ann\r\nBcc: evil@evil.test", "Ann\nBcc: evil@evil.test", "Ann\rBcc: evil@evil.test",
        "Ann\u2028Bcc: evil@evil.test", "Ann\u2029Bcc: evil@evil.test", "Ann\u0085Bcc: evil@evil.test",
        "a@x>\r\nRCPT TO:<evil@evil.test>", "\r\n.\r\nMAIL FROM:<evil@evil.test>\r\nRCPT TO:<evil@evil.test>\r\nDATA\r\n",
        "\"Ann\" <evil@evil.test>", "Ann, evil@evil.test", "Ann <evil@evil.test>;",
        "\\\"\r\n <evil@evil.test>", "=?utf-8?q?=0D=0ABcc:_evil@evil.test?=", "\u202eAnn\u0007\u001b[31m",
        "{{ portal_url }}{% if %}", "<script>alert(1)</script>", new('x', 100),
    ];

    private static readonly string[] Addresses =
    [
        "ann@x.test>\r\nRCPT TO:<evil@evil.test", "\"ann\r\nBcc: evil\"@x.test", "\"ann evil@evil.test,\"@x.test",
        "ann@x.test,evil@evil.test", "ann@x.test evil@evil.test", "<evil@evil.test>",
        "ann@x.test\nBcc: evil@evil.test", "ann@x.test;evil@evil.test", "Ann <evil@evil.test>", "@evil.test:ann@x.test",
    ];

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task No_name_subject_company_or_address_adds_a_recipient_a_header_or_a_command(DatabaseKind database)
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalHost.StartAsync(sink.Receives(await cluster.NewAsync(database)));
        // PostgreSQL cannot store NUL; SQLite can.
        string[] names = database == DatabaseKind.Sqlite ? [.. Names, "Ann\0Bcc: evil@evil.test"] : Names;
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<GeneralSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.CompanyName, "Evil\r\nBcc: evil@evil.test"));
            work.Add(new MailTemplate
            {
                Key = "mfa-removed",
                Subject = "Hi {{ recipient_name }}\r\nBcc: evil@evil.test\r\n\r\n<b>",
                HtmlBody = "<p>\r\n.\r\nRCPT TO:<evil@evil.test>\r\n{{ recipient_name }}</p>",
                TextBody = "x\r\n.\r\nMAIL FROM:<evil@evil.test>\n.\n{{ recipient_name }}",
                ChangedBy = "x",
            });
            for (var i = 0; i < names.Length; i++)
            {
                var user = NewUsers.Add(work, $"user{i}", names[i], $"user{i}@x.test", "hash", false);
                work.Queue(new MailDraft.MfaDisabledToPerson(
                    user, MfaDisabledBy.Administrator,
                    new Caller.Person(Guid.NewGuid(), names[i], Guid.NewGuid(), true, work.Now) { Address = names[i] },
                    work.Now));
                work.Queue(new MailDraft.MfaDisabledToAdministrator(
                    new($"admin{i}@x.test", names[i]), user, MfaDisabledBy.LostDevice, new Caller.Nobody(), work.Now));
            }
            foreach (var address in Addresses) work.Queue(new MailDraft.Test(new(address, "Ann"), work.Now));
            await work.CommitAsync();
        }
        await Eventually.TrueAsync(
            async () => await portal.CountAsync<OutboxEntry>(mails => mails.Where(e => e.State == OutboxState.Sent || e.LastError != null))
                == 2 * names.Length + Addresses.Length,
            "every message is sent or refused", TimeSpan.FromSeconds(60));

        // Refused before anything of them reaches the mail server.
        await using (var work = await portal.BeginAsync())
        {
            var unsent = await work.Query<OutboxEntry>().Where(e => e.State != OutboxState.Sent).ToListAsync();
            Assert.Equal(Addresses.Order(StringComparer.Ordinal), unsent.Select(e => e.RecipientAddress).Order(StringComparer.Ordinal));
            Assert.All(unsent, e => Assert.StartsWith("FormatException", e.LastError, StringComparison.Ordinal));
        }
        var expected = Enumerable.Range(0, names.Length)
            .SelectMany(i => new[] { $"user{i}@x.test", $"admin{i}@x.test" })
            .Order(StringComparer.Ordinal).ToList();
        Assert.All(sink.Envelopes, envelope => Assert.Equal("portal@example.test", envelope.From));
        Assert.Equal(expected, sink.Envelopes.Select(envelope => Assert.Single(envelope.To)).Order(StringComparer.Ordinal));
        var said = Commands(sink.Transcript);
        Assert.Equal(expected.Count, said.Count(line => line.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(
            expected.Count,
            said.Count(line => line.StartsWith("MAIL", StringComparison.OrdinalIgnoreCase) && !line.Contains("evil", StringComparison.Ordinal)));

        string[] headers = ["Auto-Submitted", "Date", "From", "Message-Id", "MIME-Version", "Subject", "To", "X-Portal-Template"];
        Assert.All(sink.Mailbox.All(), mail =>
        {
            Assert.Equal(headers, mail.Headers.Select(h => h.Field).Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
            Assert.Single(mail.To);
            Assert.Single(mail.From);
            Assert.DoesNotContain(mail.Subject!, c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202e');
            Assert.True(Encoding.UTF8.GetByteCount(mail.Subject!) <= 800);
        });
    }

    /// <summary>Returns what the portal sent outside of messages, read as a server reads it: a line with a single dot ends a message.</summary>
    private static List<string> Commands(IEnumerable<string> transcript)
    {
        var (commands, inMessage) = (new List<string>(), false);
        foreach (var line in transcript.Where(line => line.StartsWith("C: ", StringComparison.Ordinal)).Select(line => line[3..]))
        {
            if (!inMessage) commands.Add(line);
            inMessage = inMessage ? line != "." : line == "DATA";
        }
        return commands;
    }
}

using MimeKit;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Tests.Mail;

public sealed class PickupTransportTests
{
    [Fact]
    public async Task A_message_becomes_one_file_that_a_mail_reader_understands()
    {
        await using var database = await TestDatabase.CreateAsync();
        var elena = await database.AddUserAsync("e.rossi", name: "Elena Rössi");
        await database.WriteAsync(work => work.Queue(
            new MailDraft.MfaDisabledToAdministrator(
                new("ann@northwind.test", "Ann Lee"), elena, MfaDisabledBy.LostDevice, new Caller.Nobody { Address = "203.0.113.24" }, work.Now)));

        await database.Service<OutboxDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);

        var entry = Assert.Single(await database.ReadAsync<OutboxEntry>());
        var file = Assert.Single(Directory.GetFiles(Path.Combine(database.Folder, "mail")));
        Assert.Equal($"20261012T084100000-{entry.Id}.eml", Path.GetFileName(file));
        var mail = await MimeMessage.LoadAsync(file);
        Assert.Equal("\"Ann Lee\" <ann@northwind.test>", mail.To.ToString());
        Assert.Equal("\"OpenCRM\" <portal@portal.northwind.test>", mail.From.ToString());
        Assert.Empty(mail.Cc.Concat(mail.Bcc).Concat(mail.ReplyTo));
        Assert.Equal("MFA was disabled for Elena Rössi", mail.Subject);
        Assert.Equal("mfa-disabled", mail.Headers["X-Portal-Template"]);
        Assert.Equal("auto-generated", mail.Headers[HeaderId.AutoSubmitted]);
        Assert.Equal($"{entry.Id:N}@portal.northwind.test", mail.MessageId);
        Assert.Equal(database.Time.GetUtcNow(), mail.Date);
        var bodies = Assert.IsType<MultipartAlternative>(mail.Body);
        Assert.Equal(["text/plain", "text/html"], bodies.Select(b => b.ContentType.MimeType));
        Assert.Contains("By the user at sign-in, with a lost-device link", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"href=\"https://portal.northwind.test/settings/users/{elena.Id}\"", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Elena\r\nBcc: all@northwind.test")]
    [InlineData("Elena\nX-Evil: 1")]
    [InlineData("Elena\u2028Bcc: all@northwind.test\u0000")]
    [InlineData("Elena\" <evil@northwind.test>, \"x")]
    public async Task A_name_cannot_add_a_header_or_a_recipient(string name)
    {
        await using var database = await TestDatabase.CreateAsync();
        var elena = await database.AddUserAsync("e.rossi", name: name);
        await database.WriteAsync(work => work.Queue(
            new MailDraft.MfaDisabledToAdministrator(MailRecipient.Of(elena), elena, MfaDisabledBy.User, new Caller.Console(), work.Now)));

        await database.Service<OutboxDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);

        var mail = await MimeMessage.LoadAsync(Assert.Single(Directory.GetFiles(Path.Combine(database.Folder, "mail"))));
        Assert.Equal("e.rossi@northwind.test", Assert.Single(mail.To.Mailboxes).Address);
        Assert.Equal(
            [
                "Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "MIME-Version", "Message-Id", "Subject", "To",
                "X-Portal-Template",
            ],
            mail.Headers.Concat(mail.Body!.Headers).Select(h => h.Field).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_line_of_a_file_ends_as_on_the_wire_and_none_is_long_or_begins_like_a_mailbox()
    {
        await using var database = await TestDatabase.CreateAsync();
        var long_ = new string('x', 2_000);
        await database.WriteAsync(work =>
        {
            work.Add(new MailTemplate
            {
                Key = "test",
                Subject = "s",
                HtmlBody = $"<p>{long_}</p>\nFrom here",
                TextBody = $"From me\r\n{long_}\nFrom Ünal",
                ChangedBy = "Ann"
            });
            work.Queue(new MailDraft.Test(new("ann@northwind.test", "Ünal"), work.Now));
        });

        await database.Service<OutboxDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);

        var text = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(Path.Combine(database.Folder, "mail"))));
        Assert.DoesNotContain("\n", text.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("\r", text.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.All(text.Split("\r\n"), line =>
        {
            Assert.InRange(line.Length, 0, 78);
            Assert.False(line.StartsWith("From ", StringComparison.Ordinal), line);
            Assert.True(line.All(char.IsAscii), line);
        });
        var mail = await MimeMessage.LoadAsync(Assert.Single(Directory.GetFiles(Path.Combine(database.Folder, "mail"))));
        Assert.StartsWith($"From me\n{long_}\nFrom Ünal\n\n-- \nYou get", mail.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:5000", "portal@localhost", "portal.invalid")]
    [InlineData("http://127.0.0.1:5000/", "portal@[127.0.0.1]", "portal.invalid")]
    [InlineData("http://[::1]:5000", "portal@[IPv6:::1]", "portal.invalid")]
    [InlineData("https://bücher.example", "portal@xn--bcher-kva.example", "xn--bcher-kva.example")]
    public async Task The_sender_follows_the_public_address_and_the_message_id_has_a_full_name(string publicUrl, string sender, string idHost)
    {
        await using var database = await TestDatabase.CreateAsync(settings: [("Portal:PublicUrl", publicUrl)]);
        await database.WriteAsync(work => work.Queue(new MailDraft.Test(new("ann@northwind.test", "Ann"), work.Now)));

        await database.Service<OutboxDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);

        var mail = await MimeMessage.LoadAsync(Assert.Single(Directory.GetFiles(Path.Combine(database.Folder, "mail"))));
        Assert.Equal(sender, MailboxAddress.EncodeAddrspec(Assert.Single(mail.From.Mailboxes).Address));
        Assert.EndsWith($"@{idHost}", mail.MessageId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ann@northwind.test, bob@northwind.test")]
    [InlineData("ann@northwind.test>\r\nRCPT TO:<bob@northwind.test")]
    [InlineData("\"ann\r\nRCPT TO:<bob@northwind.test>\"@northwind.test")]
    [InlineData("Ann <ann@northwind.test>")]
    public async Task An_address_that_is_not_one_plain_address_is_not_written_to(string address)
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.WriteAsync(work => work.Queue(new MailDraft.Test(new(address, "Ann"), work.Now)));

        await database.Service<OutboxDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);

        Assert.False(Directory.Exists(Path.Combine(database.Folder, "mail")));
        Assert.StartsWith("FormatException", Assert.Single(await database.ReadAsync<OutboxEntry>()).LastError, StringComparison.Ordinal);
    }
}

using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace OpenCrm.Portal.Tests.Support;

public sealed class SmtpSinkTests
{
    [Fact]
    public async Task An_accepted_message_is_kept_with_its_envelope_and_the_conversation()
    {
        await using var sink = await SmtpSink.StartAsync();

        await SendAsync(sink);

        Assert.Equal("Hello", (await sink.Mailbox.WaitForAsync("ada@example.test", "test")).Subject);
        Assert.Equal(["ada@example.test"], Assert.Single(sink.Envelopes).To);
        Assert.Contains(sink.Transcript, line => line.StartsWith("C: RCPT TO:<ada@example.test>", StringComparison.Ordinal));
        Assert.Contains("S: 250 2.0.0 Kept", sink.Transcript);
    }

    [Fact]
    public async Task A_refused_message_is_not_kept()
    {
        await using var sink = await SmtpSink.StartAsync();

        await sink.AnswerAsync(SmtpAnswer.Temporary);
        Assert.Equal(451, (int)(await Assert.ThrowsAsync<SmtpCommandException>(() => SendAsync(sink))).StatusCode);
        await sink.AnswerAsync(SmtpAnswer.Permanent);
        Assert.Equal(554, (int)(await Assert.ThrowsAsync<SmtpCommandException>(() => SendAsync(sink))).StatusCode);
        await sink.AnswerAsync(SmtpAnswer.Drop);
        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(sink));

        Assert.Empty(sink.Mailbox.All());
    }

    [Fact]
    public async Task A_message_can_be_kept_although_its_sender_is_cut_off()
    {
        await using var sink = await SmtpSink.StartAsync();

        await sink.AnswerAsync(SmtpAnswer.DropAfterStoring);
        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(sink));

        Assert.Single(sink.Mailbox.All());
    }

    [Fact]
    public async Task A_stopped_sink_refuses_and_a_started_one_accepts_at_the_same_port()
    {
        await using var sink = await SmtpSink.StartAsync();

        await sink.StopAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(sink));
        await sink.StartAgainAsync();
        await SendAsync(sink);

        Assert.Single(sink.Mailbox.All());
    }

    [Fact]
    public async Task The_certificate_of_the_sink_is_trusted_by_nobody()
    {
        await using var sink = await SmtpSink.StartAsync(startTls: true);

        await Assert.ThrowsAsync<SslHandshakeException>(() => SendAsync(sink, SecureSocketOptions.StartTls));

        Assert.Contains("C: STARTTLS", sink.Transcript);
    }

    private static async Task SendAsync(SmtpSink sink, SecureSocketOptions security = SecureSocketOptions.None)
    {
        using var mail = new MimeMessage();
        mail.From.Add(MailboxAddress.Parse("portal@example.test"));
        mail.To.Add(MailboxAddress.Parse("ada@example.test"));
        mail.Subject = "Hello";
        mail.Headers.Add(Mailbox.TemplateHeader, "test");
        mail.Body = new TextPart("plain") { Text = "." };
        using var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", sink.Port, security);
        await client.SendAsync(mail);
        await client.DisconnectAsync(quit: true);
    }
}

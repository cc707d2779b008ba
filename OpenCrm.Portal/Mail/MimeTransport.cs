using System.Text;
using MimeKit;
using MimeKit.Encodings;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>What the transports share: the message in MIME, with one recipient and no header that a value could have made.</summary>
internal abstract class MimeTransport : IMailTransport
{
    /// <summary>Shorter than the 76 that may be, so that there is room for <see cref="Sheltered"/>.</summary>
    private const int LineLength = 72;

    public abstract Task SendAsync(OutgoingMail mail, CancellationToken cancel);

    public abstract Task EndBatchAsync(CancellationToken cancel);

    /// <exception cref="FormatException">An address could be read as more than one, or as something else.</exception>
    protected static MimeMessage Compose(OutgoingMail mail)
    {
        if (!AccountName.IsValidEmail(mail.To.Address)) throw new FormatException("The recipient's address is not one plain e-mail address.");
        var message = new MimeMessage { Subject = SingleLine.Of(mail.Content.Subject), Date = mail.At, MessageId = mail.MessageId };
        message.From.Add(Mailbox(mail.From));
        message.To.Add(Mailbox(mail.To));
        message.Headers.Add("X-Portal-Template", mail.TemplateKey);
        // RFC 3834: no out-of-office answers, please.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        message.Body = new MultipartAlternative(Part("plain", mail.Content.Text), Part("html", mail.Content.Html));
        // Seven bits and short lines: nothing on the way may have a reason to change it.
        message.Prepare(EncodingConstraint.SevenBit);
        return message;
    }

    private static TextPart Part(string subtype, string text)
    {
        var part = new TextPart(subtype)
        {
            Content = new MimeContent(new MemoryStream(Sheltered(QuotedPrintable(text))), ContentEncoding.QuotedPrintable),
            ContentTransferEncoding = ContentEncoding.QuotedPrintable,
        };
        part.ContentType.Charset = "utf-8";
        return part;
    }

    /// <summary>In any language, also where a shorter encoding would do: blanks at the end of a line survive, and filters look through it without suspicion.</summary>
    private static string QuotedPrintable(string text)
    {
        var encoder = new QuotedPrintableEncoder(LineLength);
        var bytes = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"));
        var encoded = new byte[encoder.EstimateOutputLength(bytes.Length)];
        return Encoding.ASCII.GetString(encoded, 0, encoder.Flush(bytes, 0, bytes.Length, encoded));
    }

    /// <summary>Mailboxes of the old kind separate messages by lines that begin so, and servers write <c>&gt;From</c> into whoever's text has one.</summary>
    private static byte[] Sheltered(string encoded) =>
        Encoding.ASCII.GetBytes(string.Join('\n', encoded.Split('\n').Select(line => line.StartsWith("From ", StringComparison.Ordinal) ? $"=46{line[1..]}" : line)));

    private static MailboxAddress Mailbox(MailRecipient person)
    {
        if (person.Address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';' or '"'))
            throw new FormatException("An address is not one plain e-mail address.");
        return new(SingleLine.Of(person.Name), person.Address);
    }
}

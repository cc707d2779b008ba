using System.Text;
using MimeKit;
using MimeKit.Encodings;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>Builds the MIME message for all transports: one recipient, and no header that a value could have added.</summary>
internal abstract class MimeTransport : IMailTransport
{
    /// <summary>Shorter than the 76 characters that quoted-printable allows, to leave room for what <see cref="Sheltered"/> adds.</summary>
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
        // Asks for no out-of-office answers (RFC 3834).
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        message.Body = new MultipartAlternative(Part("plain", mail.Content.Text), Html(mail.Content));
        message.Body.Headers.Add(HeaderId.ContentLanguage, mail.To.Language.Name);
        // Seven bits and short lines give no server on the way a reason to change the message.
        message.Prepare(EncodingConstraint.SevenBit);
        return message;
    }

    /// <summary>The HTML, together with the picture that it shows (RFC 2387).</summary>
    private static MimeEntity Html(RenderedMail mail)
    {
        var html = Part("html", mail.Html);
        if (mail.Picture is not { } picture) return html;
        return new MultipartRelated(html, new MimePart(ContentType.Parse(picture.ContentType))
        {
            Content = new MimeContent(new MemoryStream(picture.Bytes, writable: false)),
            ContentId = picture.ContentId,
            ContentTransferEncoding = ContentEncoding.Base64,
            // Inline and without a file name, so that it is not listed as an attachment.
            ContentDisposition = new ContentDisposition(ContentDisposition.Inline),
        });
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

    /// <summary>
    /// Encodes every text as quoted-printable, even where a shorter encoding would do: blanks at the end of a line survive, and spam filters do not
    /// find it suspicious.
    /// </summary>
    private static string QuotedPrintable(string text)
    {
        var encoder = new QuotedPrintableEncoder(LineLength);
        var bytes = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"));
        var encoded = new byte[encoder.EstimateOutputLength(bytes.Length)];
        return Encoding.ASCII.GetString(encoded, 0, encoder.Flush(bytes, 0, bytes.Length, encoded));
    }

    /// <summary>
    /// Encodes the first letter of lines that begin with "From ". Mbox files separate messages by such lines, so servers would change them to
    /// <c>&gt;From</c>.
    /// </summary>
    private static byte[] Sheltered(string encoded) =>
        Encoding.ASCII.GetBytes(string.Join('\n', encoded.Split('\n')
            .Select(line => line.StartsWith("From ", StringComparison.Ordinal) ? $"=46{line[1..]}" : line)));

    private static MailboxAddress Mailbox(MailRecipient person)
    {
        if (person.Address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';' or '"'))
            throw new FormatException("An address is not one plain e-mail address.");
        return new(SingleLine.Of(person.Name), person.Address);
    }
}

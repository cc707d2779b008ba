using MimeKit;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>What the transports share: the message in MIME, with one recipient and no header that a value could have made.</summary>
internal abstract class MimeTransport : IMailTransport
{
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
        message.Body = new BodyBuilder { TextBody = mail.Content.Text, HtmlBody = mail.Content.Html }.ToMessageBody();
        // Seven bits and short lines: nothing on the way may have a reason to change it.
        message.Prepare(EncodingConstraint.SevenBit);
        return message;
    }

    private static MailboxAddress Mailbox(MailRecipient person)
    {
        if (person.Address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';' or '"'))
            throw new FormatException("An address is not one plain e-mail address.");
        return new(SingleLine.Of(person.Name), person.Address);
    }
}

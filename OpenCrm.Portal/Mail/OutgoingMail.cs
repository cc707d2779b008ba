namespace OpenCrm.Portal.Mail;

/// <summary>A message on its way to a transport.</summary>
internal sealed record OutgoingMail(Guid Id, string TemplateKey, string MessageId, DateTimeOffset At, MailRecipient From, MailRecipient To, RenderedMail Content)
{
    /// <summary>How the portal greets a mail server; null: by the connection's own address.</summary>
    public string? HeloName { get; init; }

    /// <summary>Never a person's address or a link in a log.</summary>
    public override string ToString() => $"{TemplateKey} {Id}";
}

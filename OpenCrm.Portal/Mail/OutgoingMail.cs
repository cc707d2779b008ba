namespace OpenCrm.Portal.Mail;

/// <summary>A message on its way to a transport.</summary>
internal sealed record OutgoingMail(
    Guid Id, string TemplateKey, string MessageId, DateTimeOffset At, MailRecipient From, MailRecipient To, RenderedMail Content)
{
    /// <summary>The name in the greeting to the mail server (HELO); null for the connection's own IP address.</summary>
    public string? HeloName { get; init; }

    /// <summary>The mail server that it goes to; null for the pickup folder.</summary>
    public SmtpOptions? Server { get; init; }

    /// <summary>Names no person and no link, because it may end up in a log.</summary>
    public override string ToString() => $"{TemplateKey} {Id}";
}

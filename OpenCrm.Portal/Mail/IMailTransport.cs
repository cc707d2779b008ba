namespace OpenCrm.Portal.Mail;

/// <summary>
/// Sends messages out of the portal. Only <see cref="OutboxDispatcher"/> calls it. Each of its lanes has a transport of its own and sends one message
/// at a time.
/// </summary>
internal interface IMailTransport
{
    /// <summary>Returns once the message is handed over for good; throws if it is not, or if that is uncertain.</summary>
    /// <exception cref="TransportUnreachableException">No message can be sent now.</exception>
    /// <exception cref="TransportDoubtedException">Either no message can be sent now, or only this one is refused.</exception>
    /// <exception cref="MailRefusedException">This message will never be accepted as it is.</exception>
    Task SendAsync(OutgoingMail mail, CancellationToken cancel);

    /// <summary>Closes what was kept open between messages, when there is nothing more to send for now.</summary>
    Task EndBatchAsync(CancellationToken cancel);
}

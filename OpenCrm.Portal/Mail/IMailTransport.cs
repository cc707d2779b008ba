namespace OpenCrm.Portal.Mail;

/// <summary>Takes a message out of the portal. Called by <see cref="OutboxDispatcher"/> alone; each of its lanes has one of its own, and sends one message at a time.</summary>
internal interface IMailTransport
{
    /// <summary>Returns once the message is handed over for good; throws if it is not, or not surely.</summary>
    /// <exception cref="TransportUnreachableException">No message would get out now.</exception>
    /// <exception cref="TransportDoubtedException">No message would, or only this one does not.</exception>
    /// <exception cref="MailRefusedException">This one never will, as it is.</exception>
    Task SendAsync(OutgoingMail mail, CancellationToken cancel);

    /// <summary>Nothing more to send for now: lets go of what was kept open between messages.</summary>
    Task EndBatchAsync(CancellationToken cancel);
}

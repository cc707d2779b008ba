namespace OpenCrm.Portal.Mail;

/// <summary>A message was not sent. The exception's message says why, in words for a row of the outbox.</summary>
internal abstract class NotSentException(string message, Exception? inner) : Exception(message, inner);

/// <summary>No message can be sent now, whatever it is. An operator can correct that, so no message is given up early because of it.</summary>
internal sealed class TransportUnreachableException(string message, Exception? inner) : NotSentException(message, inner);

/// <summary>
/// Either no message can be sent now, or only this one is refused. Many servers decide only when they get the recipient or the message. The result of
/// the next message shows which it is.
/// </summary>
/// <param name="message">What is wrong if no message can be sent.</param>
/// <param name="alone">The failure if only this message is refused.</param>
internal sealed class TransportDoubtedException(string message, NotSentException alone) : NotSentException(message, alone)
{
    public NotSentException Alone => alone;
}

/// <summary>This message is refused for good; the next one may be sent.</summary>
internal sealed class MailRefusedException(string message, Exception? inner = null) : NotSentException(message, inner);

/// <summary>This message cannot be sent now; the next one may be.</summary>
internal sealed class MailPostponedException(string message, Exception? inner = null) : NotSentException(message, inner);

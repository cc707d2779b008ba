namespace OpenCrm.Portal.Mail;

/// <summary>A message did not get out; the message of the exception says so in words, for a row of the outbox.</summary>
internal abstract class NotSentException(string message, Exception? inner) : Exception(message, inner);

/// <summary>The way out itself is closed, whatever the message: an operator can mend it, and nothing is given up early for it.</summary>
internal sealed class TransportUnreachableException(string message, Exception? inner) : NotSentException(message, inner);

/// <summary>The way out may be closed, or this message alone be refused: the server judged when it heard the recipient or the message, and what becomes of the next one tells.</summary>
/// <param name="message">What is wrong if it is the way out.</param>
/// <param name="alone">What it is if only this message is meant.</param>
internal sealed class TransportDoubtedException(string message, NotSentException alone) : NotSentException(message, alone)
{
    public NotSentException Alone => alone;
}

/// <summary>This message is refused for good; the next one may go.</summary>
internal sealed class MailRefusedException(string message, Exception? inner = null) : NotSentException(message, inner);

/// <summary>This message does not go now; the next one may.</summary>
internal sealed class MailPostponedException(string message, Exception? inner = null) : NotSentException(message, inner);

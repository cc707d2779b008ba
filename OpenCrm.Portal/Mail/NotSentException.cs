namespace OpenCrm.Portal.Mail;

/// <summary>A message did not get out; the message of the exception says so in words, for a row of the outbox.</summary>
internal abstract class NotSentException(string message, Exception? inner) : Exception(message, inner);

/// <summary>The way out itself is closed, whatever the message: an operator can mend it, and nothing is given up early for it.</summary>
internal sealed class TransportUnreachableException(string message, Exception? inner) : NotSentException(message, inner);

/// <summary>This message is refused for good; the next one may go.</summary>
internal sealed class MailRefusedException(string message, Exception? inner = null) : NotSentException(message, inner);

/// <summary>This message does not go now; the next one may.</summary>
internal sealed class MailPostponedException(string message, Exception? inner = null) : NotSentException(message, inner);

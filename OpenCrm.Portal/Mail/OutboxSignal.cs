using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>Raised when a message was committed.</summary>
internal sealed class OutboxSignal : WakeSignal;

using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>Wakes the dispatcher when a message was committed.</summary>
internal sealed class OutboxSignal : WakeSignal;

namespace OpenCrm.Portal.Sessions;

/// <summary>What the clock does to a session (spec 4.5, ASVS 7.3).</summary>
/// <param name="LastSeenAt">The newest event in any of its tabs.</param>
/// <param name="Timeout">How long nothing may happen, as configured at the moment.</param>
public readonly record struct SessionTimes(DateTimeOffset LastSeenAt, TimeSpan Timeout, DateTimeOffset ExpiresAt)
{
    /// <summary>NIST SP 800-63B-4 2.2.3 and ASVS 7.3.2: a day, however busy.</summary>
    public static readonly TimeSpan AbsoluteLifetime = TimeSpan.FromHours(24);

    /// <summary>When it is idle, or over, unless something happens.</summary>
    public DateTimeOffset DueAt => LastSeenAt + Timeout < ExpiresAt ? LastSeenAt + Timeout : ExpiresAt;

    /// <summary>From then on an event is written down: at most once in a tenth of the timeout.</summary>
    public DateTimeOffset NextNoteAt => LastSeenAt + Timeout / 10;

    public bool IsIdle(DateTimeOffset now) => LastSeenAt + Timeout <= now;
}

namespace OpenCrm.Portal.Sessions;

/// <summary>When a session becomes idle and when it expires (docs/spec.md 4.5, ASVS 7.3).</summary>
/// <param name="LastSeenAt">The newest event in any tab of the session.</param>
/// <param name="Timeout">The configured idle time after which people must sign in again.</param>
public readonly record struct SessionTimes(DateTimeOffset LastSeenAt, TimeSpan Timeout, DateTimeOffset ExpiresAt)
{
    /// <summary>A session ends after a day, however busy it is (NIST SP 800-63B-4 2.2.3, ASVS 7.3.2).</summary>
    public static readonly TimeSpan AbsoluteLifetime = TimeSpan.FromHours(24);

    /// <summary>When the session becomes idle or expires, if nothing happens until then.</summary>
    public DateTimeOffset DueAt => LastSeenAt + Timeout < ExpiresAt ? LastSeenAt + Timeout : ExpiresAt;

    /// <summary>Events before this time are not written: at most one in a tenth of the timeout is.</summary>
    public DateTimeOffset NextNoteAt => LastSeenAt + Timeout / 10;

    public bool IsIdle(DateTimeOffset now) => LastSeenAt + Timeout <= now;
}

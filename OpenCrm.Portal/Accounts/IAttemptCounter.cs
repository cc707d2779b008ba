namespace OpenCrm.Portal.Accounts;

/// <summary>The one counter of wrong passwords and wrong codes, of a user or of a name that nobody has (docs/spec.md 1.5, 1.6).</summary>
public interface IAttemptCounter
{
    /// <summary>
    /// Attempts reserved since the counter was last set to zero. An attempt counts before its answer is checked; a right answer gives it back.
    /// </summary>
    int AccessFailedCount { get; set; }

    /// <summary>End of the lock after failed attempts; <see cref="DateTimeOffset.MaxValue"/> = until unlocked; null = no lock.</summary>
    DateTimeOffset? LockoutEnd { get; set; }

    /// <summary>
    /// The end of the newest lock as pages show it; null = never locked since the last complete sign-in or unlock. The last active administrator has
    /// special lock times: pages show what they would show for anybody else, or they would reveal who that administrator is.
    /// </summary>
    DateTimeOffset? LockTold { get; set; }

    /// <summary>
    /// Whether an attempt during the newest lock was recorded already. One event for each lock says that somebody goes on trying; more would let
    /// anybody fill the audit trail.
    /// </summary>
    bool LockNoted { get; set; }

    int LocksInARow { get; set; }

    int FailuresInARow { get; set; }

    /// <summary>Grows whenever the counter is set to zero. It keeps an attempt reserved before the reset from being given back after it.</summary>
    int CounterEpoch { get; set; }

    DateTimeOffset? LastAttemptAt { get; set; }

    /// <summary>
    /// Whether the shown end of the lock is over but the real one is not, as for the last administrator under a short timed lock. Somebody who has
    /// proved nothing yet then sees an open account, as anybody else's would be; but no answer is checked.
    /// </summary>
    bool OnlyReadsAsOpen(DateTimeOffset now) => LockoutEnd > now && LockTold <= now;
}

/// <summary>
/// Counts attempts for a name that no active user has, so that "locked" appears for it as for a real one. Otherwise the lock would reveal which
/// accounts exist.
/// </summary>
public sealed class DecoyAccount : IAttemptCounter
{
    /// <summary>HMAC of the normalized name, so that a stolen database does not reveal what people typed by mistake.</summary>
    public required byte[] Key { get; init; }

    public int AccessFailedCount { get; set; }

    public DateTimeOffset? LockoutEnd { get; set; }

    public DateTimeOffset? LockTold { get; set; }

    public bool LockNoted { get; set; }

    public int LocksInARow { get; set; }

    public int FailuresInARow { get; set; }

    public int CounterEpoch { get; set; }

    public DateTimeOffset? LastAttemptAt { get; set; }
}

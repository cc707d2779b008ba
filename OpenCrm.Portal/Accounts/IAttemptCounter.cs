namespace OpenCrm.Portal.Accounts;

/// <summary>The one counter of wrong passwords and wrong codes (spec 1.5), of a user or of a name that nobody has (spec 1.6).</summary>
public interface IAttemptCounter
{
    /// <summary>Attempts reserved since the counter was last set to zero; those still being looked at are counted already.</summary>
    int AccessFailedCount { get; set; }

    /// <summary>End of the lock after failed attempts; <see cref="DateTimeOffset.MaxValue"/> = until unlocked.</summary>
    DateTimeOffset? LockoutEnd { get; set; }

    /// <summary>
    /// What pages say of the end of the newest lock: for the last active administrator, whose lock ends earlier or later (spec 5.5), what they would say of anybody's,
    /// so that nobody is told apart (spec 1.6). Null: never locked since the last complete sign-in or unlock.
    /// </summary>
    DateTimeOffset? LockTold { get; set; }

    /// <summary>Whether a try during the newest lock was noted already: one line a lock tells that somebody goes on, and more would let anybody fill the trail.</summary>
    bool LockNoted { get; set; }

    int LocksInARow { get; set; }

    int FailuresInARow { get; set; }

    /// <summary>Grows whenever the counter is set to zero, so that an attempt reserved before is not given back after.</summary>
    int CounterEpoch { get; set; }

    DateTimeOffset? LastAttemptAt { get; set; }

    /// <summary>
    /// The end that pages told is over and the real one is not: the last administrator's under a short timed lock (spec 4.2, 5.5). Whoever has proved nothing finds an open
    /// counter here as at anybody's, and nothing is looked at behind it.
    /// </summary>
    bool OnlyReadsAsOpen(DateTimeOffset now) => LockoutEnd > now && LockTold <= now;
}

/// <summary>Counts the tries for a name that no active user has, so that "locked" appears for it as it does for a real one (spec 1.6).</summary>
public sealed class DecoyAccount : IAttemptCounter
{
    /// <summary>HMAC of the normalized name: a stolen database does not tell what people mistyped.</summary>
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

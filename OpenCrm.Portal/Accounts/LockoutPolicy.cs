namespace OpenCrm.Portal.Accounts;

/// <summary>When an account locks after failed attempts, and for how long (docs/spec.md 4.2, 5.5).</summary>
/// <param name="Attempts">Number of wrong answers that lock, 1–100.</param>
/// <param name="Duration">Length of the first lock in a row; zero = until an administrator unlocks.</param>
public sealed record LockoutPolicy(int Attempts, TimeSpan Duration)
{
    /// <summary>NIST SP 800-63B-4 3.2.2 caps failures in a row at 100. After that the account stays locked until somebody unlocks it.</summary>
    public const int FailuresForGood = 100;

    /// <summary>
    /// First lock of the last active administrator, whatever the settings say. Otherwise somebody who only knows the name could lock out the one
    /// person who can unlock.
    /// </summary>
    private static readonly TimeSpan LastAdministrator = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>Returns the end of the lock that begins now; <see cref="DateTimeOffset.MaxValue"/> = until unlocked.</summary>
    public DateTimeOffset LockEnd(DateTimeOffset now, int locksBefore, int failuresInARow, bool lastAdministrator)
    {
        if (failuresInARow >= FailuresForGood) return DateTimeOffset.MaxValue;
        var first = lastAdministrator ? LastAdministrator : Duration;
        if (first <= TimeSpan.Zero) return DateTimeOffset.MaxValue;
        // 2^11 minutes are longer than a day already; the cap keeps the shift in range.
        var doubled = first * (1 << Math.Min(locksBefore, 11));
        return now + (doubled < Longest ? doubled : Longest);
    }
}

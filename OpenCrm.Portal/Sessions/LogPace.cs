namespace OpenCrm.Portal.Sessions;

/// <summary>How often a line may be written that strangers can cause: once a minute, with the number of those left out.</summary>
public class LogPace(TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);
    private readonly Lock gate = new();
    private DateTimeOffset? last;
    private int leftOut;

    /// <summary>Whether it is time for a line.</summary>
    /// <param name="before">How many were left out since the last one.</param>
    public bool IsDue(out int before)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            before = leftOut;
            // A clock that was set back must not silence it.
            if (last is { } then && now >= then && now - then < Between)
            {
                leftOut++;
                return false;
            }
            (last, leftOut) = (now, 0);
            return true;
        }
    }
}

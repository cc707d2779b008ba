namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Limits a log line that strangers can cause to one a minute, so that they cannot fill the log; the line names how many were left out.
/// </summary>
public class LogPace(TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);
    private readonly Lock gate = new();
    private DateTimeOffset? last;
    private int leftOut;

    /// <summary>Whether a line may be written now.</summary>
    /// <param name="before">How many lines were left out since the last one.</param>
    public bool IsDue(out int before)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            before = leftOut;
            // If the clock was set back, the line is written: otherwise it would be silent until the clock catches up.
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

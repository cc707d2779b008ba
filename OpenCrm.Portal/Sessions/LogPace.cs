namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Limits a log line that strangers can cause to one a minute, so that they cannot fill the log; the line names how many were left out.
/// </summary>
public class LogPace(TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private DateTimeOffset? _last;
    private int _leftOut;

    /// <summary>Whether a line may be written now.</summary>
    /// <param name="before">How many lines were left out since the last one.</param>
    public bool IsDue(out int before)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            before = _leftOut;
            // If the clock was set back, the line is written: otherwise it would be silent until the clock catches up.
            if (_last is { } then && now >= then && now - then < Between)
            {
                _leftOut++;
                return false;
            }
            (_last, _leftOut) = (now, 0);
            return true;
        }
    }
}

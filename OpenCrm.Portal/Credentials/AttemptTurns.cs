namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Lets the attempts for one account that come at the same moment begin one after the other, in the order in which they came. As many as the limit
/// allows are checked at once; the others wait here, on this node, without asking the database again and again.
/// </summary>
public sealed class AttemptTurns
{
    /// <summary>More than that wait for no person.</summary>
    private const int Most = 500;

    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Waits for the turn.</summary>
    /// <param name="account">What the account is known by so far: the same for all attempts of one name.</param>
    /// <returns>Null if it did not come in time, or too many wait. Otherwise to be disposed when the next one may begin.</returns>
    internal async Task<IDisposable?> TakeAsync(string account, TimeSpan longest, CancellationToken cancel)
    {
        Line? line;
        lock (_lines)
        {
            if (!_lines.TryGetValue(account, out line)) _lines[account] = line = new();
            if (line.Present >= Most) return null;
            line.Present++;
        }
        var isMine = false;
        try
        {
            isMine = await line.Turn.WaitAsync(longest, cancel);
            return isMine ? new Taken(this, account, line) : null;
        }
        finally
        {
            if (!isMine) Leave(account, line);
        }
    }

    private void Leave(string account, Line line)
    {
        lock (_lines)
        {
            if (--line.Present > 0) return;
            _lines.Remove(account);
            line.Turn.Dispose();
        }
    }

    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1);

        /// <summary>How many wait or have the turn.</summary>
        public int Present { get; set; }
    }

    private sealed class Taken(AttemptTurns turns, string account, Line line) : IDisposable
    {
        public void Dispose()
        {
            line.Turn.Release();
            turns.Leave(account, line);
        }
    }
}

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// A queue with a turn for each client address: of every address that has something waiting one is served, then the next of each. So a hundred
/// requests of one address delay another address by one. Not thread-safe.
/// </summary>
/// <param name="most">How many may wait, those of the portal itself not counted.</param>
internal sealed class AddressTurns<T>(int most) where T : class
{
    /// <summary>Line of what the portal itself or its operator asks for. It takes turns like any other, and is never refused.</summary>
    internal const string Own = "";

    private readonly Dictionary<string, LinkedList<T>> _lines = new(StringComparer.Ordinal);

    /// <summary>The addresses with something waiting; the first is served next.</summary>
    private readonly LinkedList<string> _turns = [];

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>The one that waits first in each line.</summary>
    public IEnumerable<T> Heads => _lines.Values.Select(line => line.First!.Value);

    /// <summary>Puts it at the end of its address's line.</summary>
    /// <returns>
    /// The one that has no room any more, null if all fit. It is the last in the longest line: whoever floods the queue loses their own, nobody
    /// else's.
    /// </returns>
    public T? Add(string address, T waiting)
    {
        T? crowdedOut = null;
        if (address != Own && Bounded >= most)
        {
            var (longest, line) = _lines.Where(line => line.Key != Own).MaxBy(line => line.Value.Count);
            // Nobody gives way to an address that would then wait with as many.
            if (line.Count <= (_lines.GetValueOrDefault(address)?.Count ?? 0) + 1) return waiting;
            crowdedOut = line.Last!.Value;
            line.RemoveLast();
            Left(longest, line);
        }
        if (!_lines.TryGetValue(address, out var own))
        {
            _lines[address] = own = new();
            _turns.AddLast(address);
        }
        own.AddLast(waiting);
        Count++;
        return crowdedOut;
    }

    /// <summary>Takes out the one whose turn it is; null if nothing waits.</summary>
    public T? Take()
    {
        if (_turns.First is not { Value: var address }) return null;
        var line = _lines[address];
        var next = line.First!.Value;
        line.RemoveFirst();
        _turns.RemoveFirst();
        _turns.AddLast(address);
        Left(address, line);
        return next;
    }

    /// <summary>Takes out one that waits no longer; false if it is not waiting any more.</summary>
    public bool Remove(string address, T waiting)
    {
        if (!_lines.TryGetValue(address, out var line) || !line.Remove(waiting)) return false;
        Left(address, line);
        return true;
    }

    private int Bounded => Count - (_lines.GetValueOrDefault(Own)?.Count ?? 0);

    private void Left(string address, LinkedList<T> line)
    {
        Count--;
        if (line.Count > 0) return;
        _lines.Remove(address);
        _turns.Remove(address);
    }
}

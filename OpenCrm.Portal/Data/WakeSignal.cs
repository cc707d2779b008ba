namespace OpenCrm.Portal.Data;

/// <summary>Wakes a worker of this process when work for it was committed; what other nodes commit, it finds at its next look.</summary>
internal abstract class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim _raised = new(0, 1);

    public void Raise()
    {
        try
        {
            _raised.Release();
        }
        catch (Exception over) when (over is SemaphoreFullException or ObjectDisposedException)
        {
            // Raised already: one look finds all that waits. Or the portal has stopped, and nobody looks any more.
        }
    }

    /// <summary>Raises it at every interval too, until what is returned is disposed.</summary>
    public ITimer RaiseEvery(TimeSpan interval, TimeProvider time) => time.CreateTimer(_ => Raise(), null, interval, interval);

    /// <summary>Returns as soon as there may be something to do: at once if it was raised during the last round. Also when the portal stops, which the worker's loop asks for itself.</summary>
    public async Task NextAsync(CancellationToken stopping) => await _raised.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose() => _raised.Dispose();
}

namespace OpenCrm.Portal.Data;

/// <summary>
/// Wakes a worker of this process when work for it was committed. It does not see what other nodes commit: the worker finds that when it next looks.
/// </summary>
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
            // Raised already: the worker finds everything that waits in one round. Or the portal has stopped, and no worker looks any more.
        }
    }

    /// <summary>Also raises the signal at every interval, until the returned timer is disposed.</summary>
    public ITimer RaiseEvery(TimeSpan interval, TimeProvider time) => time.CreateTimer(_ => Raise(), null, interval, interval);

    /// <summary>
    /// Waits until there may be something to do; returns at once if the signal was raised during the last round. Also returns when the portal stops,
    /// which the worker's loop must check itself.
    /// </summary>
    public async Task NextAsync(CancellationToken stopping) =>
        await _raised.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose() => _raised.Dispose();
}

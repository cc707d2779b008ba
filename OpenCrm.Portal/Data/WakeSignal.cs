namespace OpenCrm.Portal.Data;

/// <summary>Wakes a worker of this process when work for it was committed; those of other nodes find it at their next look.</summary>
internal abstract class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim _raised = new(0, 1);

    public void Raise()
    {
        try
        {
            _raised.Release();
        }
        catch (SemaphoreFullException)
        {
            // Raised already: one look finds all that waits.
        }
    }

    public Task WaitAsync(CancellationToken cancel) => _raised.WaitAsync(cancel);

    public void Dispose() => _raised.Dispose();
}

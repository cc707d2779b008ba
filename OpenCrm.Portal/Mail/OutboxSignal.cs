namespace OpenCrm.Portal.Mail;

/// <summary>Wakes the dispatcher of this process when a message was committed; other nodes find it at their next look.</summary>
internal sealed class OutboxSignal : IDisposable
{
    private readonly SemaphoreSlim _queued = new(0, 1);

    public void Raise()
    {
        try
        {
            _queued.Release();
        }
        catch (SemaphoreFullException)
        {
            // Raised already: one look finds all that waits.
        }
    }

    public Task WaitAsync(CancellationToken cancel) => _queued.WaitAsync(cancel);

    public void Dispose() => _queued.Dispose();
}

namespace OpenCrm.Portal.Controls;

/// <summary>Of questions that come one upon the other only the latest is answered: whoever types on, or clicks on, calls off the one before.</summary>
public sealed class LatestQuestion : IDisposable
{
    private CancellationTokenSource latest = new();
    private bool disposed;

    /// <summary>Calls off the question before.</summary>
    /// <returns>Cancelled once another question is asked, or the page is left.</returns>
    public async Task<CancellationToken> AskAsync()
    {
        // A last event of a page that is gone.
        if (disposed) return new(canceled: true);
        // Exchanged before anything is awaited: of two that meet here each calls off another one.
        var mine = new CancellationTokenSource();
        var token = mine.Token;
        var before = Interlocked.Exchange(ref latest, mine);
        await before.CancelAsync();
        before.Dispose();
        return token;
    }

    /// <summary>Waits until nothing more was asked for a moment.</summary>
    /// <returns>Cancelled already if something was.</returns>
    public async Task<CancellationToken> RestAsync(TimeSpan moment)
    {
        var token = await AskAsync();
        await Task.Delay(moment, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return token;
    }

    /// <summary>Calls off the latest question.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        latest.Cancel();
        latest.Dispose();
    }
}

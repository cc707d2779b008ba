namespace OpenCrm.Portal.Controls;

/// <summary>Lets only the latest of several overlapping queries finish: a new keystroke or click cancels the query before it.</summary>
public sealed class LatestQuestion : IDisposable
{
    private CancellationTokenSource _latest = new();
    private bool _disposed;

    /// <summary>Cancels the query before and starts a new one.</summary>
    /// <returns>A token that is cancelled once another query starts or the page is left.</returns>
    public async Task<CancellationToken> AskAsync()
    {
        // The page is gone; this is a late event.
        if (_disposed) return new(canceled: true);
        // Exchanged before anything is awaited: of two callers that meet here, each cancels a different query.
        var mine = new CancellationTokenSource();
        var token = mine.Token;
        var before = Interlocked.Exchange(ref _latest, mine);
        await before.CancelAsync();
        before.Dispose();
        return token;
    }

    /// <summary>Starts a query and waits for a moment, in which another one may cancel it.</summary>
    /// <returns>A token that is cancelled already if another query started meanwhile.</returns>
    public async Task<CancellationToken> RestAsync(TimeSpan moment)
    {
        var token = await AskAsync();
        await Task.Delay(moment, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return token;
    }

    /// <summary>Cancels the latest query.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _latest.Cancel();
        _latest.Dispose();
    }
}

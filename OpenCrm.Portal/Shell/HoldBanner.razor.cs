using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Says on every page what is on hold after a recovery, and until when (docs/spec.md 11.3). It appears and vanishes in open pages as the hold does;
/// the services refuse whether or not it is there.
/// </summary>
public sealed partial class HoldBanner(BrowserTime browser, ReaderCulture reader, TimeProvider time) : IDisposable
{
    private ITimer? end;
    private DateTimeOffset timed;

    private bool IsOn => Until > time.GetUtcNow();

    public void Dispose()
    {
        browser.Changed -= Refresh;
        end?.Dispose();
    }

    protected override void OnInitialized() => browser.Changed += Refresh;

    protected override void OnParametersSet()
    {
        if (Until == timed) return;
        timed = Until;
        end?.Dispose();
        var left = Until - time.GetUtcNow();
        if (left > TimeSpan.Zero) end = time.CreateTimer(_ => Refresh(), null, left, Timeout.InfiniteTimeSpan);
    }

    // The timer has the culture of nobody.
    private void Refresh() => _ = InvokeAsync(() => reader.Run(StateHasChanged));
}

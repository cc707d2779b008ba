namespace OpenCrm.Portal.Controls;

/// <summary>Shows a time as "26 min ago", with the exact time in the browser's zone on hover and focus.</summary>
public sealed partial class RelativeTime(BrowserTime browser) : IDisposable
{
    private string exact = "";
    private string relative = "";

    public void Dispose() => browser.Changed -= Refresh;

    protected override void OnInitialized() => browser.Changed += Refresh;

    protected override void OnParametersSet()
    {
        exact = browser.Exact(At);
        relative = Relative(browser, At);
    }

    internal static string Relative(BrowserTime browser, DateTimeOffset at)
    {
        var (then, now) = (browser.Local(at), browser.Now);
        var age = now - then;
        // The clocks of two nodes may differ a little, so the near future counts as now.
        if (age < TimeSpan.FromMinutes(1) && age > TimeSpan.FromMinutes(-1))
            return Texts.Controls_JustNow;
        if (age > TimeSpan.Zero && age < TimeSpan.FromHours(1))
            return Phrase.Of(browser.Culture, Texts.Controls_MinutesAgo, (int)age.TotalMinutes);
        if (age > TimeSpan.Zero && then.Date == now.Date)
            return Phrase.Of(browser.Culture, Texts.Controls_HoursAgo, (int)age.TotalHours);
        if (then.Date == now.Date.AddDays(-1))
            return Texts.Controls_Yesterday;
        if (age > TimeSpan.Zero && age < TimeSpan.FromDays(6))
            return then.ToString("dddd", browser.Culture);
        return then.ToString(then.Year == now.Year ? browser.DayMonth : browser.DayMonthYear, browser.Culture);
    }

    private void Refresh() => _ = InvokeAsync(() =>
    {
        OnParametersSet();
        StateHasChanged();
    });
}

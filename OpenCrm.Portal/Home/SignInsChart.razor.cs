using MudBlazor;
using OpenCrm.Portal.AuditLog;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Home;

/// <summary>How often people signed in and were refused, as bars of the last 14 days.</summary>
public sealed partial class SignInsChart(BrowserTime browser)
{
    /// <summary>Days from one label to the next, so that they stand beside each other on a phone too.</summary>
    private const int LabelEvery = 3;

    private static readonly BarChartOptions Options = new()
    {
        ChartPalette = ["var(--accent)", "var(--danger)"],
        ShowLegend = false,
        YAxisFormat = "N0",
        MaxNumYAxisTicks = 5,
    };

    private List<ChartSeries<double>> series = [];
    private string[] labels = [];

    private int SignIns => Days.Sum(day => day.SignIns);

    private int Refusals => Days.Sum(day => day.Refusals);

    /// <summary>Says what the bars say, for people who do not see them.</summary>
    private string Name => Phrase.Of(browser.Culture, Texts.Home_SignInsChart, Days.Count, SignIns, Refusals);

    protected override void OnParametersSet()
    {
        // Counted back from today, which is the label that people look for.
        labels = [.. Days.Select((day, i) => (Days.Count - 1 - i) % LabelEvery == 0 ? day.Day.ToString(browser.DayMonth, browser.Culture) : "")];
        series = [Series(Texts.Home_SignedIn, day => day.SignIns), Series(Texts.Home_Refused, day => day.Refusals)];

        ChartSeries<double> Series(string name, Func<SignInDay, double> figure)
        {
            IReadOnlyList<double> values = [.. Days.Select(figure)];
            return new() { Name = name, Data = new ChartData<double>(values) };
        }
    }

    /// <summary>The audit trail of these days. They are counted in UTC, so the list begins and ends there too.</summary>
    private static string ListOf(DateOnly from, DateOnly to, string? kind = null) =>
        PortalUrls.AuditTrail + new AuditQuery { Kind = kind, From = from, To = to, Zone = TimeZoneInfo.Utc.Id }.ToQueryString();

    private string Counted(string text, int figure) => Phrase.Of(browser.Culture, text, figure);

    private string Number(int figure) => figure.ToString("N0", browser.Culture);
}

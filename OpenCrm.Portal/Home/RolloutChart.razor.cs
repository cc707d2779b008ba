using MudBlazor;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Home;

/// <summary>How many users have MFA, and the line of the last 90 days.</summary>
public sealed partial class RolloutChart(BrowserTime browser)
{
    /// <summary>Days from one label to the next: ninety of them would be one black line.</summary>
    private const int LabelEvery = 15;

    private static readonly LineChartOptions Options = new()
    {
        ChartPalette = ["var(--accent)", "var(--neutral-dot)"],
        ShowLegend = false,
        ConnectNullPoints = true,
        YAxisFormat = "N0",
        MaxNumYAxisTicks = 5,
    };

    private List<ChartSeries<double>> series = [];
    private string[] labels = [];

    private RolloutDay Newest => Days[^1];

    /// <summary>Says what the line says, for people who do not see it.</summary>
    private string Name => Phrase.Of(
        browser.Culture, Texts.Home_RolloutChart, Date(Days[0].Day), Days[0].With, Date(Newest.Day), Newest.With);

    protected override void OnParametersSet()
    {
        if (Days.Count < 2) return;
        var counted = Days.ToDictionary(day => day.Day);
        // A day on which the portal did not run is a gap, so that the line is as steep as it was.
        var days = Enumerable.Range(0, Newest.Day.DayNumber - Days[0].Day.DayNumber + 1).Select(Days[0].Day.AddDays).ToList();
        labels = [.. days.Select((day, i) => i % LabelEvery == 0 ? day.ToString(browser.DayMonth, browser.Culture) : "")];
        series =
        [
            Series(Texts.Home_WithMfa, day => day.With),
            Series(Texts.Home_WithoutMfa, day => day.Without),
        ];

        ChartSeries<double> Series(string name, Func<RolloutDay, double> figure)
        {
            IReadOnlyList<double?> values = [.. days.Select(day => counted.TryGetValue(day, out var found) ? figure(found) : (double?)null)];
            return new() { Name = name, Data = new ChartData<double>(values) };
        }
    }

    private static string ListOf(bool mfa) => PortalUrls.Users + new UserQuery { Mfa = mfa }.ToQueryString();

    private string Date(DateOnly day) => day.ToString(browser.DayMonthYear, browser.Culture);

    private string Number(int figure) => figure.ToString("N0", browser.Culture);
}

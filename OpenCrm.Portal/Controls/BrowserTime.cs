using System.Globalization;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// The browser's time zone and culture, read once per circuit. Until then UTC and the culture of the request, which only the prerendered page shows.
/// </summary>
public sealed class BrowserTime(TimeProvider clock)
{
    private bool _asked;

    /// <summary>Raised when the browser has sent its time zone and culture.</summary>
    public event Action? Changed;

    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    public CultureInfo Culture { get; private set; } = CultureInfo.CurrentCulture;

    public DateTimeOffset Now => Local(clock.GetUtcNow());

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone);

    /// <summary>Formats date and time in the browser's zone and culture: "30 Sep 2026, 14:05".</summary>
    public string Exact(DateTimeOffset at) =>
        Phrase.Of(Culture, Texts.Controls_DateAndTime, Date(at), Local(at).ToString("t", Culture));

    /// <summary>
    /// Formats a date in the browser's zone and culture: "30 Sep 2026". The month is a word, because people read 3/9 as two different days.
    /// </summary>
    public string Date(DateTimeOffset at) => Local(at).ToString(DayMonthYear, Culture);

    internal async Task AskAsync(IJSRuntime script)
    {
        if (_asked)
            return;
        _asked = true;
        if (await script.ReadBrowserAsync() is not { } answer)
            return;
        if (answer.Zone is { Length: < 64 } zone && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
            Zone = found;
        if (answer.Culture is { Length: > 0 and < 36 } name && Find(name) is { } culture)
            Culture = culture;
        Changed?.Invoke();
    }

    internal string DayMonth => MonthFirst ? "MMM d" : "d MMM";

    internal string DayMonthYear => MonthFirst ? "MMM d, yyyy" : "d MMM yyyy";

    private bool MonthFirst => Culture.DateTimeFormat.MonthDayPattern.StartsWith('M');

    private static CultureInfo? Find(string name)
    {
        try
        {
            return CultureInfo.GetCultureInfo(name, predefinedOnly: true);
        }
        catch (CultureNotFoundException)
        {
            return null;
        }
    }
}

using System.Globalization;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// The browser's time zone, read once per circuit, and the reader's culture. Until the zone is known UTC, which only the prerendered page shows.
/// </summary>
public sealed class BrowserTime(TimeProvider clock, ReaderCulture reader)
{
    private bool _asked;

    /// <summary>Raised when the browser has sent its time zone and culture.</summary>
    public event Action? Changed;

    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    public CultureInfo Culture => reader.Formats;

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
        if (Languages.Culture(answer.Culture) is { } culture)
            reader.Hear(culture);
        Changed?.Invoke();
    }

    internal string DayMonth => MonthFirst ? "MMM d" : Texts.Controls_DayMonth;

    internal string DayMonthYear => MonthFirst ? "MMM d, yyyy" : Texts.Controls_DayMonthYear;

    private bool MonthFirst => Culture.DateTimeFormat.MonthDayPattern.StartsWith('M');
}

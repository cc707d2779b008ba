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

    /// <summary>The zone in words: "Europe/Berlin".</summary>
    public string ZoneName => Zone.Id.Replace('_', ' ');

    public CultureInfo Culture => reader.Formats;

    public DateTimeOffset Now => Local(clock.GetUtcNow());

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone);

    /// <summary>
    /// Formats date and time in the browser's zone and culture, and says which zone: "30 Sep 2026, 14:05 (UTC+2)". The offset also tells apart the
    /// two hours of the night when summer time ends, which a zone's name does not.
    /// </summary>
    public string Exact(DateTimeOffset at) => Exact(at, "t");

    /// <summary>The same with seconds, for times that lie close together.</summary>
    public string ExactToSecond(DateTimeOffset at) => Exact(at, "T");

    private string Exact(DateTimeOffset at, string time) =>
        Phrase.Of(Culture, Texts.Controls_DateAndTime, Date(at), Local(at).ToString(time, Culture), Offset(Local(at).Offset));

    /// <summary>Names a zone by its distance from UTC: "UTC", "UTC+2", "UTC-3:30".</summary>
    internal static string Offset(TimeSpan offset)
    {
        if (offset == TimeSpan.Zero) return "UTC";
        var sign = offset < TimeSpan.Zero ? '-' : '+';
        return $"UTC{sign}{offset.ToString(offset.Minutes == 0 ? "%h" : @"h\:mm", CultureInfo.InvariantCulture)}";
    }

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

using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Enrolment;

/// <summary>How long is left, in words: whole days, and hours on the last one.</summary>
internal static class TimeLeft
{
    public static string Of(TimeSpan left) => left switch
    {
        { TotalDays: >= 2 } => Phrase.Of(Texts.Enrolment_DaysLeft, (int)left.TotalDays),
        { TotalDays: >= 1 } => Texts.Enrolment_OneDayLeft,
        { TotalHours: >= 2 } => Phrase.Of(Texts.Enrolment_HoursLeft, (int)left.TotalHours),
        { TotalHours: >= 1 } => Texts.Enrolment_OneHourLeft,
        _ => Texts.Enrolment_MinutesLeft,
    };
}

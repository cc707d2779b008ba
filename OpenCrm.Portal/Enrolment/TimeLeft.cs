using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Enrolment;

/// <summary>How long is left, in words: days to the nearest, and hours on the last one.</summary>
internal static class TimeLeft
{
    public static string Of(TimeSpan left) => left switch
    {
        // Eight days less a few seconds are eight days, as the mail says.
        { TotalDays: >= 1.5 } => Phrase.Of(Texts.Enrolment_DaysLeft, (int)Math.Round(left.TotalDays)),
        { TotalDays: >= 1 } => Texts.Enrolment_OneDayLeft,
        { TotalHours: >= 2 } => Phrase.Of(Texts.Enrolment_HoursLeft, (int)left.TotalHours),
        { TotalHours: >= 1 } => Texts.Enrolment_OneHourLeft,
        _ => Texts.Enrolment_MinutesLeft,
    };
}

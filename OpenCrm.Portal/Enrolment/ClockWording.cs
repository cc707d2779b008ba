using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Enrolment;

/// <summary>Says how far a device's clock is off, in which direction, and what to do (docs/spec.md 2.6).</summary>
internal static class ClockWording
{
    private static readonly TimeSpan InSeconds = TimeSpan.FromMinutes(2);

    /// <param name="off">How far it is off; positive when the device is ahead.</param>
    public static string Lead(TimeSpan off, bool somebodyElse) => Phrase.Of(
        (off > TimeSpan.Zero, somebodyElse) switch
        {
            (true, false) => Texts.Enrolment_ClockAhead,
            (false, false) => Texts.Enrolment_ClockBehind,
            (true, true) => Texts.Enrolment_TheirClockAhead,
            (false, true) => Texts.Enrolment_TheirClockBehind,
        },
        Length(off.Duration()));

    public static string Advice(TimeSpan off) => off > TimeSpan.Zero ? Texts.Enrolment_ClockAheadAdvice : Texts.Enrolment_ClockBehindAdvice;

    private static string Length(TimeSpan off) => off < InSeconds
        ? Phrase.Of(Texts.Enrolment_Seconds, (int)off.TotalSeconds)
        : Phrase.Of(Texts.Enrolment_Minutes, (int)Math.Round(off.TotalMinutes, MidpointRounding.AwayFromZero));
}

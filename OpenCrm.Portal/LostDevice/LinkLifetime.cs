using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.LostDevice;

/// <summary>Says how long a link works, and how long MFA stays after it, in words.</summary>
internal static class LinkLifetime
{
    /// <summary>Says how long the confirmation waits (docs/spec.md 11.7).</summary>
    public static string Wait(int hours) => hours == 1 ? Texts.LostDevice_WaitOne : Phrase.Of(Texts.LostDevice_Wait, hours);

    public static string Of(int minutes) =>
        minutes >= 120 && minutes % 60 == 0 ? Phrase.Of(Texts.LostDevice_Hours, minutes / 60) : Phrase.Of(Texts.LostDevice_Minutes, minutes);
}

using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.LostDevice;

/// <summary>Says how long a link works, in words.</summary>
internal static class LinkLifetime
{
    public static string Of(int minutes) =>
        minutes >= 120 && minutes % 60 == 0 ? Phrase.Of(Texts.LostDevice_Hours, minutes / 60) : Phrase.Of(Texts.LostDevice_Minutes, minutes);
}

using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Credentials;

/// <summary>What a person reads whose account failed attempts locked: how long, and what to do (spec 1.6).</summary>
internal static class LockedTexts
{
    /// <param name="until">Null = until an administrator unlocks it.</param>
    public static string Of(DateTimeOffset? until, int attempts, DateTimeOffset now)
    {
        if (until is not { } end) return Phrase.Of(Texts.SignIn_LockedUntilUnlocked, attempts);
        var minutes = Math.Max(1, (int)Math.Ceiling((end - now).TotalMinutes));
        var wait = minutes switch
        {
            1 => Texts.SignIn_Minute,
            < 120 => Phrase.Of(Texts.SignIn_Minutes, minutes),
            _ => Phrase.Of(Texts.SignIn_Hours, (minutes + 59) / 60),
        };
        return Phrase.Of(Texts.SignIn_LockedUntil, attempts, wait);
    }
}

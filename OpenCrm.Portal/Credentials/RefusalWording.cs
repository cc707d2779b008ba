using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Credentials;

/// <summary>Builds the text for a refused answer: why, for how long, and what to do (docs/spec.md 1.6).</summary>
internal static class RefusalWording
{
    /// <param name="wrong">The page's text for a wrong answer: only the page knows what it asked for.</param>
    /// <param name="changed">The page's text for an account that changed meanwhile.</param>
    public static string Of(Refusal refusal, string wrong, string changed, DateTimeOffset now) => refusal switch
    {
        Refusal.Wrong => wrong,
        Refusal.LockedOut locked => Of(locked, now),
        Refusal.LockedByAdministrator => Texts.SignIn_LockedByAdministrator,
        Refusal.TooManyFromHere => Texts.SignIn_TooMany,
        Refusal.Busy => Texts.SignIn_Busy,
        Refusal.Unreadable => Texts.Refusal_Unreadable,
        Refusal.Changed => changed,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };

    private static string Of(Refusal.LockedOut locked, DateTimeOffset now)
    {
        if (locked.Until is not { } end)
            return locked.Attempts == 1 ? Texts.SignIn_LockedUntilUnlockedOne : Phrase.Of(Texts.SignIn_LockedUntilUnlocked, locked.Attempts);
        var minutes = Math.Max(1, (int)Math.Ceiling((end - now).TotalMinutes));
        var wait = minutes switch
        {
            1 => Texts.SignIn_Minute,
            < 120 => Phrase.Of(Texts.SignIn_Minutes, minutes),
            _ => Phrase.Of(Texts.SignIn_Hours, (minutes + 59) / 60),
        };
        return locked.Attempts == 1
            ? Phrase.Of(Texts.SignIn_LockedUntilOne, wait)
            : Phrase.Of(Texts.SignIn_LockedUntil, locked.Attempts, wait);
    }
}

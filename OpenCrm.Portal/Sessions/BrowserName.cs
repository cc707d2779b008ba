namespace OpenCrm.Portal.Sessions;

/// <summary>A browser's description of itself in three words, as people know it: "Chrome on Windows".</summary>
public static class BrowserName
{
    // Order matters: nearly all of them also call themselves Safari and Chrome.
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux")];

    public static string Of(string? userAgent)
    {
        var (browser, system) = (Find(Browsers, userAgent), Find(Systems, userAgent));
        return (browser, system) switch
        {
            (null, null) => Texts.Sessions_UnknownBrowser,
            (null, _) => system,
            (_, null) => browser,
            _ => string.Format(System.Globalization.CultureInfo.CurrentCulture, Texts.Sessions_BrowserOnSystem, browser, system),
        };
    }

    /// <summary>Whether it is a phone, for the picture beside the name.</summary>
    public static bool IsPhone(string? userAgent) => Find(Systems, userAgent) is "iPhone" or "Android";

    private static string? Find((string Mark, string Name)[] known, string? userAgent) =>
        userAgent is null ? null : known.FirstOrDefault(k => userAgent.Contains(k.Mark, StringComparison.Ordinal)).Name;
}

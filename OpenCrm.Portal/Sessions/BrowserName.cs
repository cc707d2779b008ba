namespace OpenCrm.Portal.Sessions;

/// <summary>Names a browser in three words, from its description of itself: "Chrome on Windows".</summary>
public static class BrowserName
{
    // Order matters: nearly every browser also calls itself Safari and Chrome.
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
         ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
         ("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux")];

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

    /// <summary>Whether the browser runs on a phone, for the picture beside the name.</summary>
    public static bool IsPhone(string? userAgent) => Find(Systems, userAgent) is "iPhone" or "Android";

    private static string? Find((string Mark, string Name)[] known, string? userAgent) =>
        userAgent is null ? null : known.FirstOrDefault(k => userAgent.Contains(k.Mark, StringComparison.Ordinal)).Name;
}

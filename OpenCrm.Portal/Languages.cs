using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace OpenCrm.Portal;

/// <summary>The languages that the portal is written in. Each is a file of texts beside Texts.resx; English is the fallback.</summary>
public static class Languages
{
    /// <summary>Browsers list a handful of languages. The rest of a longer header is not looked at.</summary>
    private const int MostAccepted = 20;

    public static CultureInfo English { get; } = CultureInfo.GetCultureInfo("en");

    public static CultureInfo German { get; } = CultureInfo.GetCultureInfo("de");

    public static IReadOnlyList<CultureInfo> All { get; } = [English, German];

    /// <summary>Returns the portal's language of this name; null if the portal does not speak it.</summary>
    public static CultureInfo? Find(string? name) => All.FirstOrDefault(language => language.Name == name);

    /// <summary>Returns the language in which a reader of this culture reads: German for de-AT; null if the portal does not speak it.</summary>
    public static CultureInfo? Of(CultureInfo culture) => Find(culture.TwoLetterISOLanguageName);

    /// <summary>The culture of dates and numbers where the browser names none of the language.</summary>
    public static CultureInfo FormatsOf(CultureInfo language) =>
        CultureInfo.GetCultureInfo(language == German ? "de-DE" : "en-GB");

    /// <summary>Returns the culture that the browser prefers among those whose language the portal speaks; null if there is none.</summary>
    /// <param name="acceptLanguage">The header Accept-Language.</param>
    public static CultureInfo? Preferred(string? acceptLanguage) =>
        StringWithQualityHeaderValue.TryParseList([acceptLanguage ?? ""], out var accepted)
            ? accepted.Take(MostAccepted)
                .Where(wish => wish.Quality is not 0)
                // Stable: of equal wishes the first one counts.
                .OrderByDescending(wish => wish.Quality ?? 1)
                .Select(wish => Culture(wish.Value.Value))
                .FirstOrDefault(culture => culture is not null && Of(culture) is not null)
            : null;

    /// <summary>Returns the language that the browser prefers among those that the portal speaks; null if it names none of them.</summary>
    /// <param name="acceptLanguage">The header Accept-Language.</param>
    public static CultureInfo? OfBrowser(string? acceptLanguage) => Preferred(acceptLanguage) is { } culture ? Of(culture) : null;

    /// <summary>Returns the culture of a name that a browser sent; null if there is none.</summary>
    public static CultureInfo? Culture(string? name)
    {
        if (name is not { Length: > 0 and < 36 }) return null;
        try
        {
            return CultureInfo.GetCultureInfo(name, predefinedOnly: true);
        }
        catch (CultureNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Returns what <paramref name="make"/> makes while the texts are those of this language.</summary>
    public static T In<T>(CultureInfo language, Func<T> make)
    {
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = language;
        try
        {
            return make();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}

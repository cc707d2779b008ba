using System.Globalization;

namespace OpenCrm.Portal;

/// <summary>
/// The language and the formats of whoever reads a page: the person's own choice, else the browser's (docs/spec.md 10.2). One for each request and
/// each circuit. Texts and formats are taken from the culture of the running code, so everything that draws for this reader first calls
/// <see cref="Apply"/>: requests and events of the circuit do, and so must what reaches a circuit from outside.
/// </summary>
public sealed class ReaderCulture
{
    private CultureInfo? _browser;
    private (string? Choice, bool Waits) _next;
    private (string Language, string? Choice) _told;

    /// <summary>Raised when the choice or the language changed, on whichever thread changed it.</summary>
    public event Action? Changed;

    /// <summary>The name of the chosen language; null = as in the browser.</summary>
    public string? Choice { get; private set; }

    /// <summary>The language of the texts.</summary>
    public CultureInfo Language { get; private set; } = Languages.Of(CultureInfo.CurrentUICulture) ?? Languages.English;

    /// <summary>The culture of dates and numbers: the browser's where it is one of the language, so that Vienna reads Jänner.</summary>
    public CultureInfo Formats { get; private set; } = CultureInfo.CurrentCulture;

    /// <summary>Whether the select of the language is to take the focus back: choosing drew the whole page again.</summary>
    public bool JustChosen { get; set; }

    /// <summary>Sets what the browser brought with its request.</summary>
    /// <param name="acceptLanguage">The header Accept-Language.</param>
    /// <param name="choice">The choice that the browser remembers. A cookie can hold anything: an unknown word means that nothing was chosen.</param>
    public void Start(string? acceptLanguage, string? choice)
    {
        _browser = Languages.Preferred(acceptLanguage);
        Decide(choice);
        // What the page was drawn with, and what its cookie says.
        _told = (Language.Name, choice);
    }

    /// <summary>Sets the browser's culture, if its requests named none.</summary>
    public void Hear(CultureInfo browser)
    {
        if (_browser is not null || Languages.Of(browser) is null) return;
        _browser = browser;
        Follow(Choice);
    }

    /// <summary>Takes over the choice of the person to whom the page passes, unannounced: a change of person draws everything anew anyway.</summary>
    public void PassTo(string? choice)
    {
        _next = default;
        Decide(choice);
    }

    /// <summary>Takes a choice over now.</summary>
    public void Follow(string? choice)
    {
        var before = (Choice, Language, Formats);
        PassTo(choice);
        if ((Choice, Language, Formats) != before) Changed?.Invoke();
    }

    /// <summary>
    /// Takes a choice over that was made in another page: with the next change of page, so that what is typed in this one is not lost.
    /// </summary>
    public void FollowSoon(string? choice) => _next = (choice, Waits: choice != Choice);

    /// <summary>Takes over what waits for a change of page.</summary>
    public void TakeUp()
    {
        if (_next.Waits) Follow(_next.Choice);
    }

    /// <summary>Gives the running code, and what it calls or awaits, the reader's culture.</summary>
    public void Apply() => (CultureInfo.CurrentUICulture, CultureInfo.CurrentCulture) = (Language, Formats);

    /// <summary>Runs something in the reader's culture, for a caller who has another one.</summary>
    public void Run(Action act)
    {
        var (language, formats) = (CultureInfo.CurrentUICulture, CultureInfo.CurrentCulture);
        Apply();
        try
        {
            act();
        }
        finally
        {
            (CultureInfo.CurrentUICulture, CultureInfo.CurrentCulture) = (language, formats);
        }
    }

    /// <summary>Whether the browser has yet to be told, once, what language the page is in and what its cookie is to remember.</summary>
    public bool MustTell()
    {
        var now = (Language.Name, Choice);
        if (_told == now) return false;
        _told = now;
        return true;
    }

    private void Decide(string? choice)
    {
        var chosen = Languages.Find(choice);
        Choice = chosen?.Name;
        Language = chosen ?? (_browser is null ? null : Languages.Of(_browser)) ?? Languages.English;
        Formats = _browser is not null && Languages.Of(_browser) == Language ? _browser : Languages.FormatsOf(Language);
    }
}

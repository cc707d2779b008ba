using System.Globalization;
using System.Net.Mail;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Accounts;

/// <summary>
/// Says what may be a username or an e-mail address, and turns what a person types into the form that names are compared in (docs/spec.md 2.7).
/// </summary>
public static partial class AccountName
{
    public const int UsernameLength = 64;
    public const int EmailLength = 254;

    /// <summary>
    /// The length of a normalized value, as the columns hold it. It is longer than a name because case folding makes some characters longer.
    /// </summary>
    public const int NormalizedLength = 256;

    /// <summary>
    /// The version of the rules of <see cref="Normalize"/>. Raise it when a change makes some name normalize differently: the next start then
    /// rewrites the stored names.
    /// </summary>
    public const int Rules = 1;

    /// <summary>Longer than any name, so that a megabyte is not folded for nothing.</summary>
    private const int LongestTyped = 1024;

    /// <summary>
    /// Returns the form in which names are compared: NFKC, full case folding, no spaces around it, and upper case as ASP.NET Core Identity stores it.
    /// Never throws: what cannot be a character becomes a replacement character. No stored name holds one, so such input is an unknown name like any
    /// other.
    /// </summary>
    public static string Normalize(string typed)
    {
        var name = IncomingText.Storable(IncomingText.Cut(typed.Trim(), LongestTyped));
        if (!Ascii.IsValid(name)) name = Fold(name.Normalize(NormalizationForm.FormKC));
        name = name.ToUpperInvariant();
        // Case folding may split a letter into a letter and a mark; this joins them again.
        if (!Ascii.IsValid(name)) name = name.Normalize(NormalizationForm.FormKC).Trim();
        return IncomingText.Cut(name, NormalizedLength);
    }

    /// <summary>Whether what was typed can only be an e-mail address: usernames hold no <c>@</c>.</summary>
    public static bool IsEmail(string typed) => typed.Contains('@', StringComparison.Ordinal);

    /// <summary>
    /// Whether a username is allowed: letters, marks and numbers of any script, and <c>. _ - +</c>; no invisible characters, and no mix of scripts
    /// that look alike.
    /// </summary>
    public static bool IsValidUsername(string username) =>
        username.Length is >= 1 and <= UsernameLength
        && username.EnumerateRunes().All(IsOfUsername)
        && IncomingText.IsName(username)
        && !MixesScripts(username);

    /// <summary>
    /// Whether the letters come from scripts that look alike, such as Latin and Cyrillic: with them one name can imitate another. The limit is
    /// "highly restrictive" of UTS 39: one script is fine, and so is Latin together with the scripts that Japanese, Chinese or Korean is written in.
    /// </summary>
    public static bool MixesScripts(string username)
    {
        // The normalized form counts: µ belongs to no script, but folds to mu, which is Greek.
        var written = IncomingText.Storable(username).Normalize(NormalizationForm.FormKC).EnumerateRunes()
            .Where(rune => IsOfUsername(rune) && rune.Value is not ('.' or '_' or '-' or '+'))
            .Select(rune => Writings(UnicodeTables.Scripts(rune)))
            .Where(writings => writings.Count > 0)
            .ToList();
        if (written.Count == 0) return false;
        var all = new HashSet<string>(written[0]);
        foreach (var writings in written) all.IntersectWith(writings);
        return all.Count == 0 && !WithLatin.Any(writing => written.All(writings => writings.Contains(Latin) || writings.Contains(writing)));
    }

    /// <summary>Whether this is one plain address: no display name, no quotes, nothing that could add a recipient or a header to a mail.</summary>
    public static bool IsValidEmail(string email) =>
        email.Length <= EmailLength
        && IncomingText.IsName(email)
        && Email().IsMatch(email)
        && MailAddress.TryCreate(email, out var parsed)
        && parsed.Address == email;

    private const string Latin = "Latn";

    /// <summary>Sets of scripts that may stand beside Latin: Han with Bopomofo, Japanese, Korean.</summary>
    private static readonly string[] WithLatin = ["Hanb", "Jpan", "Kore"];

    private static bool IsOfUsername(Rune rune) => rune.Value is '.' or '_' or '-' or '+' || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>The given scripts, and the sets of scripts that they belong to (UTS 39, 5.1).</summary>
    private static HashSet<string> Writings(string[] scripts)
    {
        var writings = new HashSet<string>(scripts);
        if (writings.Contains("Hani")) writings.UnionWith(WithLatin);
        if (writings.Contains("Hira") || writings.Contains("Kana")) writings.Add("Jpan");
        if (writings.Contains("Hang")) writings.Add("Kore");
        if (writings.Contains("Bopo")) writings.Add("Hanb");
        return writings;
    }

    private static string Fold(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes()) folded.Append(UnicodeTables.Fold(rune) ?? rune.ToString());
        return folded.ToString();
    }

    [GeneratedRegex(
        @"\A[^\s@<>()\[\]\\,;:""\p{C}]+@[^\s@<>()\[\]\\,;:""\p{C}]+\.[^\s@<>()\[\]\\,;:""\p{C}]+\z|\A[^\s@<>()\[\]\\,;:""\p{C}]+@localhost\z",
        RegexOptions.NonBacktracking)]
    private static partial Regex Email();
}

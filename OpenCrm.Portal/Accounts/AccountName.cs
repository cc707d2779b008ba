using System.Globalization;
using System.Net.Mail;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Accounts;

/// <summary>What may be a username or an e-mail address, and how what is typed becomes one (spec 1.5, 2.7).</summary>
public static partial class AccountName
{
    public const int UsernameLength = 64;
    public const int EmailLength = 254;

    /// <summary>Of a normalized value: what the columns hold. Folding makes some characters longer.</summary>
    public const int NormalizedLength = 256;

    /// <summary>Grows whenever <see cref="Normalize"/> answers differently than before: the accounts of a database are then brought along at the next start.</summary>
    public const int Rules = 1;

    /// <summary>Longer than any name; what stands behind it is not worth folding.</summary>
    private const int LongestTyped = 1024;

    /// <summary>
    /// What is typed and stored is compared by: NFKC and full case folding, without spaces around it, and upper-cased as ASP.NET Core Identity stores it. Never throws: where
    /// something stands that cannot be a character, a replacement character does, which no name holds, so that such a name is an unknown name like any other.
    /// </summary>
    public static string Normalize(string typed)
    {
        var name = IncomingText.Storable(IncomingText.Cut(typed.Trim(), LongestTyped));
        if (!Ascii.IsValid(name)) name = Fold(name.Normalize(NormalizationForm.FormKC));
        name = name.ToUpperInvariant();
        // Letters that folding took apart go together again.
        if (!Ascii.IsValid(name)) name = name.Normalize(NormalizationForm.FormKC).Trim();
        return IncomingText.Cut(name, NormalizedLength);
    }

    /// <summary>Whether what was typed can only be an e-mail address: usernames hold no <c>@</c>.</summary>
    public static bool IsEmail(string typed) => typed.Contains('@', StringComparison.Ordinal);

    /// <summary>Letters, marks and numbers of any script, and <c>. _ - +</c>; nothing that is not seen, and no scripts mixed that look alike.</summary>
    public static bool IsValidUsername(string username) =>
        username.Length is >= 1 and <= UsernameLength
        && username.EnumerateRunes().All(IsOfUsername)
        && IncomingText.IsName(username)
        && !MixesScripts(username);

    /// <summary>
    /// Whether letters of scripts stand together that look alike, as Latin and Cyrillic do: more than "highly restrictive" of UTS 39 allows. One script is fine, and so are Latin
    /// and Han with what Japanese, Chinese or Korean is written in.
    /// </summary>
    public static bool MixesScripts(string username)
    {
        // As it is compared: µ is of no script, and the mu that it is folded to is Greek.
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

    /// <summary>One plain address: no display name, no quotes, nothing that could add a recipient or a header.</summary>
    public static bool IsValidEmail(string email) =>
        email.Length <= EmailLength
        && IncomingText.IsName(email)
        && Email().IsMatch(email)
        && MailAddress.TryCreate(email, out var parsed)
        && parsed.Address == email;

    private const string Latin = "Latn";

    /// <summary>Han with Bopomofo, Japanese, Korean.</summary>
    private static readonly string[] WithLatin = ["Hanb", "Jpan", "Kore"];

    private static bool IsOfUsername(Rune rune) => rune.Value is '.' or '_' or '-' or '+' || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>The scripts, and the writings of several scripts that they are part of (UTS 39, 5.1).</summary>
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

    [GeneratedRegex(@"\A[^\s@<>()\[\]\\,;:""\p{C}]+@[^\s@<>()\[\]\\,;:""\p{C}]+\.[^\s@<>()\[\]\\,;:""\p{C}]+\z|\A[^\s@<>()\[\]\\,;:""\p{C}]+@localhost\z", RegexOptions.NonBacktracking)]
    private static partial Regex Email();
}

using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>Which characters a text from outside may hold.</summary>
public enum TextShape
{
    /// <summary>
    /// Names, addresses, settings, subjects, searches: one line, without invisible characters or ones that turn the reading direction.
    /// </summary>
    Line,

    /// <summary>Bodies of templates and comments: line ends, tabs and format characters too.</summary>
    Body,

    /// <summary>Passwords, which are kept as they are typed. Format characters are allowed, because nobody else reads them.</summary>
    Secret,
}

/// <summary>
/// The one check that every text from outside passes, whichever way it comes (page, address, command line, forged circuit message), before a service
/// stores or normalizes it. Noncharacters and unpaired surrogates break normalization, NUL breaks PostgreSQL, and invisible characters make one name
/// look like another.
/// </summary>
public static class IncomingText
{
    /// <summary>Whether the text is one line of visible characters.</summary>
    public static bool IsLine(string text) => FirstRefused(text, TextShape.Line) is null;

    /// <summary>Whether the text may be a new password.</summary>
    public static bool IsSecret(string text) => FirstRefused(text, TextShape.Secret) is null;

    /// <summary>
    /// Whether the text is a line without variation selectors. Other texts may need them, but with them two names can look the same.
    /// </summary>
    public static bool IsName(string text) => IsLine(text) && !text.EnumerateRunes().Any(UnicodeTables.IsInvisible);

    /// <summary>Whether the text has no unpaired surrogate: one with it cannot be encoded as bytes.</summary>
    public static bool IsWellFormed(string text) => FirstRefused(text, (_, broken) => broken) is null;

    /// <summary>Returns the position of the first character that is refused; null if none is.</summary>
    public static int? FirstRefused(string text, TextShape shape) => FirstRefused(text, (rune, broken) => broken || IsRefused(rune, shape));

    /// <summary>
    /// Cleans a search term or a browser's description of itself: removes what no stored line may hold and the spaces around it, and cuts the rest to
    /// a length without splitting a surrogate pair.
    /// </summary>
    public static string Cleaned(string? text, int longest)
    {
        var clean = new StringBuilder();
        foreach (var rune in (text ?? "").AsSpan().TrimStart().EnumerateRunes())
        {
            // An unpaired surrogate arrives here as the replacement character.
            if (IsRefused(rune, TextShape.Line)) continue;
            if (clean.Length + rune.Utf16SequenceLength > longest) break;
            clean.Append(rune.ToString());
        }
        return clean.ToString().Trim();
    }

    /// <summary>
    /// Replaces each character that cannot be stored or normalized by a replacement character and its number. No stored name holds the replacement
    /// character, so the result matches no account.
    /// </summary>
    public static string Storable(string text)
    {
        if (FirstRefused(text, TextShape.Secret) is not { } at) return text;
        var storable = new StringBuilder(text, 0, at, text.Length + 16);
        while (at < text.Length)
        {
            if (Rune.TryGetRuneAt(text, at, out var rune) && !IsRefused(rune, TextShape.Secret)) storable.Append(rune.ToString());
            else storable.Append(CultureInfo.InvariantCulture, $"{Rune.ReplacementChar}{(int)text[at]:X4}");
            at += rune.Utf16SequenceLength > 1 ? 2 : 1;
        }
        return storable.ToString();
    }

    /// <summary>Returns the beginning of the text, without splitting a surrogate pair.</summary>
    public static string Cut(string text, int longest) =>
        text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];

    private static int? FirstRefused(string text, Func<Rune, bool, bool> refused)
    {
        for (var at = 0; at < text.Length;)
        {
            var broken = !Rune.TryGetRuneAt(text, at, out var rune);
            if (refused(rune, broken)) return at;
            at += broken ? 1 : rune.Utf16SequenceLength;
        }
        return null;
    }

    private static bool IsRefused(Rune rune, TextShape shape)
    {
        if ((rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF) return true;
        // Its presence means that a character was lost on the way here, or that Storable replaced one: no name may look like that.
        if (rune == Rune.ReplacementChar) return shape == TextShape.Line;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control => shape != TextShape.Body || rune.Value is not ('\t' or '\n'),
            UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => shape == TextShape.Line,
            // Fillers and other invisible characters. Variation selectors stay: they choose the form of the character before them, and some names
            // need them.
            _ => shape == TextShape.Line && UnicodeTables.IsInvisible(rune) && !IsVariationSelector(rune),
        };
    }

    private static bool IsVariationSelector(Rune rune) =>
        rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x180B and <= 0x180D) or 0x180F;
}

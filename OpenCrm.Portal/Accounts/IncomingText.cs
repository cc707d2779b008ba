using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>What a text that comes in may hold.</summary>
public enum TextShape
{
    /// <summary>Names, addresses, settings, subjects, searches: one line, and nothing in it that is not seen or turns the reading direction.</summary>
    Line,

    /// <summary>Bodies of templates and comments: line ends, tabs and format marks too.</summary>
    Body,

    /// <summary>Passwords, which are kept as they are typed: format marks too, for nobody else reads them.</summary>
    Secret,
}

/// <summary>
/// The one place that text from outside passes, whatever way it comes (page, address, command line, forged circuit frame): a service asks it before it stores or normalizes
/// anything. Noncharacters and halves of surrogate pairs break normalizing, NUL breaks PostgreSQL, and what is not seen makes one name look like another.
/// </summary>
public static class IncomingText
{
    /// <summary>One line of characters that are seen.</summary>
    public static bool IsLine(string text) => FirstRefused(text, TextShape.Line) is null;

    /// <summary>Lines of text.</summary>
    public static bool IsBody(string text) => FirstRefused(text, TextShape.Body) is null;

    /// <summary>What a new password may hold.</summary>
    public static bool IsSecret(string text) => FirstRefused(text, TextShape.Secret) is null;

    /// <summary>A line that leaves no room for two names that look the same: without variation selectors, which a longer text may need.</summary>
    public static bool IsName(string text) => IsLine(text) && !text.EnumerateRunes().Any(UnicodeTables.IsInvisible);

    /// <summary>No half of a surrogate pair: without it there is no way to write the text as bytes.</summary>
    public static bool IsWellFormed(string text) => FirstRefused(text, (_, broken) => broken) is null;

    /// <summary>Where the first character stands that is refused; null if none is.</summary>
    public static int? FirstRefused(string text, TextShape shape) => FirstRefused(text, (rune, broken) => broken || IsRefused(rune, shape));

    /// <summary>For a search, and for what a browser says of itself: what no stored line holds is left out, spaces around it too, and the rest ends at a length without a cut pair.</summary>
    public static string Cleaned(string? text, int longest)
    {
        var clean = new StringBuilder();
        foreach (var rune in (text ?? "").AsSpan().TrimStart().EnumerateRunes())
        {
            // A half pair reads as the replacement character.
            if (IsRefused(rune, TextShape.Line)) continue;
            if (clean.Length + rune.Utf16SequenceLength > longest) break;
            clean.Append(rune.ToString());
        }
        return clean.ToString().Trim();
    }

    /// <summary>
    /// The same text with a replacement character and a number in place of whatever cannot be stored or normalized. No stored name holds that character, and different texts stay
    /// different.
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

    /// <summary>Its beginning, without cutting a character in two.</summary>
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
        // Something was lost on the way here, or is lost by Storable: no name may look like either.
        if (rune == Rune.ReplacementChar) return shape == TextShape.Line;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control => shape != TextShape.Body || rune.Value is not ('\t' or '\n'),
            UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => shape == TextShape.Line,
            // Fillers and the like. A variation selector says which form of the character before it is meant: some people's names need one.
            _ => shape == TextShape.Line && UnicodeTables.IsInvisible(rune) && !IsVariationSelector(rune),
        };
    }

    private static bool IsVariationSelector(Rune rune) => rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x180B and <= 0x180D) or 0x180F;
}

using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>Reads a code as people type and paste it (docs/spec.md 1.4). Sign-in, wizard and step-up all use it.</summary>
internal static class TypedCode
{
    private const int Digits = 6;

    /// <summary>Nobody types more than this, so that longer input is not read at all.</summary>
    private const int Longest = 256;

    /// <summary>
    /// Returns the six ASCII digits that remain when white space, invisible characters and hyphens are removed and full-width digits are converted;
    /// null for anything else, which counts as a wrong code. Digits of other scripts are not converted: no app shows them.
    /// </summary>
    public static string? SixDigits(string typed)
    {
        if (typed.Length > Longest) return null;
        Span<char> digits = stackalloc char[Digits];
        var count = 0;
        foreach (var rune in typed.EnumerateRunes())
        {
            if (IsDropped(rune)) continue;
            // Full-width digits U+FF10 to U+FF19, as Chinese and Japanese input methods produce them.
            var value = rune.Value is >= 0xFF10 and <= 0xFF19 ? rune.Value - 0xFF10 + '0' : rune.Value;
            if (value is < '0' or > '9' || count == Digits) return null;
            digits[count++] = (char)value;
        }
        return count == Digits ? digits.ToString() : null;
    }

    /// <summary>
    /// Returns the ASCII letters and digits that remain when white space, invisible characters and hyphens are removed and full-width characters are
    /// converted; null if anything else remains, or for longer input than anybody types.
    /// </summary>
    public static string? Bare(string typed)
    {
        if (typed.Length > Longest) return null;
        var bare = new StringBuilder(typed.Length);
        foreach (var rune in typed.EnumerateRunes())
        {
            if (IsDropped(rune)) continue;
            var value = rune.Value is >= 0xFF01 and <= 0xFF5E ? rune.Value - 0xFEE0 : rune.Value;
            if (value > 'z' || !char.IsAsciiLetterOrDigit((char)value)) return null;
            bare.Append((char)value);
        }
        return bare.ToString();
    }

    /// <summary>Whether the character does not matter in a code: white space, hyphens, and what nobody sees.</summary>
    private static bool IsDropped(Rune rune) =>
        Rune.IsWhiteSpace(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format
        || UnicodeTables.IsInvisible(rune)
        // Characters that look like hyphens but are no dashes to Unicode: minus sign, hyphen bullet, modifier letter, and the long-vowel mark, which
        // shares a key with the hyphen on Japanese keyboards.
        || rune.Value is 0x2212 or 0x2043 or 0x02D7 or 0x30FC or 0xFF70;
}

using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>Reads a code as people type and paste it (spec 1.4): the one reading for sign-in, wizard and step-up.</summary>
internal static class TypedCode
{
    private const int Digits = 6;

    /// <summary>Nobody types more than this; a megabyte is not worth a look.</summary>
    private const int Longest = 256;

    /// <summary>
    /// The six ASCII digits that are left once white space, what is not seen, and hyphens are gone and full-width digits are folded; null for anything else, which is a wrong
    /// code. Digits of other scripts stay what they are: apps show none.
    /// </summary>
    public static string? SixDigits(string typed)
    {
        if (typed.Length > Longest) return null;
        Span<char> digits = stackalloc char[Digits];
        var count = 0;
        foreach (var rune in typed.EnumerateRunes())
        {
            if (IsDropped(rune)) continue;
            // U+FF10 to U+FF19, as an input method for Chinese or Japanese leaves them.
            var value = rune.Value is >= 0xFF10 and <= 0xFF19 ? rune.Value - 0xFF10 + '0' : rune.Value;
            if (value is < '0' or > '9' || count == Digits) return null;
            digits[count++] = (char)value;
        }
        return count == Digits ? digits.ToString() : null;
    }

    private static bool IsDropped(Rune rune) =>
        Rune.IsWhiteSpace(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format
        || UnicodeTables.IsInvisible(rune)
        // Hyphens that are no dashes to Unicode: minus sign, hyphen bullet, modifier letter, and the long-vowel mark of the same key of a Japanese keyboard.
        || rune.Value is 0x2212 or 0x2043 or 0x02D7 or 0x30FC or 0xFF70;
}

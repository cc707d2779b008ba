using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Makes a value harmless: it cannot add a header, a recipient or a line, nor change the reading direction of the text around it (docs/spec.md 6.2).
/// </summary>
internal static class SingleLine
{
    public static string Of(string value)
    {
        var line = new StringBuilder(value.Length);
        foreach (var rune in value.ReplaceLineEndings(" ").EnumerateRunes())
        {
            if (rune.Value is '\t' or '\v') line.Append(' ');
            else if (!IsRemoved(rune)) line.Append(rune.ToString());
        }
        return line.ToString().Trim();
    }

    /// <summary>Shortens the value as well, without cutting a character in two.</summary>
    public static string Of(string value, int length)
    {
        var line = Of(value);
        if (line.Length <= length) return line;
        return char.IsHighSurrogate(line[length - 1]) ? line[..(length - 1)] : line[..length];
    }

    private static bool IsRemoved(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control
        // Half a surrogate pair is read as this character.
        || rune == Rune.ReplacementChar
        // Embeddings, overrides and isolates change the reading direction: "moc.live" would read as "evil.com".
        || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF;
}

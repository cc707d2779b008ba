using System.Security.Cryptography;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>
/// The text of a temporary code (docs/spec.md 11.5): 20 characters of Crockford's Base32, 100 random bits, written in groups of four so that it can
/// be read out on the phone.
/// </summary>
public static class TemporaryCodeText
{
    public const int Length = 20;

    private const int GroupLength = 4;

    /// <summary>Crockford's Base32: no I, L, O and U, which are misheard and misread.</summary>
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>Nobody types more than this, so that longer input is not read at all.</summary>
    private const int Longest = 256;

    /// <summary>Makes a new code, as it is stored: without groups.</summary>
    public static string Generate() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>Writes the code in groups: <c>7K2M-XQ4T-…</c>.</summary>
    public static string Grouped(string code) => string.Join('-', code.Chunk(GroupLength).Select(group => new string(group)));

    /// <summary>
    /// Reads a code as people type it: case, white space, hyphens and what nobody sees do not matter, O is 0, I and L are 1, full-width characters
    /// are the plain ones. Null if it is not such a code; it may be six digits then.
    /// </summary>
    public static string? Read(string typed)
    {
        if (typed.Length > Longest) return null;
        var code = new StringBuilder(Length);
        foreach (var rune in typed.EnumerateRunes())
        {
            if (TypedCode.IsDropped(rune)) continue;
            var value = rune.Value is >= 0xFF01 and <= 0xFF5E ? rune.Value - 0xFEE0 : rune.Value;
            if (value > 'z' || code.Length == Length) return null;
            var letter = char.ToUpperInvariant((char)value) switch
            {
                'O' => '0',
                'I' or 'L' => '1',
                var other => other,
            };
            if (!Alphabet.Contains(letter, StringComparison.Ordinal)) return null;
            code.Append(letter);
        }
        return code.Length == Length ? code.ToString() : null;
    }
}

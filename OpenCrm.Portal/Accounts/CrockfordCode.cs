using System.Security.Cryptography;

namespace OpenCrm.Portal.Accounts;

/// <summary>
/// Codes that people write down and type: Crockford's Base32, five bits a character, without letters that are mistaken for digits.
/// </summary>
public static class CrockfordCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Group = 4;

    /// <summary>Returns a random code from the system's generator, without groups.</summary>
    public static string Generate(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    /// <summary>The code as it is shown: in groups of four.</summary>
    public static string Grouped(string code) => string.Join('-', code.Chunk(Group).Select(group => new string(group)));

    /// <summary>
    /// Reads a code as people type and paste it: case, white space, hyphens and invisible characters do not matter, O reads as 0, I and L as 1
    /// (docs/spec.md 11.2).
    /// </summary>
    /// <returns>The code without groups; null if it is not one of this length.</returns>
    public static string? Read(string typed, int length)
    {
        if (TypedCode.Bare(typed) is not { } bare || bare.Length != length) return null;
        var code = bare.ToUpperInvariant().Replace('O', '0').Replace('I', '1').Replace('L', '1');
        return code.All(character => Alphabet.Contains(character, StringComparison.Ordinal)) ? code : null;
    }
}

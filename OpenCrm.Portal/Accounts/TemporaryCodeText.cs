namespace OpenCrm.Portal.Accounts;

/// <summary>
/// The text of a temporary code (docs/spec.md 11.5): 20 characters of Crockford's Base32, 100 random bits, written in groups of four so that it can
/// be read out on the phone.
/// </summary>
public static class TemporaryCodeText
{
    public const int Length = 20;

    /// <summary>Makes a new code, as it is stored: without groups.</summary>
    public static string Generate() => CrockfordCode.Generate(Length);

    /// <summary>Reads a code as people type it; null if it is not such a code, it may be six digits then.</summary>
    public static string? Read(string typed) => CrockfordCode.Read(typed, Length);
}

using System.Reflection;

namespace OpenCrm.Portal.Accounts;

/// <summary>Why a new password is refused.</summary>
public enum PasswordFault
{
    TooShort,
    TooLong,
    NeedsUpperAndLower,
    NeedsDigit,
    NeedsSymbol,
    TooCommon,
    ContainsOwnName,

    /// <summary>
    /// It holds a control character or something that is no character: it could not be typed again everywhere, or not be hashed at all.
    /// </summary>
    Unreadable,
}

/// <summary>Checks new passwords (docs/spec.md 4.3, ASVS 6.2). Existing passwords stay valid until people change them (ASVS 6.2.10).</summary>
public static class PasswordPolicy
{
    /// <summary>Longer passwords only cost time to hash (ASVS 6.2.9 asks for at least 64).</summary>
    public const int MaximumLength = 128;

    private static readonly Lazy<HashSet<string>> Common = new(ReadCommon);

    /// <summary>Returns all faults, so that a person can correct them in one go; empty = accepted.</summary>
    public static IReadOnlyList<PasswordFault> Evaluate(string password, string? username, string? email, PasswordPolicySettings policy)
    {
        List<PasswordFault> faults = [];
        if (!IncomingText.IsSecret(password)) faults.Add(PasswordFault.Unreadable);
        if (password.Length < policy.MinimumLength) faults.Add(PasswordFault.TooShort);
        if (password.Length > MaximumLength) faults.Add(PasswordFault.TooLong);
        if (policy.RequireUpperAndLower && !(password.Any(char.IsUpper) && password.Any(char.IsLower))) faults.Add(PasswordFault.NeedsUpperAndLower);
        if (policy.RequireDigit && !password.Any(char.IsDigit)) faults.Add(PasswordFault.NeedsDigit);
        if (policy.RequireSymbol && password.All(char.IsLetterOrDigit)) faults.Add(PasswordFault.NeedsSymbol);
        if (policy.RefuseCommon && IsCommon(password)) faults.Add(PasswordFault.TooCommon);
        if (policy.RefuseOwnNames && ContainsOwnName(password, username, email)) faults.Add(PasswordFault.ContainsOwnName);
        return faults;
    }

    /// <summary>
    /// Whether the password is common, a common one written twice, a common one with digits or punctuation appended, or made of one or two characters
    /// only: guessers try those first.
    /// </summary>
    private static bool IsCommon(string password)
    {
        var lower = password.ToLowerInvariant();
        if (Common.Value.Contains(lower) || lower.Distinct().Count() <= 2) return true;
        var half = lower[..(lower.Length / 2)];
        if (lower.Length % 2 == 0 && lower.EndsWith(half, StringComparison.Ordinal) && Common.Value.Contains(half)) return true;
        var stem = lower.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '!', '.', '?', '$', '#', '*', '-', '_');
        return stem.Length >= 4 && stem.Length < lower.Length && Common.Value.Contains(stem);
    }

    private static bool ContainsOwnName(string password, string? username, string? email) =>
        new[] { username, email, email?.Split('@')[0] }
            .Any(name => name is { Length: >= 3 } && password.Contains(name, StringComparison.OrdinalIgnoreCase));

    private static HashSet<string> ReadCommon()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("common-passwords.txt")
            ?? throw new InvalidOperationException("The list of common passwords is missing from the build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToHashSet(StringComparer.Ordinal);
    }
}

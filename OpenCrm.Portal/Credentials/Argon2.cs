using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>What one Argon2id hash costs: memory in KiB and passes over it. The number of lanes is always 1 (RFC 9106).</summary>
public sealed record Argon2Cost(int MemoryKiB, int Passes)
{
    /// <summary>OWASP's minimum, 19 MiB and 2 passes.</summary>
    public const int LeastMemoryKiB = 19_456, LeastPasses = 2;

    /// <summary>Above these a mistyped setting, or a changed row of the database, would stop the server with one hash.</summary>
    public const int MostMemoryKiB = 1_048_576, MostPasses = 32;

    /// <summary>Whether a hash of this cost is to be made anew at <paramref name="wanted"/>.</summary>
    public bool IsBelow(Argon2Cost wanted) => MemoryKiB < wanted.MemoryKiB || Passes < wanted.Passes;
}

/// <summary>
/// Argon2id (RFC 9106) by libsodium, in the PHC string format <c>$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH</c>: salt of 16 and hash of 32 bytes in
/// Base64 without padding. Other libraries read and write the same strings.
/// </summary>
internal static class Argon2
{
    private const string Start = "$argon2id$v=19$";
    private const int SaltBytes = 16, HashBytes = 32;

    /// <summary>Characters of a string after its costs: salt, <c>$</c> and hash.</summary>
    internal const int TailLength = 22 + 1 + 43;

    /// <summary>Refuses the start on a system for which the native library is missing, instead of the first sign-in.</summary>
    /// <exception cref="StartRefusedException">libsodium cannot be loaded.</exception>
    internal static void RequireLibrary()
    {
        try
        {
            Derive("", new byte[SaltBytes], new Argon2Cost(8, 1));
        }
        catch (Exception missing) when (missing is TypeInitializationException or DllNotFoundException or PlatformNotSupportedException)
        {
            throw new StartRefusedException(
                $"Passwords cannot be hashed: the native library libsodium cannot be loaded on {RuntimeInformation.RuntimeIdentifier}. "
                + "Publish the portal for this system (dotnet publish --use-current-runtime), which puts libsodium beside OpenCrm.Portal.dll. "
                + Outage.Causes(missing).Last().Message);
        }
    }

    internal static string Hash(string password, Argon2Cost cost)
    {
        var salt = NewSalt();
        return $"{KindOf(cost)}{Encode(salt)}${Encode(Derive(password, salt, cost))}";
    }

    internal static byte[] NewSalt() => RandomNumberGenerator.GetBytes(SaltBytes);

    /// <summary>Whether the password is the one of the string; null if the string is none that this class checks.</summary>
    internal static bool? Verify(string phc, string password)
    {
        if (phc.Length <= TailLength || CostOf(phc[..^TailLength]) is not { } cost) return null;
        var parts = phc[^TailLength..].Split('$');
        if (parts.Length != 2 || Decode(parts[0], SaltBytes) is not { } salt || Decode(parts[1], HashBytes) is not { } hash) return null;
        return CryptographicOperations.FixedTimeEquals(Derive(password, salt, cost), hash);
    }

    /// <summary>The beginning that all strings of this cost share.</summary>
    internal static string KindOf(Argon2Cost cost) =>
        string.Create(CultureInfo.InvariantCulture, $"{Start}m={cost.MemoryKiB},t={cost.Passes},p=1$");

    /// <summary>
    /// The cost that a string's beginning names, the parameters in any order. Null if it is not Argon2id of version 19 with one lane, or costs more
    /// than is accepted.
    /// </summary>
    internal static Argon2Cost? CostOf(string kind)
    {
        if (!kind.StartsWith(Start, StringComparison.Ordinal) || !kind.EndsWith('$')) return null;
        var named = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var parameter in kind[Start.Length..^1].Split(','))
        {
            if (parameter.Split('=') is not [var name, var text]
                || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                || !named.TryAdd(name, value))
            {
                return null;
            }
        }
        return named.Count == 3 && named.GetValueOrDefault("p") == 1
            && named.GetValueOrDefault("m") is >= 8 and <= Argon2Cost.MostMemoryKiB and var memory
            && named.GetValueOrDefault("t") is >= 1 and <= Argon2Cost.MostPasses and var passes
                ? new(memory, passes)
                : null;
    }

    /// <summary>A string of this kind that no password fits: checking one against it costs what a real check costs.</summary>
    internal static string Decoy(string kind) =>
        $"{kind}{Encode(RandomNumberGenerator.GetBytes(SaltBytes))}${Encode(RandomNumberGenerator.GetBytes(HashBytes))}";

    /// <remarks>As UTF-8, like every other implementation: the library's own overload for strings would take UTF-16.</remarks>
    internal static byte[] Derive(string password, byte[] salt, Argon2Cost cost)
    {
        var typed = Encoding.UTF8.GetBytes(password);
        try
        {
            return PasswordBasedKeyDerivationAlgorithm
                .Argon2id(new Argon2Parameters { MemorySize = cost.MemoryKiB, NumberOfPasses = cost.Passes, DegreeOfParallelism = 1 })
                .DeriveBytes(typed, salt, HashBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(typed);
        }
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[]? Decode(string text, int length)
    {
        var bytes = new byte[length];
        // Padded to whole groups of four characters.
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var written) && written == length ? bytes : null;
    }
}

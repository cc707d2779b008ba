using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>A random token that is shown once and stored as a hash (ASVS 7.2.3, 11.5.1: 256 bits from the system's generator).</summary>
public static class SecretToken
{
    private const int Length = 32;

    public static string Generate() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Returns the SHA-256 of the token. A plain hash is enough: 256 random bits cannot be guessed offline.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}

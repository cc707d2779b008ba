using Microsoft.AspNetCore.DataProtection;

namespace OpenCrm.Portal.Data;

/// <summary>Encrypts with the key ring what must not be readable in a stolen database (docs/spec.md 8.6).</summary>
public sealed class Encryption(IDataProtectionProvider keyRing)
{
    /// <param name="purpose">What the secret is for; only the same purpose decrypts it.</param>
    public byte[] Protect(string purpose, byte[] secret) => keyRing.CreateProtector(purpose).Protect(secret);

    /// <exception cref="System.Security.Cryptography.CryptographicException">It was not encrypted with this key ring for this purpose.</exception>
    public byte[] Unprotect(string purpose, byte[] secret) => keyRing.CreateProtector(purpose).Unprotect(secret);
}

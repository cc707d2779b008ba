using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Hashes with Argon2id, and still checks the PBKDF2 hashes of earlier versions, which are made anew when their password is next typed. Only the
/// arithmetic: <see cref="PasswordHashing"/> decides when it runs and makes every check cost the same.
/// </summary>
internal sealed class PortalPasswordHasher(Argon2Cost cost) : IPasswordHasher<PortalUser>
{
    private readonly PasswordHasher<PortalUser> _earlier = new();

    public string HashPassword(PortalUser user, string password) => Argon2.Hash(password, cost);

    public PasswordVerificationResult VerifyHashedPassword(PortalUser user, string hashedPassword, string providedPassword)
    {
        if (!HashKinds.IsArgon2(hashedPassword)) return VerifyEarlier(user, hashedPassword, providedPassword);
        if (Argon2.Verify(hashedPassword, providedPassword) is not true) return PasswordVerificationResult.Failed;
        return Argon2.CostOf(HashKinds.Of(hashedPassword))!.IsBelow(cost)
            ? PasswordVerificationResult.SuccessRehashNeeded
            : PasswordVerificationResult.Success;
    }

    private PasswordVerificationResult VerifyEarlier(PortalUser user, string hashedPassword, string providedPassword)
    {
        if (!HashKinds.IsKnown(HashKinds.Of(hashedPassword))) return PasswordVerificationResult.Failed;
        try
        {
            return _earlier.VerifyHashedPassword(user, hashedPassword, providedPassword) == PasswordVerificationResult.Failed
                ? PasswordVerificationResult.Failed
                : PasswordVerificationResult.SuccessRehashNeeded;
        }
        catch (FormatException)
        {
            // Begins as a hash and is none: no password fits it.
            return PasswordVerificationResult.Failed;
        }
    }
}

/// <summary>
/// The kind of a stored hash: the beginning that names algorithm and cost, the same for all hashes that cost the same. An Argon2id hash begins with
/// <c>$argon2id$v=19$m=…,t=…,p=1$</c>. One of PBKDF2, as ASP.NET Core Identity writes it, is Base64 of marker (1 byte), PRF, iterations, length of
/// the salt (4 bytes each), salt and hash: its first 16 characters are 12 bytes, everything before the salt but one byte.
/// </summary>
internal static class HashKinds
{
    internal const int EarlierLength = 16;

    /// <summary>PBKDF2-HMAC-SHA512 with 210,000 iterations and a salt of 16 bytes, what this portal's earlier versions wrote.</summary>
    internal static readonly string Earlier = EarlierKind(210_000);

    private const int MostIterations = 10_000_000;

    internal static bool IsArgon2(string hash) => hash.StartsWith('$');

    internal static string Of(string hash) =>
        IsArgon2(hash) && hash.Length > Argon2.TailLength ? hash[..^Argon2.TailLength] : hash[..Math.Min(EarlierLength, hash.Length)];

    /// <summary>Whether hashes of this kind can be checked.</summary>
    internal static bool IsKnown(string kind)
    {
        if (IsArgon2(kind)) return Argon2.CostOf(kind) is not null;
        var header = new byte[12];
        return kind.Length == EarlierLength && Convert.TryFromBase64String(kind, header, out var written) && written == header.Length
            && header[0] == 1
            && BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(1)) <= 2
            && BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(5)) is >= 1 and <= MostIterations
            && header.AsSpan(9).IndexOfAnyExcept((byte)0) < 0;
    }

    /// <summary>A hash of this kind that no password fits.</summary>
    internal static string Decoy(string kind) =>
        IsArgon2(kind) ? Argon2.Decoy(kind) : kind + Convert.ToBase64String([16, .. RandomNumberGenerator.GetBytes(16 + 32)]);

    internal static string EarlierKind(int iterations)
    {
        var header = new byte[12];
        header[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(1), 2);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(5), iterations);
        return Convert.ToBase64String(header);
    }
}

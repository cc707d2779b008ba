using System.Security.Cryptography;
using System.Text;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Computes the keys under which attempts for names that nobody has are counted: an HMAC of the normalized name. A stolen database then does not
/// reveal what people typed by mistake, which may be a password (docs/spec.md 1.6).
/// </summary>
public sealed partial class DecoyNames(ILogger<DecoyNames> log)
{
    private const string Secret = "Decoy names";

    private byte[]? _secret;

    /// <summary>Computes the key of a typed name; case and surrounding spaces make no difference.</summary>
    internal async Task<byte[]> ComputeKeyAsync(UnitOfWork work, string typedName, CancellationToken cancel)
    {
        var secret = _secret ?? await ReadSecretAsync(work, cancel);
        // Cached only after the commit. A secret that was rolled back would be this node's alone, and each node would count for itself.
        work.AfterCommit(() => _secret = secret);
        return HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(AccountName.Normalize(typedName)));
    }

    private async Task<byte[]> ReadSecretAsync(UnitOfWork work, CancellationToken cancel)
    {
        var stored = await work.Secrets.FindOrAddAsync(Secret, Generate(work), cancel);
        try
        {
            return work.Encryption.Unprotect(Secret, stored);
        }
        catch (CryptographicException)
        {
            // Every sign-in needs this secret, so one that can no longer be decrypted would lock everybody out. A new secret only resets the counts
            // of unknown names.
            var (now, replaced) = await work.Secrets.ReplaceAsync(Secret, stored, Generate(work), cancel);
            if (replaced) work.AfterCommit(LogReplaced);
            return work.Encryption.Unprotect(Secret, now);
        }
    }

    private static byte[] Generate(UnitOfWork work) => work.Encryption.Protect(Secret, RandomNumberGenerator.GetBytes(32));

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The secret by which tries for unknown names are counted could not be decrypted, and a new one was stored: "
            + "those counts begin anew. "
            + "If KeyRing:CertificatePath or the key ring was exchanged, nothing else that was encrypted before can be read either: "
            + "put the old one back.")]
    private partial void LogReplaced();
}

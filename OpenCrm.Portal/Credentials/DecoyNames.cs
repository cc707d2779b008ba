using System.Security.Cryptography;
using System.Text;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Under which key tries for a name that nobody has are counted (spec 1.6): an HMAC of the normalized name, so that whoever steals the database does not learn what people
/// mistyped as a name.
/// </summary>
public sealed partial class DecoyNames(ILogger<DecoyNames> log)
{
    private const string Secret = "Decoy names";

    private byte[]? _secret;

    /// <summary>The key of a name as it was typed; case and spaces around it make no other one.</summary>
    internal async Task<byte[]> ComputeKeyAsync(UnitOfWork work, string typedName, CancellationToken cancel)
    {
        var secret = _secret ?? await ReadSecretAsync(work, cancel);
        // Remembered once it is stored: one that was rolled back is nobody else's, and each node would count for itself.
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
            // Every sign-in asks for it: one that no key opens any more would keep out everybody. With it the counts of unknown names begin anew, and nothing else.
            var (now, replaced) = await work.Secrets.ReplaceAsync(Secret, stored, Generate(work), cancel);
            if (replaced) work.AfterCommit(LogReplaced);
            return work.Encryption.Unprotect(Secret, now);
        }
    }

    private static byte[] Generate(UnitOfWork work) => work.Encryption.Protect(Secret, RandomNumberGenerator.GetBytes(32));

    [LoggerMessage(Level = LogLevel.Error, Message = "The secret by which tries for unknown names are counted could not be decrypted, and a new one was stored: those counts begin anew. "
        + "If KeyRing:CertificatePath or the key ring was exchanged, nothing else that was encrypted before can be read either: put the old one back.")]
    private partial void LogReplaced();
}

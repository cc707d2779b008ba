using System.Text;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Computes the keys under which attempts for names that nobody has are counted: an HMAC of the normalized name. A stolen database then does not
/// reveal what people typed by mistake, which may be a password (docs/spec.md 1.6).
/// </summary>
public sealed partial class DecoyNames
{
    private readonly StoredHmacKey _key;
    private readonly ILogger _log;

    public DecoyNames(ILogger<DecoyNames> log)
    {
        _log = log;
        // A new key only resets the counts of unknown names.
        _key = new("Decoy names", LogReplaced);
    }

    /// <summary>Computes the key of a typed name; case and surrounding spaces make no difference.</summary>
    internal Task<byte[]> ComputeKeyAsync(UnitOfWork work, string typedName, CancellationToken cancel) =>
        _key.HashAsync(work, Encoding.UTF8.GetBytes(AccountName.Normalize(typedName)), cancel);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The secret by which tries for unknown names are counted could not be decrypted, and a new one was stored: "
            + "those counts begin anew. "
            + "If KeyRing:CertificatePath or the key ring was exchanged, nothing else that was encrypted before can be read either: "
            + "put the old one back.")]
    private partial void LogReplaced();
}

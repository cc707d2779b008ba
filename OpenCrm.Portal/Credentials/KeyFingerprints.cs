using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Computes the fingerprints by which a unique index keeps one key from being enrolled twice (docs/spec.md 11.4). They are HMACs, so a stolen
/// database shows nothing of a key by them.
/// </summary>
public sealed partial class KeyFingerprints
{
    private readonly StoredHmacKey _key;
    private readonly ILogger _log;

    public KeyFingerprints(ILogger<KeyFingerprints> log)
    {
        _log = log;
        _key = new("Authenticator fingerprints", LogReplaced);
    }

    public Task<byte[]> ComputeAsync(UnitOfWork work, AuthenticatorKey key, CancellationToken cancel = default) =>
        _key.HashAsync(work, key.ToBytes(), cancel);

    /// <summary>
    /// Computes fingerprints for a batch of authenticators that were set up before there were any. A key that cannot be decrypted, or that is
    /// enrolled already, gets the fingerprint of its encrypted form, which nothing else has.
    /// </summary>
    /// <returns>How many got one.</returns>
    internal async Task<int> FillAsync(UnitOfWork work, int batch, CancellationToken cancel)
    {
        var waiting = await work.Query<Authenticator>().Where(a => a.KeyFingerprint == null).OrderBy(a => a.Id).Take(batch).ToListAsync(cancel);
        foreach (var one in waiting)
        {
            var fingerprint = AuthenticatorKeys.Open(work, one).Key is { } key ? await ComputeAsync(work, key, cancel) : null;
            if (fingerprint is null || await work.Query<Authenticator>().AnyAsync(a => a.KeyFingerprint == fingerprint, cancel))
                fingerprint = await _key.HashAsync(work, one.ProtectedKey, cancel);
            await work.Query<Authenticator>().Where(a => a.Id == one.Id && a.KeyFingerprint == null)
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.KeyFingerprint, fingerprint), cancel);
        }
        return waiting.Count;
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The secret of the authenticators' fingerprints could not be decrypted, and a new one was stored: "
            + "keys enrolled before are not recognised any more. "
            + "If KeyRing:CertificatePath or the key ring was exchanged, nothing else that was encrypted before can be read either: "
            + "put the old one back.")]
    private partial void LogReplaced();
}

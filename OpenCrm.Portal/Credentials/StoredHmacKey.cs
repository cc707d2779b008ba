using System.Security.Cryptography;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>The key of an HMAC: made once, stored encrypted with the key ring, the same on all nodes.</summary>
/// <param name="name">Names it in the database, and is the purpose of its encryption.</param>
/// <param name="replaced">Runs when the stored key could not be decrypted and a new one took its place.</param>
internal sealed class StoredHmacKey(string name, Action replaced)
{
    private byte[]? _key;

    /// <summary>Computes the HMAC-SHA-256 of a text under this key.</summary>
    public async Task<byte[]> HashAsync(UnitOfWork work, byte[] text, CancellationToken cancel)
    {
        var key = _key ?? await ReadAsync(work, cancel);
        // Cached only after the commit. A key that was rolled back would be this node's alone, and no other node would compute the same.
        work.AfterCommit(() => _key = key);
        return HMACSHA256.HashData(key, text);
    }

    private async Task<byte[]> ReadAsync(UnitOfWork work, CancellationToken cancel)
    {
        var stored = await work.Secrets.FindOrAddAsync(name, Generate(work), cancel);
        try
        {
            return work.Encryption.Unprotect(name, stored);
        }
        catch (CryptographicException)
        {
            // What needs this key would stop for everybody, so one that can no longer be decrypted is replaced.
            var (now, isNew) = await work.Secrets.ReplaceAsync(name, stored, Generate(work), cancel);
            if (isNew) work.AfterCommit(replaced);
            return work.Encryption.Unprotect(name, now);
        }
    }

    private byte[] Generate(UnitOfWork work) => work.Encryption.Protect(name, RandomNumberGenerator.GetBytes(32));
}

using Microsoft.AspNetCore.Identity;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Hashes and checks passwords off the circuits' way: a hash keeps a core busy for a tenth of a second, so only as many run at once as there are cores, and the
/// rest waits here without holding a thread or a connection.
/// </summary>
public sealed class PasswordHashing(IPasswordHasher<PortalUser> hasher) : IDisposable
{
    private static readonly PortalUser Nobody = new();

    /// <summary>Shorter than a reservation counts as lost, so that a crowd locks nobody (security I6).</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _gate = new(Environment.ProcessorCount);
    private readonly Lazy<string> _dummy = new(() => hasher.HashPassword(Nobody, SecretToken.Generate()));

    public async Task<string> HashAsync(string password, CancellationToken cancel = default)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            return await Task.Run(() => hasher.HashPassword(Nobody, password), cancel);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Checks a password. Without a hash to compare, one that nobody knows is compared: unknown names take the same time (spec 1.6).</summary>
    /// <returns>Null: too many others wait, and it was not looked at.</returns>
    public async Task<PasswordVerificationResult?> CheckAsync(string? hash, string password, CancellationToken cancel = default)
    {
        // Nobody's password is longer than the policy allows, and hashing a megabyte is work for nothing; nobody's holds half a surrogate pair, which cannot be hashed.
        var typed = password.Length <= PasswordPolicy.MaximumLength && IncomingText.IsWellFormed(password) ? password : "";
        if (!await _gate.WaitAsync(LongestWait, cancel)) return null;
        try
        {
            var result = await Task.Run(() => hasher.VerifyHashedPassword(Nobody, hash ?? _dummy.Value, typed), cancel);
            return hash is null || typed.Length == 0 ? PasswordVerificationResult.Failed : result;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes the dummy before the first visitor, who would wait twice otherwise.</summary>
    public Task WarmAsync() => Task.Run(() => _dummy.Value);

    public void Dispose() => _gate.Dispose();
}

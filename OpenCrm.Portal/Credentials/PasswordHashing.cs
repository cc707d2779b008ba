using Microsoft.AspNetCore.Identity;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Hashes and checks passwords outside the circuits' threads. A hash keeps a core busy for a tenth of a second, so only as many run at once as there
/// are cores; the others wait without holding a thread or a connection.
/// </summary>
public sealed class PasswordHashing(IPasswordHasher<PortalUser> hasher) : IDisposable
{
    private static readonly PortalUser Nobody = new();

    /// <summary>
    /// Shorter than the time after which a reservation counts as lost, so that many sign-ins at once lock nobody (docs/threats.md I6).
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _gate = new(Environment.ProcessorCount);
    private readonly Lazy<string> _dummy = new(() => hasher.HashPassword(Nobody, SecretToken.Generate()));

    /// <summary>Hashes a new password.</summary>
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

    /// <summary>
    /// Checks a password. Without a hash the password is compared with a random one that nobody knows, so that unknown names take the same time.
    /// </summary>
    /// <returns>Null if too many others are waiting and the password was not checked.</returns>
    public async Task<PasswordVerificationResult?> CheckAsync(string? hash, string password, CancellationToken cancel = default)
    {
        // Such a password belongs to nobody: it is longer than the policy allows, and hashing a megabyte would waste the server's time; or it holds
        // half a surrogate pair, which cannot be hashed.
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

    /// <summary>Makes the dummy hash in advance; otherwise the first visitor would wait for two hashes.</summary>
    public Task WarmAsync() => Task.Run(() => _dummy.Value);

    public void Dispose() => _gate.Dispose();
}

using Microsoft.AspNetCore.Identity;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>The result of checking a password.</summary>
/// <param name="Upgraded">A new hash of the password that was right, because the stored one is of an earlier kind; else null.</param>
public sealed record PasswordCheck(bool IsRight, string? Upgraded)
{
    internal static readonly PasswordCheck Wrong = new(false, null);

    /// <summary>Leaves out the hash: a record prints all its properties, and so it would reach any log that prints the record.</summary>
    public override string ToString() => IsRight ? "right" : "wrong";
}

/// <summary>
/// Hashes and checks passwords behind the <see cref="HashGate"/>. Every check costs the same, whosever name was typed: one hash of the current kind
/// and one of each earlier kind that is left in the database (docs/spec.md 1.6).
/// </summary>
public sealed class PasswordHashing(IPasswordHasher<PortalUser> hasher, HashGate gate, EarlierHashes earlier)
{
    private static readonly PortalUser Nobody = new();

    /// <summary>Hashes a new password for the portal or its operator: waits as long as it takes.</summary>
    public async Task<string> HashAsync(string password, CancellationToken cancel = default) =>
        (await HashAsync(password, new Caller.Portal(), cancel))!;

    /// <summary>Hashes a new password when it is the turn of the caller's address.</summary>
    /// <returns>Null if too many others are waiting.</returns>
    public Task<string?> HashAsync(string password, Caller by, CancellationToken cancel = default) =>
        gate.RunAsync(() => hasher.HashPassword(Nobody, password), by, cancel);

    /// <summary>Checks a password when it is the turn of the caller's address. Without a hash it is wrong, after the same time.</summary>
    /// <returns>Null if too many others are waiting and the password was not checked.</returns>
    public Task<PasswordCheck?> CheckAsync(string? hash, string password, Caller by, CancellationToken cancel = default)
    {
        // Such a password belongs to nobody: it is longer than the policy allows, and hashing a megabyte would waste the server's time; or it holds
        // half a surrogate pair, which cannot be hashed.
        var isPossible = password.Length is > 0 and <= PasswordPolicy.MaximumLength && IncomingText.IsWellFormed(password);
        return gate.RunAsync(() => Check(hash, isPossible ? password : "", isPossible), by, cancel);
    }

    private PasswordCheck Check(string? hash, string typed, bool isPossible)
    {
        var stored = hash is null ? null : HashKinds.Of(hash);
        if (stored is not null) earlier.Note(stored);
        var result = hash is null ? PasswordVerificationResult.Failed : hasher.VerifyHashedPassword(Nobody, hash, typed);
        if (!isPossible) result = PasswordVerificationResult.Failed;
        // The new hash takes the place of the decoy of its kind.
        var upgraded = result == PasswordVerificationResult.SuccessRehashNeeded ? hasher.HashPassword(Nobody, typed) : null;
        if (upgraded is not null) earlier.NoteReplaced();
        foreach (var kind in earlier.Kinds.Prepend(earlier.Current))
        {
            if (kind == stored || (upgraded is not null && kind == earlier.Current)) continue;
            hasher.VerifyHashedPassword(Nobody, HashKinds.Decoy(kind), typed);
        }
        return result == PasswordVerificationResult.Failed ? PasswordCheck.Wrong : new(true, upgraded);
    }
}

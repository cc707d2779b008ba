using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Encrypts and decrypts authenticator keys. The user's id is part of the encryption purpose, so a key copied into another user's row does not
/// decrypt.
/// </summary>
public static class AuthenticatorKeys
{
    /// <summary>Encrypts the key of an enrolled user.</summary>
    public static byte[] Protect(UnitOfWork work, Guid userId, AuthenticatorKey key) => work.Encryption.Protect(Purpose(userId), key.ToBytes());

    /// <summary>
    /// Encrypts the key of an unfinished wizard. It is bound to user and session: copied to another session or another user, it does not decrypt.
    /// </summary>
    public static byte[] ProtectPending(UnitOfWork work, PendingEnrolment pending, AuthenticatorKey key) =>
        work.Encryption.Protect(PendingPurpose(pending), key.ToBytes());

    /// <summary>Decrypts the key of an unfinished wizard; null when it was erased or cannot be decrypted.</summary>
    public static AuthenticatorKey? OpenPending(UnitOfWork work, PendingEnrolment pending) =>
        pending.ProtectedKey is { } key ? Decrypt(work, PendingPurpose(pending), key).Key : null;

    /// <summary>
    /// Reads and decrypts the keys of the enrolment under which the user was read: one query, however many there are. A person none of whose keys can
    /// be used is refused; the password alone never gets through (docs/threats.md I5).
    /// </summary>
    internal static async Task<EnrolledKeys> ReadAsync(UnitOfWork work, PortalUser user, CancellationToken cancel)
    {
        if (user.Enrolment is SecondFactor.Broken half) return new([], half.Why);
        var stored = await work.Enrolments.ListAsync(user, cancel);
        if (stored.Count == 0) return new([], UnreadableBecause.KeyMissing);
        var opened = stored.Select(one => (Authenticator: one, Opened: Open(work, one))).ToList();
        return new(
            [.. opened.Where(one => one.Opened.Key is not null).Select(one => (one.Authenticator, one.Opened.Key!))],
            opened.Select(one => one.Opened.Why).FirstOrDefault(why => why is not null));
    }

    /// <summary>Decrypts the key of an authenticator, or says why it cannot be used.</summary>
    internal static (AuthenticatorKey? Key, UnreadableBecause? Why) Open(UnitOfWork work, Authenticator authenticator) =>
        authenticator.ProtectedKey.Length == 0
            ? (null, UnreadableBecause.KeyEmpty)
            : Decrypt(work, Purpose(authenticator.UserId), authenticator.ProtectedKey);

    private static (AuthenticatorKey? Key, UnreadableBecause? Why) Decrypt(UnitOfWork work, string purpose, byte[] key)
    {
        try
        {
            return (AuthenticatorKey.From(work.Encryption.Unprotect(purpose, key)), null);
        }
        catch (CryptographicException)
        {
            return (null, UnreadableBecause.KeyNotDecryptable);
        }
        catch (ArgumentException)
        {
            return (null, UnreadableBecause.KeyTooShort);
        }
    }

    /// <summary>
    /// Records that an enrolment cannot be read, in the caller's commit, and notifies the operator after it. At most once an hour for an account:
    /// otherwise anybody who knows its password could fill the audit trail and the log. Every place that refuses because of an unreadable enrolment
    /// calls this.
    /// </summary>
    internal static async Task NoteUnreadableAsync(this UnitOfWork work, PortalUser user, UnreadableBecause why, Caller by, CancellationToken cancel)
    {
        work.AfterCommit<UnreadableAuthenticators>(refused => refused.Count(why));
        // A second refusal at the same moment waits here and then finds the event.
        await work.Users.HoldAsync(user.Id, cancel);
        var hour = work.Now - TimeSpan.FromHours(1);
        var noted = await work.Query<AuditEntry>()
            .AnyAsync(e => e.SubjectId == user.Id && e.At > hour && e.Kind == nameof(AuditEvent.AuthenticatorUnreadable), cancel);
        if (noted) return;
        work.Record(new AuditEvent.AuthenticatorUnreadable(user.Id, why.ToString()), by);
        var username = user.UserName ?? "";
        work.AfterCommit<UnreadableAuthenticators>(refused => refused.Report(username, why));
    }

    private static string Purpose(Guid userId) => $"Authenticator key of {userId}";

    private static string PendingPurpose(PendingEnrolment pending) => $"Pending authenticator key of {pending.UserId} in session {pending.SessionId}";
}

/// <summary>The keys of one person's authenticators.</summary>
/// <param name="Readable">Those that can be used, with their authenticators.</param>
/// <param name="Why">Why one of them, or all, cannot be used; null if all can.</param>
internal sealed record EnrolledKeys(IReadOnlyList<(Authenticator Authenticator, AuthenticatorKey Key)> Readable, UnreadableBecause? Why)
{
    /// <summary>Returns every authenticator whose code was typed, with its time step; whether a step was used before, the database decides.</summary>
    public IReadOnlyList<(Authenticator Authenticator, long Step)> Match(string typed, DateTimeOffset now) =>
        [.. Readable.Select(one => (one.Authenticator, Step: one.Key.Match(typed, now))).Where(one => one.Step is not null)
            .Select(one => (one.Authenticator, one.Step!.Value))];
}

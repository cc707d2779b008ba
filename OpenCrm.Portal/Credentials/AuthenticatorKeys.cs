using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>Encrypts and opens authenticator keys; a key moved to another user's row does not open (spec 8.6).</summary>
public static class AuthenticatorKeys
{
    public static byte[] Protect(UnitOfWork work, Guid userId, AuthenticatorKey key) => work.Encryption.Protect(Purpose(userId), key.ToBytes());

    /// <summary>The key of a wizard that is not done yet: moved to another session or another user it does not open (spec 2.5).</summary>
    public static byte[] ProtectPending(UnitOfWork work, PendingEnrolment pending, AuthenticatorKey key) => work.Encryption.Protect(PendingPurpose(pending), key.ToBytes());

    /// <summary>Null when it is gone or cannot be read.</summary>
    public static AuthenticatorKey? OpenPending(UnitOfWork work, PendingEnrolment pending) =>
        pending.ProtectedKey is { } key ? Decrypt(work, PendingPurpose(pending), key).Key : null;

    /// <summary>Null when it cannot be read: the sign-in is refused then, never let through (security I5).</summary>
    public static AuthenticatorKey? Open(UnitOfWork work, PortalUser user) => Read(work, user).Key;

    /// <summary>The key, or why there is none. Both are null for somebody who is not enrolled.</summary>
    internal static (AuthenticatorKey? Key, UnreadableBecause? Why) Read(UnitOfWork work, PortalUser user)
    {
        if (user.Enrolment is SecondFactor.Broken half) return (null, half.Why);
        if (user.Authenticator is not { } authenticator) return (null, null);
        if (authenticator.ProtectedKey.Length == 0) return (null, UnreadableBecause.KeyEmpty);
        return Decrypt(work, Purpose(user.Id), authenticator.ProtectedKey);
    }

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
    /// Writes the event with the unit of work's commit, and tells the operator after it: once an hour for an account, or whoever knows its password could fill the trail and the log.
    /// Every place that refuses for an unreadable enrolment calls this.
    /// </summary>
    internal static async Task NoteUnreadableAsync(this UnitOfWork work, PortalUser user, UnreadableBecause why, Caller by, CancellationToken cancel)
    {
        work.AfterCommit<UnreadableAuthenticators>(refused => refused.Count(why));
        // Whoever is refused at the same moment waits here, and finds the event.
        await work.Users.HoldAsync(user.Id, cancel);
        var hour = work.Now - TimeSpan.FromHours(1);
        if (await work.Query<AuditEntry>().AnyAsync(e => e.SubjectId == user.Id && e.At > hour && e.Kind == nameof(AuditEvent.AuthenticatorUnreadable), cancel)) return;
        work.Record(new AuditEvent.AuthenticatorUnreadable(user.Id, why.ToString()), by);
        var username = user.UserName ?? "";
        work.AfterCommit<UnreadableAuthenticators>(told => told.Tell(username, why));
    }

    private static string Purpose(Guid userId) => $"Authenticator key of {userId}";

    private static string PendingPurpose(PendingEnrolment pending) => $"Pending authenticator key of {pending.UserId} in session {pending.SessionId}";
}

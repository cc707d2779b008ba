using System.Security.Cryptography;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>Encrypts and opens authenticator keys; a key moved to another user's row does not open (spec 8.6).</summary>
public static class AuthenticatorKeys
{
    public static byte[] Protect(UnitOfWork work, Guid userId, AuthenticatorKey key) => work.Protect(Purpose(userId), key.ToBytes());

    /// <summary>The key of a wizard that is not done yet: moved to another session or another user it does not open (spec 2.5).</summary>
    public static byte[] ProtectPending(UnitOfWork work, PendingEnrolment pending, AuthenticatorKey key) => work.Protect(PendingPurpose(pending), key.ToBytes());

    /// <summary>Null when it is gone or cannot be read.</summary>
    public static AuthenticatorKey? OpenPending(UnitOfWork work, PendingEnrolment pending) =>
        pending.ProtectedKey is { } key ? Open(work, PendingPurpose(pending), key) : null;

    /// <summary>Null when it cannot be read: the sign-in is refused then, never let through (security I5).</summary>
    public static AuthenticatorKey? Open(UnitOfWork work, PortalUser user) =>
        user.Authenticator is { } authenticator ? Open(work, Purpose(user.Id), authenticator.ProtectedKey) : null;

    private static AuthenticatorKey? Open(UnitOfWork work, string purpose, byte[] key)
    {
        try
        {
            return AuthenticatorKey.From(work.Unprotect(purpose, key));
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static string Purpose(Guid userId) => $"Authenticator key of {userId}";

    private static string PendingPurpose(PendingEnrolment pending) => $"Pending authenticator key of {pending.UserId} in session {pending.SessionId}";
}

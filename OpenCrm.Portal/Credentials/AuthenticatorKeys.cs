using System.Security.Cryptography;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>Encrypts and opens authenticator keys; a key moved to another user's row does not open (spec 8.6).</summary>
public static class AuthenticatorKeys
{
    public static byte[] Protect(UnitOfWork work, Guid userId, AuthenticatorKey key) => work.Protect(Purpose(userId), key.ToBytes());

    /// <summary>Null when it cannot be read: the sign-in is refused then, never let through (security I5).</summary>
    public static AuthenticatorKey? Open(UnitOfWork work, PortalUser user)
    {
        try
        {
            return user.Authenticator is { } authenticator ? AuthenticatorKey.From(work.Unprotect(Purpose(user.Id), authenticator.ProtectedKey)) : null;
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static string Purpose(Guid userId) => $"Authenticator key of {userId}";
}

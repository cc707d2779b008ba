namespace OpenCrm.Portal.Accounts;

/// <summary>Who acts, as read from the database for this action: never remembered from an earlier one.</summary>
public abstract record Caller
{
    private Caller() { }

    /// <summary>Address of the client, or null for the console.</summary>
    public string? Address { get; init; }

    /// <summary>Not signed in.</summary>
    public sealed record Nobody : Caller
    {
        /// <summary>Whose idle session these answers are to wake (spec 4.5); null at any other sign-in.</summary>
        public Person? Waking { get; init; }
    }

    /// <summary>Whoever runs commands on the server itself (spec 8.4).</summary>
    public sealed record Console : Caller;

    /// <summary>A worker of the portal itself.</summary>
    public sealed record Portal : Caller;

    /// <summary>Signed in, with a session that stands.</summary>
    /// <param name="ProvedAt">When this session last proved all that the account asks for (spec 3.5).</param>
    public sealed record Person(Guid UserId, string Name, Guid SessionId, bool IsSystemAdministrator, DateTimeOffset ProvedAt) : Caller
    {
        /// <summary>When it last proved at least a part of it: the password or a code.</summary>
        public DateTimeOffset ProvedInPartAt { get; init; } = ProvedAt;

        /// <summary>Enough for disabling one's own MFA only, which asks for either.</summary>
        public bool ProvedInPartRecently(DateTimeOffset now) => ProvedRecently(now) || now - ProvedInPartAt <= StepUpAfter;

        /// <summary>Whether the last proof is recent enough for what asks for a fresh one (spec 3.5: 10 minutes).</summary>
        public bool ProvedRecently(DateTimeOffset now) => now - ProvedAt <= StepUpAfter;
    }

    /// <summary>Longer than a coffee break would let the next person at the desk act.</summary>
    public static readonly TimeSpan StepUpAfter = TimeSpan.FromMinutes(10);
}

/// <summary>The caller lacks the right, or the session ended. The page shows the sign-in form or says so; the service did nothing.</summary>
public class AccessRefusedException(string why) : Exception(why);

/// <summary>Nothing happened in the session for too long (spec 4.5). The page stays as it is, behind the dialog that asks to sign in again; the service did nothing.</summary>
public sealed class SessionIdleException() : AccessRefusedException("The session is idle.");

/// <summary>Names of roles.</summary>
public static class PortalRoles
{
    public const string SystemAdministrator = "SystemAdministrator";
}

/// <summary>Names of authorization policies; each routable page carries one.</summary>
public static class PortalPolicies
{
    public const string SignedIn = nameof(SignedIn);
    public const string SystemAdministrators = nameof(SystemAdministrators);
}

/// <summary>Claims of the principal; they decide only what is drawn.</summary>
public static class PortalClaims
{
    public const string SessionId = "sid";
    /// <summary>Instead of <see cref="SessionId"/>, and of everything else that opens a page, while the session is idle.</summary>
    public const string IdleSessionId = "idle";

    public const string SessionToken = "session";
    public const string DisplayName = "name";
}

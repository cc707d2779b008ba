namespace OpenCrm.Portal.Accounts;

/// <summary>Who asks for an action. It is read from the database for each action, so that a lost role or an ended session counts at once.</summary>
public abstract record Caller
{
    private Caller() { }

    /// <summary>Address of the client; null for the console.</summary>
    public string? Address { get; init; }

    /// <summary>Somebody who is not signed in.</summary>
    public sealed record Nobody : Caller
    {
        /// <summary>The owner of the idle session that is being signed in to again; null at any other sign-in.</summary>
        public Person? Waking { get; init; }
    }

    /// <summary>The operator, who runs commands on the server itself.</summary>
    public sealed record Console : Caller;

    /// <summary>A background worker of the portal.</summary>
    public sealed record Portal : Caller;

    /// <summary>A signed-in person whose session is active.</summary>
    /// <param name="ProvedAt">When this session last proved everything that the account asks for: the password, and a code where one is due.</param>
    public sealed record Person(Guid UserId, string Name, Guid SessionId, bool IsSystemAdministrator, DateTimeOffset ProvedAt) : Caller
    {
        /// <summary>Whether the sign-in proved six digits, and nothing in their place.</summary>
        public bool ProvedByDigits { get; init; }

        /// <summary>When the session last proved at least a part of that: the password or a code.</summary>
        public DateTimeOffset ProvedInPartAt { get; init; } = ProvedAt;

        /// <summary>
        /// Until when what matters is on hold for this person, in every session, because a recovery got somebody in (docs/spec.md 11.3). Null or
        /// past = not on hold.
        /// </summary>
        public DateTimeOffset? HeldUntil { get; init; }

        /// <summary>When this session began with a recovery instead of six digits; null = it did not.</summary>
        public DateTimeOffset? RecoveredAt { get; init; }

        /// <summary>
        /// Refuses what a recovery holds. It is for what is no write under Settings: those are refused where the administrator is checked.
        /// </summary>
        /// <exception cref="RecoveryHoldException">The person is on hold.</exception>
        public void RequireNotHeld(DateTimeOffset now)
        {
            if (HeldUntil is { } until && until > now) throw new RecoveryHoldException(until);
        }

        /// <summary>
        /// Whether the session began with a recovery so recently that adding an authenticator asks for the password alone: this is what the recovery
        /// was for, and the person has no device (docs/spec.md 11.3).
        /// </summary>
        public bool RecoveredRecently(DateTimeOffset now) => RecoveredAt is { } at && now - at <= AddingAfterRecovery;

        /// <summary>Whether a part was proved recently. That is enough only for disabling one's own MFA, which asks for either.</summary>
        public bool ProvedInPartRecently(DateTimeOffset now) => ProvedRecently(now) || now - ProvedInPartAt <= StepUpAfter;

        /// <summary>Whether the last full proof is recent enough for an action that asks for step-up (docs/spec.md 3.5).</summary>
        public bool ProvedRecently(DateTimeOffset now) => now - ProvedAt <= StepUpAfter;
    }

    /// <summary>How long a proof counts. Longer than a coffee break would let the next person at the desk act.</summary>
    public static readonly TimeSpan StepUpAfter = TimeSpan.FromMinutes(10);

    /// <summary>Enough to get a new phone out of its box, too short for somebody who comes back to the desk in the evening.</summary>
    public static readonly TimeSpan AddingAfterRecovery = TimeSpan.FromHours(1);
}

/// <summary>
/// Thrown when the caller lacks the right, or the session ended. The service did nothing; the page shows the sign-in form or says that the right is
/// missing.
/// </summary>
public class AccessRefusedException(string why) : Exception(why);

/// <summary>
/// Thrown when nothing happened in the session for too long. The service did nothing; the page keeps its content behind the dialog that asks to sign
/// in again.
/// </summary>
public sealed class SessionIdleException() : AccessRefusedException("The session is idle.");

/// <summary>
/// Thrown when the person had to set up MFA until a deadline that has passed (docs/spec.md 12.2). The service did nothing; the page gives way to the
/// one that leads to the wizard.
/// </summary>
public sealed class MfaOverdueException() : AccessRefusedException("MFA has to be set up first.");

/// <summary>
/// Thrown when a recovery got the person in and what was asked for is on hold (docs/spec.md 11.3). The service did nothing; the page says until when.
/// </summary>
public sealed class RecoveryHoldException(DateTimeOffset until) : AccessRefusedException("The person is on hold after a recovery.")
{
    /// <summary>When the hold ends by itself.</summary>
    public DateTimeOffset Until { get; } = until;
}

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

    /// <summary>Signed in, also while nothing else answers because MFA is overdue: for the wizard.</summary>
    public const string SignedInEvenOverdue = nameof(SignedInEvenOverdue);
}

/// <summary>Claims of the principal. They decide only what is drawn; each action reads its right from the database.</summary>
public static class PortalClaims
{
    public const string SessionId = "sid";
    /// <summary>
    /// The only claim of an idle session's principal besides the token: it replaces <see cref="SessionId"/> and every claim that opens a page.
    /// </summary>
    public const string IdleSessionId = "idle";

    /// <summary>
    /// The deadline, while MFA is overdue (docs/spec.md 12.2); absent otherwise. The role is then left out, and only the wizard's page opens.
    /// </summary>
    public const string MfaOverdue = "mfa-overdue";

    public const string SessionToken = "session";
    public const string DisplayName = "name";

    /// <summary>The language that the person chose; absent = as in the browser.</summary>
    public const string Language = "language";

    /// <summary>Until when what matters is on hold after a recovery; absent = it is not.</summary>
    public const string HeldUntil = "held-until";
}

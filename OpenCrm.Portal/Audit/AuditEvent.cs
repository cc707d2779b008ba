using System.Text.Json.Serialization;

namespace OpenCrm.Portal.Audit;

/// <summary>
/// What happened (spec 9.1): a closed set. The name of the record is the kind that is stored and filtered by, its properties are the details;
/// never a password, code, key, token or link (spec 8.5).
/// </summary>
public abstract record AuditEvent
{
    private AuditEvent() { }

    /// <summary>The user it is about, if any.</summary>
    [JsonIgnore]
    public virtual Guid? About => null;

    /// <summary>A user is the subject.</summary>
    public abstract record AboutUser([property: JsonIgnore] Guid UserId) : AuditEvent
    {
        [JsonIgnore]
        public override Guid? About => UserId;
    }

    /// <param name="With"><c>password</c> or <c>password and code</c> (ASVS 16.3.1).</param>
    public sealed record SignedIn(Guid UserId, string With) : AboutUser(UserId);

    /// <summary>To a session that had been idle (spec 4.5).</summary>
    /// <param name="With"><c>password</c> or <c>password and code</c>.</param>
    public sealed record SignedInAgain(Guid UserId, string With) : AboutUser(UserId);

    public sealed record SignedOut(Guid UserId) : AboutUser(UserId);

    /// <summary>The right password of somebody whose code is still due: without the code after it, somebody else knows the password (ASVS 6.3.5).</summary>
    public sealed record PasswordProved(Guid UserId) : AboutUser(UserId);

    /// <summary>A wrong code on the set-up page.</summary>
    public sealed record WrongSetupCode : AuditEvent;

    /// <param name="At">Where it was asked: sign-in, step-up, wizard.</param>
    public sealed record WrongPassword(Guid UserId, string At) : AboutUser(UserId);

    public sealed record WrongCode(Guid UserId, string At) : AboutUser(UserId);

    /// <summary>A right code of a step that was used already: somebody may have looked over a shoulder.</summary>
    public sealed record ReusedCode(Guid UserId, string At) : AboutUser(UserId);

    /// <summary>A name that no active user has. What was typed is not kept: it may be a password.</summary>
    public sealed record UnknownName : AuditEvent;

    /// <summary>A try while failed attempts lock the account, the first of that lock; or the right password of an account that an administrator locked.</summary>
    public sealed record LockedAccountTried(Guid UserId) : AboutUser(UserId);

    /// <summary>The same for a name that no active user has: what is written does not tell which names there are (spec 1.6).</summary>
    public sealed record LockedUnknownNameTried : AuditEvent;

    /// <summary>Too many failures from one network (spec 1.6, <c>Limits:SignInFailures</c>).</summary>
    public sealed record AddressLimitReached : AuditEvent;

    /// <param name="Until">Null = until unlocked.</param>
    public sealed record LockedAfterFailures(Guid UserId, int Attempts, DateTimeOffset? Until) : AboutUser(UserId);

    /// <summary>As many tries for a name that no active user has as would lock a user.</summary>
    /// <param name="Until">Null = until it is forgotten.</param>
    public sealed record UnknownNameLocked(int Attempts, DateTimeOffset? Until) : AuditEvent;

    public sealed record Unlocked(Guid UserId) : AboutUser(UserId);

    public sealed record LockedByAdministrator(Guid UserId) : AboutUser(UserId);

    public sealed record Deactivated(Guid UserId) : AboutUser(UserId);

    public sealed record Activated(Guid UserId) : AboutUser(UserId);

    /// <summary>An administrator ended the password; a link to set a new one was mailed.</summary>
    public sealed record PasswordWithdrawn(Guid UserId) : AboutUser(UserId);

    /// <summary>One for each detail that changed: <c>Username</c>, <c>Name</c>, <c>Email</c>, <c>SystemAdministrator</c>.</summary>
    public sealed record UserChanged(Guid UserId, string Detail, string Old, string New) : AboutUser(UserId);

    /// <summary>Another account had the same username or address by the rules of a new release (spec 2.7); this one, the older, kept it.</summary>
    /// <param name="Detail"><c>Username</c> or <c>Email</c>.</param>
    /// <param name="Old">As the newer account had it.</param>
    /// <param name="New">Its username from then on; empty for an address.</param>
    public sealed record TwinFound(Guid UserId, string Detail, string Old, string New) : AboutUser(UserId);

    /// <summary>By the rules of a new release the address means an older account (spec 2.7): this one signs in by its username only.</summary>
    public sealed record AddressNoLongerSignsIn(Guid UserId, string Old) : AboutUser(UserId);

    /// <summary>MFA is on but the key cannot be read: the sign-in was refused.</summary>
    /// <param name="Fault">What is wrong with the enrolment.</param>
    public sealed record AuthenticatorUnreadable(Guid UserId, string Fault) : AboutUser(UserId);

    /// <summary>A link that sets a password was mailed, or printed by a rescue command.</summary>
    /// <param name="For"><c>forgotten password</c> or <c>invitation</c>.</param>
    public sealed record PasswordLinkMade(Guid UserId, string For) : AboutUser(UserId);

    /// <summary>A password was set by a link.</summary>
    /// <param name="How"><c>forgotten password</c> or <c>invitation</c>.</param>
    public sealed record PasswordReset(Guid UserId, string How) : AboutUser(UserId);

    /// <summary>A link that disables MFA after a sign-in was mailed (spec 3.2).</summary>
    public sealed record LostDeviceLinkMade(Guid UserId) : AboutUser(UserId);

    /// <summary>By the person, on the own record.</summary>
    public sealed record PasswordChanged(Guid UserId) : AboutUser(UserId);

    /// <param name="Replaced">Whether an older authenticator ended with it.</param>
    public sealed record MfaSetUp(Guid UserId, bool Replaced) : AboutUser(UserId);

    public sealed record MfaDisabled(Guid UserId, MfaDisabledBy By) : AboutUser(UserId);

    /// <param name="Enrolments">Users whose enrolment the switch touches.</param>
    public sealed record MfaSwitchChanged(bool On, int Enrolments, bool Erased) : AuditEvent;

    public sealed record SettingChanged(string Block, string Setting, string? Old, string? New) : AuditEvent;

    public sealed record PortalSetUp(Guid UserId, string How) : AboutUser(UserId);

    public sealed record UserCreated(Guid UserId, bool SystemAdministrator, string How) : AboutUser(UserId);

    public sealed record UsersMade(int Count) : AuditEvent;

    /// <param name="Count">Rows that left the portal, also where the download was broken off.</param>
    public sealed record UsersExported(int Count) : AuditEvent;

    /// <param name="Count">Events that left the portal, also where the download was broken off.</param>
    public sealed record EventsExported(int Count) : AuditEvent;

    /// <param name="Why">What ended them.</param>
    public sealed record SessionsEnded(Guid UserId, int Count, string Why) : AboutUser(UserId);

    public sealed record MailFailed(string Template, string Error) : AuditEvent;

    public sealed record TemplateFailed(string Template, string Error) : AuditEvent;

    /// <summary>Somebody had a message that failed sent again.</summary>
    public sealed record MailSentAgain(Guid Mail, string Template) : AuditEvent;

    /// <summary>The person's rating of the help article, in place of an earlier one. What was written beside it is no event: system administrators read it on the page.</summary>
    public sealed record ArticleRated(Guid UserId, int Stars) : AboutUser(UserId);

    /// <param name="Parts">What differs from the old version; the texts themselves are in the template's history.</param>
    public sealed record TemplateChanged(string Template, int Old, int New, string Parts) : AuditEvent;

    /// <summary>Back to the default.</summary>
    public sealed record TemplateReset(string Template, int Old, int New, string Parts) : AuditEvent;

    /// <param name="From">The older version that was taken up again.</param>
    public sealed record TemplateRestored(string Template, int Old, int New, int From, string Parts) : AuditEvent;
}

/// <summary>The ways out of MFA for one user (spec 3.1–3.3, 8.4). The fourth, for everyone, is <see cref="AuditEvent.MfaSwitchChanged"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MfaDisabledBy>))]
public enum MfaDisabledBy
{
    User,
    LostDevice,
    Administrator,
    RescueCommand,
}

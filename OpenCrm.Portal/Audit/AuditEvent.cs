using System.Text.Json.Serialization;

namespace OpenCrm.Portal.Audit;

/// <summary>
/// What happened (docs/spec.md 9.1): a closed set. The record's name is the stored kind, its properties are the details. No property may hold a
/// password, code, key, token or link.
/// </summary>
public abstract record AuditEvent
{
    private AuditEvent() { }

    /// <summary>The user whom the event is about; null if it is about nobody.</summary>
    [JsonIgnore]
    public virtual Guid? About => null;

    /// <summary>An event about one user.</summary>
    public abstract record AboutUser([property: JsonIgnore] Guid UserId) : AuditEvent
    {
        [JsonIgnore]
        public override Guid? About => UserId;
    }

    /// <summary>The password, and the code where one is due, were right: a session began.</summary>
    /// <param name="With"><c>password</c>, <c>password and code</c> or <c>password and recovery code</c> (ASVS 16.3.1).</param>
    public sealed record SignedIn(Guid UserId, string With) : AboutUser(UserId);

    /// <summary>Somebody signed in again to an idle session.</summary>
    /// <param name="With"><c>password</c> or <c>password and code</c>.</param>
    public sealed record SignedInAgain(Guid UserId, string With) : AboutUser(UserId);

    public sealed record SignedOut(Guid UserId) : AboutUser(UserId);

    /// <summary>The password was right and the code is still due. If no code follows, somebody else may know the password (ASVS 6.3.5).</summary>
    public sealed record PasswordProved(Guid UserId) : AboutUser(UserId);

    /// <summary>A wrong code was typed on the set-up page.</summary>
    public sealed record WrongSetupCode : AuditEvent;

    /// <param name="At">Where it was asked for: sign-in, step-up, wizard.</param>
    public sealed record WrongPassword(Guid UserId, string At) : AboutUser(UserId);

    public sealed record WrongCode(Guid UserId, string At) : AboutUser(UserId);

    /// <summary>The code was right, but its time step was used already: somebody may have looked over a shoulder.</summary>
    public sealed record ReusedCode(Guid UserId, string At) : AboutUser(UserId);

    /// <summary>The name belongs to no active user. What was typed is not stored: it may be a password.</summary>
    public sealed record UnknownName : AuditEvent;

    /// <summary>The first attempt during a lock after failed attempts, or the right password of an account that an administrator locked.</summary>
    public sealed record LockedAccountTried(Guid UserId) : AboutUser(UserId);

    /// <summary>
    /// The first attempt during the lock of a name that no active user has. It is recorded as for a user, so that the number of writes does not
    /// reveal which names exist.
    /// </summary>
    public sealed record LockedUnknownNameTried : AuditEvent;

    /// <summary>Too many failures came from one network (<c>Limits:SignInFailures</c>).</summary>
    public sealed record AddressLimitReached : AuditEvent;

    /// <param name="Until">End of the lock; null = until unlocked.</param>
    public sealed record LockedAfterFailures(Guid UserId, int Attempts, DateTimeOffset? Until) : AboutUser(UserId);

    /// <summary>A name that no active user has was tried as often as would lock a user.</summary>
    /// <param name="Until">End of the lock; null = until the counter of the name is deleted.</param>
    public sealed record UnknownNameLocked(int Attempts, DateTimeOffset? Until) : AuditEvent;

    public sealed record Unlocked(Guid UserId) : AboutUser(UserId);

    public sealed record LockedByAdministrator(Guid UserId) : AboutUser(UserId);

    public sealed record Deactivated(Guid UserId) : AboutUser(UserId);

    public sealed record Activated(Guid UserId) : AboutUser(UserId);

    /// <summary>An administrator withdrew the password; a link to set a new one was mailed.</summary>
    public sealed record PasswordWithdrawn(Guid UserId) : AboutUser(UserId);

    /// <summary>One event for each detail that changed: <c>Username</c>, <c>Name</c>, <c>Email</c>, <c>SystemAdministrator</c>.</summary>
    public sealed record UserChanged(Guid UserId, string Detail, string Old, string New) : AboutUser(UserId);

    /// <summary>The person chose the language in which they read the portal.</summary>
    /// <param name="Language">Its name, such as <c>de</c>; null = as in the browser.</param>
    public sealed record LanguageChosen(Guid UserId, string? Language) : AboutUser(UserId);

    /// <summary>By the rules of a new release another account had the same username or address; this account, the older, kept it.</summary>
    /// <param name="Detail"><c>Username</c> or <c>Email</c>.</param>
    /// <param name="Old">The value that the newer account had.</param>
    /// <param name="New">The newer account's username from then on; empty for an address.</param>
    public sealed record TwinFound(Guid UserId, string Detail, string Old, string New) : AboutUser(UserId);

    /// <summary>By the rules of a new release the address belongs to an older account; this account signs in by its username only.</summary>
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

    /// <summary>A link that disables MFA after a sign-in was mailed.</summary>
    public sealed record LostDeviceLinkMade(Guid UserId) : AboutUser(UserId);

    /// <summary>The person changed the password on their own record.</summary>
    public sealed record PasswordChanged(Guid UserId) : AboutUser(UserId);

    /// <param name="Replaced">Whether an older authenticator ended with it.</param>
    public sealed record MfaSetUp(Guid UserId, bool Replaced) : AboutUser(UserId);

    /// <summary>Another authenticator was set up beside those that there were.</summary>
    public sealed record AuthenticatorAdded(Guid UserId, string Name) : AboutUser(UserId);

    /// <summary>An authenticator was removed, and others are left; the removal of the last one is <see cref="MfaDisabled"/>.</summary>
    public sealed record AuthenticatorRemoved(Guid UserId, string Name) : AboutUser(UserId);

    public sealed record AuthenticatorRenamed(Guid UserId, string Old, string New) : AboutUser(UserId);

    /// <summary>Ten new recovery codes were made, and older ones ended.</summary>
    public sealed record RecoveryCodesMade(Guid UserId) : AboutUser(UserId);

    /// <summary>The person ticked that the codes are saved; until then every sign-in shows fresh ones.</summary>
    public sealed record RecoveryCodesSaved(Guid UserId) : AboutUser(UserId);

    /// <summary>A recovery code stood in for the six digits.</summary>
    /// <param name="Left">How many are left.</param>
    public sealed record RecoveryCodeUsed(Guid UserId, string At, int Left) : AboutUser(UserId);

    /// <summary>What was typed is none of the person's recovery codes, or was used before.</summary>
    public sealed record WrongRecoveryCode(Guid UserId, string At) : AboutUser(UserId);

    public sealed record MfaDisabled(Guid UserId, MfaDisabledBy By) : AboutUser(UserId);

    /// <summary>A system administrator extended one person's deadline for setting up MFA.</summary>
    /// <param name="Deadline">The deadline before.</param>
    /// <param name="Until">The deadline from then on.</param>
    /// <param name="Reason">As the administrator typed it.</param>
    public sealed record MfaDeadlineExtended(Guid UserId, DateTimeOffset Deadline, DateTimeOffset Until, string Reason) : AboutUser(UserId);

    /// <summary>A lost-device link was confirmed under a waiting time: MFA is removed at <paramref name="Due"/> (docs/spec.md 11.7).</summary>
    public sealed record MfaRemovalScheduled(Guid UserId, DateTimeOffset Due) : AboutUser(UserId);

    /// <summary>A system administrator gave the person a temporary code (docs/spec.md 11.5).</summary>
    public sealed record TemporaryCodeGiven(Guid UserId, DateTimeOffset Until) : AboutUser(UserId);

    /// <summary>A temporary code took the place of six digits.</summary>
    /// <param name="At">Where it was asked for: sign-in, step-up.</param>
    public sealed record TemporaryCodeUsed(Guid UserId, string At) : AboutUser(UserId);

    /// <summary>A pending temporary code ended unused.</summary>
    /// <param name="Because">A <see cref="TemporaryCodeEnd"/>.</param>
    public sealed record TemporaryCodeEnded(Guid UserId, string Because) : AboutUser(UserId);

    public sealed record WrongTemporaryCode(Guid UserId, string At) : AboutUser(UserId);

    /// <summary>A recovery got the person in, and what matters is on hold (docs/spec.md 11.3).</summary>
    /// <param name="Recovery">A <c>RecoveryKind</c>.</param>
    public sealed record RecoveryHoldStarted(Guid UserId, string Recovery, DateTimeOffset Until) : AboutUser(UserId);

    /// <summary>Six digits of an authenticator that was there before the recovery ended the hold.</summary>
    public sealed record RecoveryHoldEnded(Guid UserId) : AboutUser(UserId);

    /// <summary>A system administrator, or the rescue command, ended the hold.</summary>
    /// <param name="Reason">As it was typed; empty from the command.</param>
    public sealed record RecoveryHoldLifted(Guid UserId, string Reason) : AboutUser(UserId);

    /// <summary>Something ended the waiting time: MFA stays.</summary>
    /// <param name="Because">A <see cref="MfaRemovalEnd"/>.</param>
    public sealed record MfaRemovalEnded(Guid UserId, string Because) : AboutUser(UserId);

    /// <param name="Enrolments">How many enrolled users the switch affects.</param>
    public sealed record MfaSwitchChanged(bool On, int Enrolments, bool Erased) : AuditEvent;

    public sealed record SettingChanged(string Block, string Setting, string? Old, string? New) : AuditEvent;

    public sealed record PortalSetUp(Guid UserId, string How) : AboutUser(UserId);

    public sealed record UserCreated(Guid UserId, bool SystemAdministrator, string How) : AboutUser(UserId);

    public sealed record UsersMade(int Count) : AuditEvent;

    /// <param name="Count">Rows that left the portal, also when the download was cut off.</param>
    public sealed record UsersExported(int Count) : AuditEvent;

    /// <summary>A CSV import ended or was stopped; each person has an event of their own.</summary>
    public sealed record UsersImported(int Created, int Changed, int NotImported) : AuditEvent;

    /// <param name="Count">Events that left the portal, also when the download was cut off.</param>
    public sealed record EventsExported(int Count) : AuditEvent;

    /// <param name="Why">What ended the sessions.</param>
    public sealed record SessionsEnded(Guid UserId, int Count, string Why) : AboutUser(UserId);

    public sealed record MailFailed(string Template, string Error) : AuditEvent;

    public sealed record TemplateFailed(string Template, string Error) : AuditEvent;

    /// <summary>A password of the mail server was stored. It is in no event.</summary>
    public sealed record MailPasswordChanged : AuditEvent;

    public sealed record MailPasswordRemoved : AuditEvent;

    /// <summary>Another logo was stored. The picture is in no event.</summary>
    public sealed record LogoChanged : AuditEvent;

    public sealed record LogoRemoved : AuditEvent;

    /// <summary>A system administrator had a test mail sent by settings that need not be stored: the portal opened a connection.</summary>
    /// <param name="Server">Host and port.</param>
    public sealed record MailServerTested(string Server, bool Accepted) : AuditEvent;

    /// <summary>Somebody had a failed message sent again.</summary>
    public sealed record MailSentAgain(Guid Mail, string Template) : AuditEvent;

    /// <summary>
    /// A person rated the help article; it replaces an earlier rating. The comment is not recorded: system administrators read it on the page.
    /// </summary>
    public sealed record ArticleRated(Guid UserId, int Stars) : AboutUser(UserId);

    /// <param name="Parts">What differs from the old version; the texts themselves are in the template's history.</param>
    public sealed record TemplateChanged(string Template, int Old, int New, string Parts) : AuditEvent;

    /// <summary>A template was reset to its default.</summary>
    public sealed record TemplateReset(string Template, int Old, int New, string Parts) : AuditEvent;

    /// <param name="From">The older version that was restored.</param>
    public sealed record TemplateRestored(string Template, int Old, int New, int From, string Parts) : AuditEvent;
}

/// <summary>What ends the waiting time of a lost-device link before MFA is removed (docs/spec.md 11.7).</summary>
public enum MfaRemovalEnd
{
    /// <summary>Six digits were right: the person has the device.</summary>
    Code,
    Password,
    Email,
    Locked,
    Deactivated,

    /// <summary>A new enrolment replaced the one that was to be removed.</summary>
    Enrolment,

    /// <summary>A system administrator ended it.</summary>
    Administrator,

    /// <summary>Account or enrolment were no longer the ones that had confirmed when the time came.</summary>
    Changed,
}

/// <summary>What ends a pending temporary code besides its use, its time and a newer one (docs/spec.md 11.5).</summary>
public enum TemporaryCodeEnd
{
    /// <summary>Six digits were right: the person has the device.</summary>
    Code,
    Locked,
    Deactivated,

    /// <summary>Who gave it was locked or deactivated, or is no system administrator any more.</summary>
    Giver,
}

/// <summary>The ways out of MFA for one user. The way out for everyone is <see cref="AuditEvent.MfaSwitchChanged"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MfaDisabledBy>))]
public enum MfaDisabledBy
{
    User,
    LostDevice,
    Administrator,
    RescueCommand,
}

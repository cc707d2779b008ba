namespace OpenCrm.Portal.Mail;

/// <summary>
/// Every mail that the portal sends. Where a value is one of a few words (<c>how</c>), the template holds the sentences for them, so that
/// administrators can reword them. A value that does not apply is empty: <c>{% if until != '' %}</c>.
/// </summary>
public static class TemplateCatalogue
{
    private const string Address = "203.0.113.24";
    private static readonly DateTimeOffset Time = new(2026, 10, 12, 8, 41, 0, TimeSpan.Zero), Later = Time.AddMinutes(30), InAWeek = Time.AddDays(7);

    // user | lost-device | administrator | rescue-command
    private static readonly MergeField How = new("how", "lost-device");

    // Empty unless an administrator did it to somebody else.
    private static readonly MergeField AdministratorName = new("administrator_name", "Jonas Weber");
    private static readonly MergeField At = new("at", Time);

    // Empty when it was done on the server itself.
    private static readonly MergeField FromAddress = new("from_address", Address);
    private static readonly MergeField AuthenticatorName = new("authenticator_name", "Work phone");
    private static readonly MergeField AccountLink = new("account_link", PortalUrls.Account, MergeFieldKind.Link);
    private static readonly MergeField SetUpLink = new("set_up_link", PortalUrls.AccountSetupMfa, MergeFieldKind.Link);

    private static readonly MergeField UserRecordLink =
        new("user_record_link", $"{PortalUrls.Users}/0199d7a2-7c00-7000-8000-000000000000", MergeFieldKind.Link);

    // Whom it is about, in mails to that person and to system administrators alike.
    private static readonly MergeField[] AboutPerson =
        [new("reader", "person"), new("user_name", "Elena Rossi"), new("username", "e.rossi")];

    public static readonly TemplateDefinition MfaDisabled = new("mfa-disabled",
    [
        new("user_name", "Elena Rossi"),
        new("username", "e.rossi"),
        How,
        AdministratorName,
        At,
        FromAddress,
        new("user_record_link", $"{PortalUrls.Users}/0199d7a2-7c00-7000-8000-000000000000", MergeFieldKind.Link),
    ]);

    public static readonly TemplateDefinition MfaSetUp = new("mfa-set-up",
        [new("replaced", ""), AdministratorName, At, FromAddress, AccountLink]);

    public static readonly TemplateDefinition MfaRemoved = new("mfa-removed",
        [How, AdministratorName, At, FromAddress, AccountLink]);

    /// <summary><c>days_left</c> is 0 when the deadline has passed.</summary>
    public static readonly TemplateDefinition MfaDue = new("mfa-due",
        [new("due_at", InAWeek), new("days_left", "7"), SetUpLink]);

    public static readonly TemplateDefinition DeadlineExtended = new("deadline-extended",
        [new("due_at", InAWeek), new("reason", "On leave until Monday"), AdministratorName, SetUpLink]);

    public static readonly TemplateDefinition AuthenticatorAdded = new("authenticator-added",
        [AuthenticatorName, At, FromAddress, AccountLink]);

    public static readonly TemplateDefinition AuthenticatorRemoved = new("authenticator-removed",
        [AuthenticatorName, At, FromAddress, AccountLink]);

    public static readonly TemplateDefinition RecoveryCodesMade = new("recovery-codes-made", [At, FromAddress, AccountLink]);

    /// <summary><c>reader</c> is user or administrator.</summary>
    public static readonly TemplateDefinition RecoveryCodeUsed = new("recovery-code-used",
    [
        new("reader", "user"),
        new("user_name", "Elena Rossi"),
        new("username", "e.rossi"),
        new("codes_left", "7"),
        At,
        FromAddress,
        AccountLink,
        new("user_record_link", $"{PortalUrls.Users}/0199d7a2-7c00-7000-8000-000000000000", MergeFieldKind.Link),
    ]);

    /// <summary><c>wait_hours</c> is empty when the confirmed link removes MFA at once.</summary>
    public static readonly TemplateDefinition LostDeviceLink = new("lost-device-link",
        [Link(PortalUrls.LostDeviceConfirm), new("valid_until", Later), new("wait_hours", ""), FromAddress]);

    /// <summary><c>reader</c> is person or administrator.</summary>
    public static readonly TemplateDefinition MfaRemovalWaiting = new("mfa-removal-waiting",
        [.. AboutPerson, new("removal_at", Time.AddDays(1)), At, FromAddress, AccountLink, UserRecordLink]);

    /// <summary><c>reader</c> is person or administrator. The code itself is in no mail.</summary>
    public static readonly TemplateDefinition TemporaryCodeGiven = new("temporary-code-given",
        [.. AboutPerson, AdministratorName, new("valid_until", Time.AddHours(1)), At, FromAddress, AccountLink, UserRecordLink]);

    /// <summary><c>reader</c> is person or administrator; <c>hold_until</c> is empty where there is no hold.</summary>
    public static readonly TemplateDefinition TemporaryCodeUsed = new("temporary-code-used",
        [.. AboutPerson, new("hold_until", Time.AddDays(3)), At, FromAddress, AccountLink, UserRecordLink]);

    /// <summary><c>reader</c> is person or administrator; <c>reason</c> is empty when the rescue command lifted it.</summary>
    public static readonly TemplateDefinition HoldLifted = new("hold-lifted",
        [.. AboutPerson, new("reason", "Called back on the known number"), AdministratorName, At, FromAddress, AccountLink, UserRecordLink]);

    /// <summary>
    /// <c>reader</c> is person or administrator; <c>why</c> is code, password, email, lock, deactivation, enrolment, administrator or change.
    /// </summary>
    public static readonly TemplateDefinition MfaRemovalEnded = new("mfa-removal-ended",
        [.. AboutPerson, new("why", "code"), AdministratorName, At, FromAddress, AccountLink, UserRecordLink]);

    public static readonly TemplateDefinition ForgottenPassword = new("forgotten-password",
        [Link(PortalUrls.ResetPassword), new("valid_until", Later), AdministratorName, FromAddress]);

    public static readonly TemplateDefinition Invitation = new("invitation",
        [Link(PortalUrls.Invitation), new("username", "ann.lee"), new("valid_until", InAWeek), AdministratorName]);

    /// <summary><c>attempts</c> is empty when an administrator locked the account, <c>until</c> when only an administrator unlocks it.</summary>
    public static readonly TemplateDefinition AccountLocked = new("account-locked",
        [new("attempts", "5"), new("until", Later), At, FromAddress]);

    public static readonly TemplateDefinition EmailChanged = new("email-changed",
        [new("old_email", "ann.lee@northwind.test"), new("new_email", "ann@northwind.test"), AdministratorName, At, FromAddress]);

    /// <summary><c>reader</c> is renamed, kept or administrator; <c>what</c> is username or email.</summary>
    public static readonly TemplateDefinition UsernameChanged = new("username-changed",
    [
        new("reader", "renamed"),
        new("what", "username"),
        new("old", "zoe"),
        new("new_username", "zoe-2"),
        new("user_name", "Zoe Meyer"),
        new("other_name", "Zoe Novak"),
        new("other_username", "zoe"),
        At,
        AccountLink,
        new("user_record_link", $"{PortalUrls.Users}/0199d7a2-7c00-7000-8000-000000000000", MergeFieldKind.Link),
    ]);

    public static readonly TemplateDefinition Test = new("test", [new("sent_by", "Ann Lee"), At]);

    public static readonly IReadOnlyList<TemplateDefinition> All =
    [
        MfaDisabled, MfaSetUp, MfaRemoved, AuthenticatorAdded, AuthenticatorRemoved, RecoveryCodesMade, RecoveryCodeUsed, MfaDue,
        DeadlineExtended,
        LostDeviceLink, MfaRemovalWaiting, MfaRemovalEnded, TemporaryCodeGiven, TemporaryCodeUsed, HoldLifted,
        ForgottenPassword, Invitation, AccountLocked, EmailChanged, UsernameChanged, Test,
    ];

    private static readonly Dictionary<string, TemplateDefinition> ByKey = All.ToDictionary(t => t.Key);

    public static TemplateDefinition? Find(string key) => ByKey.GetValueOrDefault(key);

    private static MergeField Link(string path) => new("link", $"{path}#sample", MergeFieldKind.Link, Required: true, HoldsToken: true);
}

namespace OpenCrm.Portal;

/// <summary>Every address of the portal, in one place.</summary>
public static class PortalUrls
{
    public const string Home = "/";
    public const string Setup = "/setup";
    public const string SignIn = "/login";
    public const string LostDevice = "/login/lost-device";
    public const string LostDeviceConfirm = "/lost-device/confirm";
    public const string ForgottenPassword = "/login/forgot-password";
    public const string ResetPassword = "/reset-password";
    public const string Invitation = "/invitation";
    public const string Account = "/account";
    public const string AccountSetupMfa = "/account/setup-mfa";
    public const string Users = "/settings/users";
    public const string NewUser = "/settings/users/new";
    public const string UserRecord = "/settings/users/{Id:guid}";
    public const string UserSetupMfa = "/settings/users/{Id:guid}/setup-mfa";
    public const string UsersImport = "/settings/users/import";
    public const string UsersImportSample = "/settings/users/import-sample.csv";
    public const string UsersExport = "/settings/users/export.csv";
    public const string AdditionalSettings = "/settings/configuration/additional-settings";
    public const string EmailTemplates = "/settings/communication-templates/email-templates";
    public const string Outbox = "/settings/outbox";
    public const string AuditTrail = "/settings/audit-trail";
    public const string AuditTrailExport = "/settings/audit-trail/export.csv";
    public const string HelpMfa = "/help/mfa";
    public const string Branding = "/branding";
    public const string Session = "/session";
    public const string SessionEnd = "/session/end";
    public const string SessionAntiforgery = "/session/antiforgery";
    public const string Health = "/health";
    public const string Live = Health + "/live";
    public const string Ready = Health + "/ready";
    public const string Error = "/error";
    public const string NotFound = "/not-found";

    /// <summary>Returns the address of the company's logo. It holds the picture's hash, so that browsers may keep it for ever.</summary>
    public static string Logo(string hash) => $"{Branding}/logo-{hash}";

    public static string OfUser(Guid id) => $"{Users}/{id}";

    /// <summary>Returns the address of a part of the help article, such as "/help/mfa#lost-device".</summary>
    public static string HelpOn(HelpTopic topic) => $"{HelpMfa}#{AnchorOf(topic)}";

    /// <summary>Returns the anchor of a part. It is not made from the heading, so that links keep working when the heading is reworded.</summary>
    public static string AnchorOf(HelpTopic topic) => topic switch
    {
        HelpTopic.Apps => "apps",
        HelpTopic.SetUp => "set-up",
        HelpTopic.ForOthers => "for-others",
        HelpTopic.SignIn => "sign-in",
        HelpTopic.LostDevice => "lost-device",
        HelpTopic.Disable => "disable",
        HelpTopic.Everyone => "everyone",
        HelpTopic.Mails => "mails",
        HelpTopic.Locks => "locks",
        HelpTopic.Clock => "clock",
        _ => "what",
    };

    /// <summary>Returns the address of the list of users who have no MFA.</summary>
    public static string UsersWithoutMfa(bool onlyAdministrators) => $"{Users}?mfa=no{(onlyAdministrators ? "&administrators=yes" : "")}";

    public static string SetupMfaOfUser(Guid id) => $"{Users}/{id}/setup-mfa";

    public static string EventsOfUser(string username) => $"{AuditTrail}?user={Uri.EscapeDataString(username)}";
}

namespace OpenCrm.Portal.Shell;

/// <summary>What the navigation shows, in its order. A page that comes into being is switched on here.</summary>
internal static class NavItems
{
    /// <summary>The account menu's Help.</summary>
    internal static bool HelpExists { get; }

    internal static NavItem Home { get; } = new(() => Texts.Shell_Home, PortalUrls.Home, "home", Exists: true);

    internal static NavItem Settings { get; } = new(() => Texts.Shell_Settings, Items:
    [
        new(() => Texts.Shell_Users, PortalUrls.Users, "users", Exists: true),
        new(() => Texts.Shell_Configuration, Icon: "sliders", Items:
        [
            new(() => Texts.Shell_AdditionalSettings, PortalUrls.AdditionalSettings, Exists: true),
        ]),
        new(() => Texts.Shell_CommunicationTemplates, Icon: "mail", Items:
        [
            new(() => Texts.Shell_EmailTemplates, PortalUrls.EmailTemplates, Exists: true),
        ]),
        new(() => Texts.Shell_Outbox, PortalUrls.Outbox, "outbox", Exists: true),
        new(() => Texts.Shell_AuditTrail, PortalUrls.AuditTrail, "file", Exists: false),
    ]);
}

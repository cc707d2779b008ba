namespace OpenCrm.Portal.Shell;

/// <summary>The entries of the navigation, in order.</summary>
internal static class NavItems
{
    internal static NavItem Home { get; } = new(() => Texts.Shell_Home, PortalUrls.Home, "home");

    internal static NavItem Settings { get; } = new(() => Texts.Shell_Settings, Items:
    [
        new(() => Texts.Shell_Users, PortalUrls.Users, "users"),
        new(() => Texts.Shell_Configuration, Icon: "sliders", Items:
        [
            new(() => Texts.Shell_AdditionalSettings, PortalUrls.AdditionalSettings),
        ]),
        new(() => Texts.Shell_CommunicationTemplates, Icon: "mail", Items:
        [
            new(() => Texts.Shell_EmailTemplates, PortalUrls.EmailTemplates),
        ]),
        new(() => Texts.Shell_Outbox, PortalUrls.Outbox, "outbox"),
        new(() => Texts.Shell_AuditTrail, PortalUrls.AuditTrail, "file"),
    ]);
}

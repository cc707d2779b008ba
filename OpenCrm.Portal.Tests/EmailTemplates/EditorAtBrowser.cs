using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.EmailTemplates;

/// <summary>The first administrator at the editor of a template.</summary>
internal static class EditorAtBrowser
{
    public static async Task<PortalPage> OpenEditorAsync(this Browser browser, PortalHost portal, string key)
    {
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync($"{PortalUrls.EmailTemplates}/{key}");
        await new Visitor(tab).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await tab.Page.GetByLabel("Subject", new() { Exact = true }).WaitForAsync();
        return tab;
    }
}

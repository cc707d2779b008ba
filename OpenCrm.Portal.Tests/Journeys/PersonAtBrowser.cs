using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>People with accounts of the test, each at a browser of their own.</summary>
internal static class PersonAtBrowser
{
    public static Uri Address(PortalHost portal) => new($"http://localhost:{portal.BaseAddress.Port}");

    /// <summary>Opens the page and signs in on the way, with a code if enrolled.</summary>
    public static async Task<PortalPage> SignedInAsync(this Browser browser, PortalHost portal, TestPerson person, string path)
    {
        var tab = await browser.NewPageAsync(Address(portal));
        await tab.GotoAsync(path);
        await new Visitor(tab).SignInAsync(portal, person);
        return tab;
    }

    /// <param name="asksCode">Whether the code step has to appear; null when that depends on the person's enrolment.</param>
    public static async Task SignInAsync(this Visitor visitor, PortalHost portal, TestPerson person, bool? asksCode = null)
    {
        await visitor.EnterPasswordAsync(person.Username, person.Password);
        if (asksCode ?? person.Secret is not null)
        {
            await visitor.Page.GetByLabel("Authentication code").WaitForAsync();
            await visitor.EnterCodeAsync(await Oathtool.CodeAsync(person.Secret!, portal.Now));
        }
        await visitor.AccountMenu.WaitForAsync();
    }
}

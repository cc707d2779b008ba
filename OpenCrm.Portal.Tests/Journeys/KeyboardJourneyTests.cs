using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>People who have no mouse (WCAG 2.2, 2.1.1 and 2.4.3): every step is a key, and what has the focus can be seen.</summary>
public sealed class KeyboardJourneyTests(Browser browser)
{
    [Fact]
    public async Task An_administrator_signs_in_with_a_code_finds_a_user_imports_a_file_and_edits_a_template()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var ann = await portal.AddPersonAsync("ann.lee", administrator: true, enrolled: true);
        await portal.AddPersonAsync("ben.ode");
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        var keys = new Keys(tab.Page);

        await tab.GotoAsync("/settings/users");
        await Expect(tab.Page.GetByLabel("Username or email")).ToBeFocusedAsync();
        await keys.TypeAsync(ann.Username);
        await keys.TabToAsync("Password");
        await keys.TypeAsync(ann.Password);
        await keys.PressAsync("Enter");
        await Expect(tab.Page.GetByLabel("Authentication code")).ToBeFocusedAsync();
        await keys.TypeAsync(await Oathtool.CodeAsync(ann.Secret!, portal.Now));
        await keys.PressAsync("Enter");
        var table = tab.Page.GetByRole(AriaRole.Table, new() { Name = "Users" });
        await table.GetByRole(AriaRole.Link, new() { Name = "ben.ode" }).WaitForAsync();

        // The first stop leads past the navigation.
        await keys.PressAsync("Tab");
        Assert.Contains("Skip", await keys.FocusedAsync(), StringComparison.Ordinal);
        await keys.TabToAsync("Search");
        await keys.TypeAsync("ben");
        await Expect(table.Locator("tbody tr")).ToHaveCountAsync(1);
        await keys.TabToAsync("Username");
        await keys.PressAsync("Enter");
        await Expect(table.Locator("th[aria-sort=descending]")).ToHaveCountAsync(1);
        await keys.TabToAsync("ben.ode");
        await keys.PressAsync("Enter");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "ben.ode", Level = 1 }).WaitForAsync();
        await keys.TabToAsync("Lock");
        await keys.PressAsync("Enter");
        await tab.Page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await keys.PressAsync("Escape");
        await Expect(tab.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        // Back where the person was before the popup.
        Assert.Equal("Lock", await keys.FocusedAsync());

        await ImportAsync(tab, keys);
        await EditTemplateAsync(tab, keys);
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task A_user_sets_up_MFA_with_the_manual_key()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var bob = await portal.AddPersonAsync("bob");
        var tab = await browser.SignedInAsync(portal, bob, "/account");
        var keys = new Keys(tab.Page);

        await keys.TabToAsync("Setup MFA");
        await keys.PressAsync("Enter");
        await keys.TabToAsync("Next");
        await keys.PressAsync("Enter");
        await tab.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" }).WaitForAsync();
        await keys.TabToAsync("Can’t scan it?");
        await keys.PressAsync("Enter");
        var key = await tab.Page.GetByLabel("Manual key").InnerTextAsync();
        await keys.TabToAsync("Next");
        await keys.PressAsync("Enter");
        await keys.TabToAsync("Six-digit code");
        await keys.TypeAsync(await Oathtool.CodeAsync(string.Concat(key.Where(char.IsLetterOrDigit)), portal.Now));
        await keys.PressAsync("Enter");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Done" }).WaitForAsync();
        await keys.TabToAsync("I have saved these codes");
        await keys.PressAsync("Space");
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Done" })).ToBeEnabledAsync();
        await keys.TabToAsync("Done");
        await keys.PressAsync("Enter");

        await Expect(tab.Page.GetByRole(AriaRole.Region, new() { Name = "Multi-factor authentication" })).ToContainTextAsync("Yes");
        tab.Problems.AssertNone();
    }

    private static async Task ImportAsync(PortalPage tab, Keys keys)
    {
        await tab.GotoAsync("/settings/users");
        await keys.TabToAsync("Import CSV");
        await keys.PressAsync("Enter");
        await tab.WaitForAddressAsync("/settings/users/import");
        // The page takes the focus when it is shown.
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeFocusedAsync();
        // The browser hands a chooser over only when it was told so before the key arrives.
        var chosen = new TaskCompletionSource<IFileChooser>();
        tab.Page.FileChooser += (_, chooser) => chosen.TrySetResult(chooser);
        await keys.TabToAsync("CSV file");
        await Expect(tab.Page.GetByLabel("CSV file")).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        var chooser = await chosen.Task.WaitAsync(Eventually.Patience);
        await chooser.SetFilesAsync(new FilePayload
        {
            Name = "people.csv",
            MimeType = "text/csv",
            Buffer = "Username,Name,Email\r\ncleo.fox,Cleo Fox,cleo.fox@northwind.test\r\n"u8.ToArray(),
        });
        await tab.Page.GetByRole(AriaRole.Table, new() { Name = "Rows" }).GetByText("cleo.fox", new() { Exact = true }).WaitForAsync();
        await keys.TabToAsync("Import");
        await keys.PressAsync("Enter");
        var popup = tab.Page.GetByRole(AriaRole.Dialog);
        await popup.WaitForAsync();
        await keys.TabToAsync("OK");
        await keys.PressAsync("Enter");
        await Expect(popup).ToHaveCountAsync(0);
    }

    private static async Task EditTemplateAsync(PortalPage tab, Keys keys)
    {
        await tab.GotoAsync("/settings/communication-templates/email-templates/test");
        await keys.TabToAsync("Subject");
        await keys.PressAsync("End");
        await keys.TypeAsync(" (ours)");
        await keys.TabToAsync("HTML body");
        await keys.PressAsync("Control+End");
        await keys.TypeAsync("<p>By keyboard alone</p>");
        await Expect(tab.Page.GetByRole(AriaRole.Region, new() { Name = "Preview" })).ToContainTextAsync("(ours)");
        // The bar with the actions stands above the fields.
        await keys.TabToAsync("Save", by: "Shift+Tab");
        await keys.PressAsync("Enter");
        await tab.Page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
    }
}

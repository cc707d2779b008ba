using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>People read the portal in the language of their browser, or in the one that they chose on their own record (docs/spec.md 10.2).</summary>
public sealed class GermanJourneyTests(Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task A_German_signs_in_sets_MFA_up_and_goes_on_in_English_without_a_page_load()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress, options: context => context.Locale = "de-DE");
        await tab.GotoAsync("/login");
        await Expect(tab.Page.Locator("html")).ToHaveAttributeAsync("lang", "de");
        await SignInInGermanAsync(tab);
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Benutzer", Exact = true })).ToBeVisibleAsync();

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = German(() => Texts.Shell_AdditionalSettings) }).ClickAsync();
        await tab.Page.Locator("#security input[type=checkbox]").First.CheckAsync();
        await tab.Page.Locator("#security button[type=submit]").ClickAsync();
        await tab.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = German(() => Texts.Configuration_Saved) }).First.WaitForAsync();
        await OpenOwnRecordAsync(tab, German(() => Texts.Shell_MyUserRecord));
        await tab.PressAsync("MFA einrichten");
        await tab.PressAsync("Weiter");
        var secret = (await QrReader.AddressAsync(tab.Page.GetByRole(AriaRole.Img, new() { Name = German(() => Texts.Enrolment_QrCode) }))).Secret;
        await tab.PressAsync("Weiter");
        await tab.FillAsync(German(() => Texts.Enrolment_Code), await Oathtool.CodeAsync(secret, TimeProvider.System.GetUtcNow()));
        await tab.PressAsync("Speichern");
        await tab.Page.GetByLabel(German(() => Texts.Recovery_Saved)).CheckAsync();
        await tab.PressAsync("Fertig");

        var language = tab.Page.Locator("#language");
        await language.SelectOptionAsync("en");
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Disable MFA" })).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(language).ToHaveValueAsync("en");
        await Expect(language).ToBeFocusedAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true })).ToBeVisibleAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Language saved" }).First).ToBeAttachedAsync();
        // What stands outside of the circuit has followed.
        await Expect(tab.Page.Locator("#reconnect-title [data-when='lost rejected']"))
            .ToHaveTextAsync(Languages.In(Languages.English, () => Texts.Shell_ConnectionLost));

        // Signed out, it is the browser's again.
        await new Visitor(tab).AccountMenu.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Sign out" }).ClickAsync();
        await tab.Page.GetByLabel(German(() => Texts.SignIn_UsernameOrEmail)).WaitForAsync();
        await Expect(tab.Page.Locator("html")).ToHaveAttributeAsync("lang", "de");
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task The_choice_holds_after_a_reload_in_another_browser_and_for_the_next_change_of_page_of_another_tab()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.GotoAsync("/account");
        await new Visitor(tab).SignInAsync(Admin.Username, Admin.Password);
        var second = await tab.NewTabAsync();
        await second.GotoAsync("/settings/users/new");
        await second.FillAsync("Name", "Half typed");

        await tab.Page.Locator("#language").SelectOptionAsync("de");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Kennwort ändern" }).WaitForAsync();
        // The other tab keeps what is typed, and follows with its next page.
        await Expect(second.Page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Half typed");
        await second.Page.GetByRole(AriaRole.Link, new() { Name = "Outbox" }).ClickAsync();
        await second.Page.GetByRole(AriaRole.Heading, new() { Name = "Postausgang", Exact = true }).WaitForAsync();
        await Expect(second.Page.Locator("html")).ToHaveAttributeAsync("lang", "de");
        second.Circuit.AssertOneSocketOneLoad();

        // Prerendered so, not only once the circuit is there.
        var document = (await tab.Page.GotoAsync("/account"))!;
        Assert.Contains("<html lang=\"de\"", await document.TextAsync(), StringComparison.Ordinal);
        var elsewhere = await browser.NewPageAsync(portal.BaseAddress);
        await elsewhere.GotoAsync("/login");
        await Expect(elsewhere.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await new Visitor(elsewhere).EnterPasswordAsync(Admin.Username, Admin.Password);
        await elsewhere.Page.GetByRole(AriaRole.Link, new() { Name = "Benutzer", Exact = true }).WaitForAsync();
        await Expect(elsewhere.Page.Locator("html")).ToHaveAttributeAsync("lang", "de");
        elsewhere.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
        second.Problems.AssertNone();
        elsewhere.Problems.AssertNone();
    }

    private static async Task SignInInGermanAsync(PortalPage tab)
    {
        await tab.FillAsync(German(() => Texts.SignIn_UsernameOrEmail), Admin.Username);
        await tab.FillAsync(German(() => Texts.SignIn_Password), Admin.Password);
        await tab.PressAsync(German(() => Texts.SignIn_Submit));
        await tab.Page.Locator(".account").WaitForAsync();
    }

    private static async Task OpenOwnRecordAsync(PortalPage tab, string name)
    {
        await tab.Page.Locator(".account").ClickAsync();
        await tab.Page.GetByRole(AriaRole.Menuitem, new() { Name = name }).ClickAsync();
        await tab.Page.Locator("#language").WaitForAsync();
    }

    private static string German(Func<string> text) => Languages.In(Languages.German, text);
}

using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>The first day and a lost phone in a stock Firefox, on http://localhost as after <c>dotnet run</c>.</summary>
[Collection(Alone.Name)]
public sealed class FirefoxTests(Firefox firefox)
{
    private static readonly SetupAdministrator Ann = new("ann.lee", "ann.lee@northwind.test", "seven tired otters hum");

    [Fact]
    public async Task From_set_up_to_a_lost_device_and_back()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { Administrator = null, PublicUrlFromSetup = true });
        var tab = await firefox.NewPageAsync(portal.BaseAddress);
        var ann = new Visitor(tab);

        await tab.GotoAsync("/setup");
        await ann.SetUpAsync(await portal.SetupCodeAsync(), "Northwind Instruments", Ann);
        await ann.SignInAsync(Ann.Username, Ann.Password);
        await ann.SwitchMfaOnAsync();
        await ann.OpenOwnRecordAsync();
        await ann.SetUpMfaAsync();
        await ann.SignOutAsync();
        Assert.Single(tab.Circuit.Loads);

        await ann.EnterPasswordAsync(Ann.Email, Ann.Password);
        await tab.Page.GetByLabel("Authentication code").WaitForAsync();
        var code = await ann.NextCodeAsync();
        await PasteAsync(tab.Page.GetByLabel("Authentication code"), $"{code[..3]} {code[3..]}");
        await tab.PressAsync("Verify");
        await ann.AccountMenu.WaitForAsync();

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Table, new() { Name = "Users" }).GetByRole(AriaRole.Link, new() { Name = Ann.Username }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = Ann.Username }).WaitForAsync();
        await tab.Page.GoBackAsync();
        await tab.Page.GetByRole(AriaRole.Table, new() { Name = "Users" }).WaitForAsync();
        await tab.Page.GoForwardAsync();
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = Ann.Username }).WaitForAsync();
        Assert.Single(tab.Circuit.Loads);
        // Also across a page that was loaded anew.
        await tab.GotoAsync("/settings/outbox");
        await tab.Page.GoBackAsync();
        await tab.WaitForCircuitAsync();
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = Ann.Username }).WaitForAsync();
        await tab.Page.GoForwardAsync();
        await tab.WaitForCircuitAsync();
        await tab.Page.GetByRole(AriaRole.Table, new() { Name = "Outbox" }).WaitForAsync();

        var second = new Visitor(await tab.NewTabAsync());
        await second.Tab.GotoAsync("/account");
        await second.AccountMenu.WaitForAsync();
        await ann.SignOutAsync();
        // The other tab leaves the page too.
        await second.Page.GetByLabel("Username or email").WaitForAsync();

        await ann.EnterPasswordAsync(Ann.Username, Ann.Password);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Lost your device/Disable MFA?" }).ClickAsync();
        await tab.FillAsync("Username or email", Ann.Username);
        await tab.PressAsync("Send link");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Check your email" }).WaitForAsync();
        var link = Mailbox.Link(await new Mailbox(portal.PickupFolder).WaitForAsync(Ann.Email, "lost-device-link"));
        Assert.Equal(portal.BaseAddress.Authority, link.Authority);
        await tab.GotoAsync(link.ToString());
        await Expect(tab.Page).ToHaveURLAsync($"{portal.BaseAddress}lost-device/confirm");
        await tab.FillAsync("Username or email", Ann.Username);
        await tab.FillAsync("Password", Ann.Password);
        await tab.PressAsync("Sign in and disable MFA");
        await ann.AccountMenu.WaitForAsync();
        await ann.OpenOwnRecordAsync();
        Assert.Contains(
            "No",
            await tab.Page.GetByRole(AriaRole.Region, new() { Name = "Multi-factor authentication" }).InnerTextAsync(),
            StringComparison.Ordinal);
        tab.Problems.AssertNone();
    }

    /// <summary>Pastes with the clipboard and its key, so that whatever shortens a pasted text shortens this one too.</summary>
    private static async Task PasteAsync(ILocator field, string text)
    {
        await field.Page.EvaluateAsync(
            "text => { const area = document.body.appendChild(document.createElement('textarea')); "
            + "area.id = 'clipped'; area.value = text; area.select(); }",
            text);
        await field.Page.Keyboard.PressAsync("ControlOrMeta+c");
        await field.Page.EvaluateAsync("document.getElementById('clipped').remove()");
        await field.FocusAsync();
        await field.Page.Keyboard.PressAsync("ControlOrMeta+v");
    }
}

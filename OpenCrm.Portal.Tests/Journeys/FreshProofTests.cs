using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// What asks for a fresh proof, and what ends other sessions, in a browser on a portal whose clock the test turns (docs/spec.md 2.7 and 3.5).
/// </summary>
public sealed class FreshProofTests(Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task Ten_minutes_after_signing_in_setting_up_and_disabling_MFA_ask_who_it_is()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var person = new Visitor(tab);
        await tab.GotoAsync("/login");
        await person.SignInAsync(Admin.Username, Admin.Password);
        await person.SwitchMfaOnAsync();
        await person.OpenOwnRecordAsync();

        portal.Advance(TimeSpan.FromMinutes(11));
        await tab.PressAsync("Setup MFA");
        var dialog = tab.Page.GetByRole(AriaRole.Dialog, new() { Name = "Confirm it is you" });
        await dialog.GetByLabel("Password", new() { Exact = true }).FillAsync("not my password");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Alert).WaitForAsync();
        await dialog.GetByLabel("Password", new() { Exact = true }).FillAsync(Admin.Password);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await tab.PressAsync("Next");
        var address = await QrReader.AddressAsync(tab.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" }));
        await tab.PressAsync("Next");
        await tab.FillAsync("Six-digit code", await Oathtool.CodeAsync(address.Secret, portal.Now));
        await tab.PressAsync("Save");
        await tab.SaveCodesAsync();
        await tab.Page.GetByText("MFA Enabled").WaitForAsync();

        portal.Advance(TimeSpan.FromMinutes(11));
        await tab.PressAsync("Disable MFA");
        var popup = tab.Page.GetByRole(AriaRole.Dialog);
        await popup.GetByLabel("Password", new() { Exact = true }).WaitForAsync();
        // The person may choose between password and code: a code alone is enough.
        await popup.GetByLabel("Authentication code").FillAsync(await Oathtool.CodeAsync(address.Secret, portal.Now));
        await popup.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await popup.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await tab.Page.GetByText("MFA is off").First.WaitForAsync();
    }

    [Fact]
    public async Task Setting_up_MFA_ends_the_person_s_other_sessions_at_once_with_the_reason_and_keeps_this_one()
    {
        await using var portal = await PortalProcess.StartAsync();
        var here = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        var there = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        foreach (var person in new[] { here, there })
        {
            await person.Tab.GotoAsync("/account");
            await person.SignInAsync(Admin.Username, Admin.Password);
        }
        await here.SwitchMfaOnAsync();
        await here.OpenOwnRecordAsync();
        await here.SetUpMfaAsync();

        Assert.Contains("multi-factor authentication of your account changed", await there.Tab.AlertAsync(), StringComparison.Ordinal);
        await there.Page.GetByLabel("Username or email").WaitForAsync();
        await here.Page.ReloadAsync();
        await here.AccountMenu.WaitForAsync();
    }
}

using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Credentials;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>Losing a phone costs neither the account nor its protection (docs/spec.md 11.1 to 11.4), at a browser.</summary>
public sealed class RecoveryJourneyTests(Browser browser)
{
    [Fact]
    public async Task Somebody_whose_phone_is_lost_signs_in_with_a_code_from_paper_adds_a_new_phone_and_removes_the_old()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync(enrolled: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);
        var person = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        var (tab, page) = (person.Tab, person.Page);
        await tab.GotoAsync("/login");
        await person.EnterPasswordAsync(ada.Username, ada.Password);

        await tab.PressAsync("Use a recovery code");
        await Expect(page.GetByLabel("Recovery code", new() { Exact = true })).ToBeFocusedAsync();
        await tab.FillAsync("Recovery code", "0000-0000-0000");
        await tab.PressAsync("Verify");
        Assert.Contains("Each recovery or temporary code works only once", await tab.AlertAsync(), StringComparison.Ordinal);
        await tab.FillAsync("Recovery code", codes[6].ToLowerInvariant());
        await tab.PressAsync("Verify");
        await person.AccountMenu.WaitForAsync();
        await person.OpenOwnRecordAsync();
        await Expect(Left(page)).ToHaveTextAsync("9");

        await tab.PressAsync("Setup MFA");
        await tab.PressAsync("Add another");
        await tab.PressAsync("Next");
        var picture = page.GetByRole(AriaRole.Img, new() { Name = "QR code" });
        await picture.WaitForAsync();
        var secret = (await QrReader.AddressAsync(picture)).Secret;
        await tab.PressAsync("Next");
        await tab.FillAsync("Name of this authenticator", "New phone");
        await tab.FillAsync("Six-digit code", await Oathtool.CodeAsync(secret, portal.Now));
        await tab.PressAsync("Save");
        await page.GetByText("Another authenticator is set up").WaitForAsync();
        await tab.PressAsync("Done");

        var list = page.GetByRole(AriaRole.List, new() { Name = "Authenticators" });
        await Expect(list.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await Row(list, "Authenticator app").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        var question = page.GetByRole(AriaRole.Dialog, new() { Name = "Remove “Authenticator app”?" });
        await question.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        // Whoever came in by a code from paper cannot shut out the owner's phone yet.
        await page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "on hold" }).First.WaitForAsync();
        await tab.PressAsync("Cancel");
        await Expect(list.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await portal.EndHoldAsync(ada);

        await Row(list, "Authenticator app").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await question.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await Expect(list.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        await Row(list, "New phone").GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await tab.FillAsync("Name of this authenticator", "My phone");
        await tab.PressAsync("OK");
        await Expect(Row(list, "My phone")).ToBeVisibleAsync();
        // Without the only one MFA is off, and that is what is asked.
        await Row(list, "My phone").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog, new() { Name = "Disable MFA for your account?" }).WaitForAsync();
        await tab.PressAsync("Cancel");

        await person.SignOutAsync();
        portal.Advance(TimeSpan.FromMinutes(1));
        await person.EnterPasswordAsync(ada.Username, ada.Password);
        await person.EnterCodeAsync(await Oathtool.CodeAsync(secret, portal.Now));
        await person.AccountMenu.WaitForAsync();
        Assert.Equal("My phone", Assert.Single(await portal.AuthenticatorsAsync(ada)).Name);
        tab.Problems.AssertNone();
    }

    /// <summary>A code pasted into the six-digit field is taken too.</summary>
    [Fact]
    public async Task A_code_in_the_field_for_the_digits_does_as_well_and_the_last_ones_ask_for_new_ones()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync(enrolled: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);
        await portal.UseUpAsync(ada, 6);
        var person = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        await person.Tab.GotoAsync("/account");
        await person.EnterPasswordAsync(ada.Username, ada.Password);
        await person.EnterCodeAsync(codes[9]);
        await Expect(Left(person.Page)).ToHaveTextAsync("3");
        await person.Page.GetByText("Few recovery codes are left").WaitForAsync();

        await person.Tab.PressAsync("New recovery codes");
        await person.Tab.FillAsync("Password", ada.Password);
        await person.Tab.FillAsync("Authentication code", await Oathtool.CodeAsync(ada.Secret!, portal.Now));
        await person.Tab.PressAsync("OK");
        await Expect(Codes(person.Page).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(10);
        await person.Page.GetByLabel("I have saved these codes").CheckAsync();
        await person.Tab.PressAsync("Done");
        await Expect(Left(person.Page)).ToHaveTextAsync("10");
        person.Tab.Problems.AssertNone();
    }

    [Fact]
    public async Task The_wizard_s_end_is_done_by_keyboard_and_its_codes_are_copied_saved_and_printed_alone()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync();
        var person = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        var (tab, page) = (person.Tab, person.Page);
        await tab.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await tab.GotoAsync("/account");
        await person.SignInAsync(ada.Username, ada.Password);
        await person.ScanAsync();
        await tab.PressAsync("Next");
        await tab.FillAsync("Six-digit code", await Oathtool.CodeAsync(person.Secret!, portal.Now));
        await tab.PressAsync("Save");
        await Expect(Codes(page).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(10);
        var shown = await Codes(page).GetByRole(AriaRole.Listitem).AllInnerTextsAsync();
        Assert.All(shown, code => Assert.Matches("^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$", code));
        await tab.AssertNoViolationAsync("wizard-codes");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Done" })).ToBeDisabledAsync();

        var keys = new Keys(page);
        await keys.TabToAsync("Copy codes");
        await keys.PressAsync("Enter");
        await page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Codes copied" }).First.WaitForAsync();
        Assert.Equal(string.Join('\n', shown), await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        await keys.TabToAsync("Download codes");
        var file = await page.RunAndWaitForDownloadAsync(() => keys.PressAsync("Enter"));
        Assert.Equal("recovery-codes.txt", file.SuggestedFilename);
        var text = await File.ReadAllTextAsync(await file.PathAsync());
        Assert.All(shown, code => Assert.Contains(code, text, StringComparison.Ordinal));
        Assert.Contains(ada.Username, text, StringComparison.Ordinal);
        // What a printer would get: the codes and whose they are, and nothing else of the page.
        await page.EvaluateAsync("window.print = () => { window.printed = true; }");
        await keys.TabToAsync("Print codes");
        await keys.PressAsync("Enter");
        await page.WaitForFunctionAsync("window.printed === true");
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        var printed = await page.Locator("body").InnerTextAsync();
        Assert.All(shown, code => Assert.Contains(code, printed, StringComparison.Ordinal));
        Assert.DoesNotContain("I have saved", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("MFA is on", printed, StringComparison.Ordinal);
        await page.EmulateMediaAsync(new() { Media = Media.Screen });
        await page.EvaluateAsync("dispatchEvent(new Event('afterprint'))");

        await keys.TabToAsync("I have saved these codes");
        await keys.PressAsync("Space");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Done" })).ToBeEnabledAsync();
        await keys.TabToAsync("Done");
        await keys.PressAsync("Enter");
        await page.GetByText("MFA Enabled").WaitForAsync();

        // Ticked once, they are shown at no later sign-in.
        await person.SignOutAsync();
        portal.Advance(TimeSpan.FromMinutes(1));
        await person.EnterPasswordAsync(ada.Username, ada.Password);
        await person.EnterCodeAsync(await Oathtool.CodeAsync(person.Secret!, portal.Now));
        await person.AccountMenu.WaitForAsync();
        await person.OpenOwnRecordAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Somebody_set_up_by_an_administrator_is_shown_codes_at_each_sign_in_until_they_are_saved()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync(enrolled: true);
        await using (var work = await portal.BeginAsync())
        {
            await work.RecoveryCodes.EndAsync(ada.Id);
            await work.CommitAsync();
        }
        var person = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        var page = person.Page;

        await SignInAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Save your recovery codes" });
        await dialog.WaitForAsync();
        var first = await Codes(page).GetByRole(AriaRole.Listitem).AllInnerTextsAsync();
        await person.Tab.AssertNoViolationAsync("codes-after-sign-in");
        await person.Tab.PressAsync("Not now");
        await Expect(dialog).ToHaveCountAsync(0);
        // The page loaded again in this session shows no others: those on paper stay good.
        await page.ReloadAsync();
        await person.Tab.WaitForCircuitAsync();
        await person.SignOutAsync();

        await SignInAsync();
        await dialog.WaitForAsync();
        Assert.NotEqual(first, await Codes(page).GetByRole(AriaRole.Listitem).AllInnerTextsAsync());
        await page.GetByLabel("I have saved these codes").CheckAsync();
        await person.Tab.PressAsync("Done");
        await person.SignOutAsync();

        await SignInAsync();
        await person.OpenOwnRecordAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        person.Tab.Problems.AssertNone();

        async Task SignInAsync()
        {
            portal.Advance(TimeSpan.FromMinutes(1));
            await person.Tab.GotoAsync("/login");
            await person.EnterPasswordAsync(ada.Username, ada.Password);
            await person.EnterCodeAsync(await Oathtool.CodeAsync(ada.Secret!, portal.Now));
            await person.AccountMenu.WaitForAsync();
        }
    }

    private static ILocator Codes(IPage page) => page.GetByRole(AriaRole.List, new() { Name = "Recovery codes" });

    private static ILocator Left(IPage page) => page.Locator("dt", new() { HasText = "Recovery codes left" }).Locator("xpath=following-sibling::dd");

    private static ILocator Row(ILocator list, string name) => list.GetByRole(AriaRole.Listitem).Filter(new() { HasText = name });
}

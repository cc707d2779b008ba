using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>The enrolment wizard and the browser's own buttons (docs/spec.md 2.3 to 2.5).</summary>
public sealed class WizardJourneyTests(Browser browser)
{
    /// <summary>Red when the key is kept in the circuit: F5 and Back make another one without a word.</summary>
    [Fact]
    public async Task F5_another_tab_and_a_declined_Back_keep_the_key_and_an_accepted_Back_ends_it()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var person = await AtRecordAsync(portal);
        var tab = person.Tab;
        var first = await person.ScanAsync();

        await tab.Page.ReloadAsync();
        await tab.Page.GetByText("the key is the same as before").WaitForAsync();
        Assert.Equal(first.Secret, (await ScanHereAsync(tab)).Secret);
        var second = await tab.NewTabAsync();
        await second.GotoAsync("/account/setup-mfa");
        Assert.Equal(first.Secret, (await ScanHereAsync(second)).Secret);

        await tab.Page.EvaluateAsync("history.back()");
        var question = tab.Page.GetByRole(AriaRole.Dialog, new() { Name = "Leave without setting up MFA?" });
        await question.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await question.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.EndsWith("/account/setup-mfa", tab.Page.Url, StringComparison.Ordinal);
        Assert.Equal(first.Secret, (await QrReader.AddressAsync(Picture(tab))).Secret);

        await tab.Page.EvaluateAsync("history.back()");
        await question.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await tab.Page.GetByText("MFA Enabled").WaitForAsync();
        Assert.EndsWith("/account", tab.Page.Url, StringComparison.Ordinal);
        await person.OpenOwnRecordAsync();
        Assert.NotEqual(first.Secret, (await person.ScanAsync()).Secret);

        // The other tab still shows the key that has ended.
        await second.PressAsync("Next");
        await second.FillAsync("Six-digit code", await Oathtool.CodeAsync(first.Secret, portal.Now));
        await second.PressAsync("Save");
        Assert.Contains("ended in another tab", await second.AlertAsync(), StringComparison.Ordinal);

        // Signing out does not ask first.
        await person.SignOutAsync();
        tab.Problems.AssertNone();
    }

    /// <summary>Red when each group of the key is an element of a grid: the selection has eight lines.</summary>
    [Fact]
    public async Task The_manual_key_selected_by_hand_is_one_line_and_the_button_copies_it_without_blanks()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var person = await AtRecordAsync(portal);
        var page = person.Page;
        await person.Tab.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var address = await person.ScanAsync();
        await page.GetByText("Can’t scan it?").ClickAsync();

        var key = page.GetByLabel("Manual key");
        var box = (await key.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + 1, box.Y + 4);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width - 2, box.Y + box.Height - 4, new() { Steps = 5 });
        await page.Mouse.UpAsync();
        await page.Keyboard.PressAsync("Control+c");
        var selected = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.Equal(string.Join(' ', address.Secret.Chunk(4).Select(group => new string(group))), selected);

        await person.Tab.PressAsync("Copy key");
        await page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Key copied" }).First.WaitForAsync();
        Assert.Equal(address.Secret, await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }

    private async Task<Visitor> AtRecordAsync(PortalHost portal)
    {
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync();
        var person = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        await person.Tab.GotoAsync("/");
        await person.SignInAsync(ada.Username, ada.Password);
        await person.OpenOwnRecordAsync();
        return person;
    }

    private static ILocator Picture(PortalPage tab) => tab.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" });

    private static async Task<OtpauthAddress> ScanHereAsync(PortalPage tab)
    {
        await tab.PressAsync("Next");
        await Picture(tab).WaitForAsync();
        return await QrReader.AddressAsync(Picture(tab));
    }
}

using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>Codes pasted from a clipboard in a browser: at sign-in, in the wizard and for a step-up (docs/spec.md 1.4).</summary>
public sealed class PastedCodeTests(Browser browser)
{
    // How apps and messengers write 123456. The last one is longer than sixteen characters, which an earlier field allowed.
    private static readonly Func<string, string>[] Ways =
    [
        code => $"{code[..3]} {code[3..]}",
        code => $"{code[..3]}\u00a0{code[3..]}",
        code => $"{code[..3]}\u202f{code[3..]}\t",
        code => $"\u200b{code[..3]}\u200d{code[3..]}\ufeff",
        code => $"{code[..3]}-{code[3..]}",
        code => $"{code[..3]}\u2013{code[3..]}",
        FullWidth,
        code => string.Join("  -  ", code.ToCharArray()),
    ];

    [Fact]
    public async Task A_code_pasted_at_sign_in_is_right_however_it_is_written()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync(enrolled: true);
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        var visitor = new Visitor(tab);
        await tab.GotoAsync("/login");
        foreach (var way in Ways)
        {
            await visitor.EnterPasswordAsync(ada.Username, ada.Password);
            var field = tab.Page.GetByLabel("Authentication code");
            await field.WaitForAsync();
            await PasteAsync(tab, field, way(await Oathtool.CodeAsync(ada.Secret!, portal.Now)));
            await tab.PressAsync("Verify");
            await visitor.AccountMenu.WaitForAsync();
            await visitor.SignOutAsync();
            portal.Advance(Oathtool.Step);
        }
        Assert.Equal(0, await portal.EventsAsync<Portal.Audit.AuditEvent.WrongCode>(ada));
    }

    [Fact]
    public async Task A_code_pasted_in_the_wizard_and_for_a_step_up_is_right_too()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync();
        var tab = await browser.SignedInAsync(portal, ada, "/account");
        var visitor = new Visitor(tab);
        var address = await visitor.ScanAsync();
        await tab.PressAsync("Next");
        var code = await Oathtool.CodeAsync(address.Secret, portal.Now);
        await PasteAsync(tab, tab.Page.GetByLabel("Six-digit code"), $"\u00a0{FullWidth(code[..3])}\u2011\u200b{FullWidth(code[3..])}\t");
        await tab.PressAsync("Save");
        await tab.SaveCodesAsync();
        await tab.Page.GetByText("MFA Enabled").WaitForAsync();

        portal.Advance(TimeSpan.FromMinutes(11));
        await tab.PressAsync("Disable MFA");
        var popup = tab.Page.GetByRole(AriaRole.Dialog);
        code = await Oathtool.CodeAsync(address.Secret, portal.Now);
        await PasteAsync(tab, popup.GetByLabel("Authentication code"), $"{code[..2]}\u202f{code[2..4]}\u2212{FullWidth(code[4..])}");
        await popup.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await popup.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await tab.Page.GetByText("MFA is off").First.WaitForAsync();
    }

    [Fact]
    public async Task What_cannot_be_seen_is_told_at_the_field_and_beside_the_search()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync(mfa: false);
        var root = await portal.AddPersonAsync("root", administrator: true);
        var tab = await browser.SignedInAsync(portal, root, "/settings/users/new");

        await tab.FillAsync("Username", "\u0430nna");
        await tab.FillAsync("Name", "Anna\u202e Lee");
        await tab.FillAsync("Email", "an\u200bna@example.test");
        await tab.PressAsync("Create user");
        await tab.Page.GetByText("Letters of different scripts look alike").WaitForAsync();
        Assert.Equal(2, await tab.Page.GetByText("There is a character here that cannot be seen or stored.").CountAsync());

        foreach (var page in new[]
        {
            "/settings/users?search=ro%EF%BF%BEot", "/settings/outbox?search=ro%00ot", "/settings/audit-trail?user=ro%E2%80%8Bot"
        })
        {
            await tab.GotoAsync(page);
            await tab.Page.GetByRole(AriaRole.Alert)
                .Filter(new() { HasText = "Your search holds a character that cannot be seen or stored." }).WaitForAsync();
        }
        await tab.GotoAsync("/settings/users?search=ro%EF%BF%BEot");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "root", Exact = true }).WaitForAsync();
    }

    private static string FullWidth(string digits) => string.Concat(digits.Select(digit => (char)(digit - '0' + '\uff10')));

    private static async Task PasteAsync(PortalPage tab, ILocator field, string text)
    {
        await tab.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await tab.Page.EvaluateAsync("text => navigator.clipboard.writeText(text)", text);
        await field.FocusAsync();
        await tab.Page.Keyboard.PressAsync("Control+V");
        await Assertions.Expect(field).ToHaveValueAsync(text);
    }
}

using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>What people do to their own password, e-mail address and sessions, in a browser (docs/spec.md 5.2).</summary>
public sealed class OwnRecordTests(Browser browser)
{
    private const string NewPassword = "eleven brave lamps sing";
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task Changing_the_password_shows_the_policy_while_it_is_typed_and_ends_the_other_session()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var (here, there) = (await SignedInAsync(portal), await SignedInAsync(portal));
        await here.Tab.PressAsync("Change password");
        var popup = here.Page.GetByRole(AriaRole.Dialog, new() { Name = "Change your password?" });
        var rules = popup.GetByRole(AriaRole.List, new() { Name = "Password rules" });

        await Assertions.Expect(rules).ToContainTextAsync("At least 12 characters: not met yet");
        await popup.GetByLabel("New password").FillAsync("admin long enough");
        await Assertions.Expect(rules).ToContainTextAsync("At least 12 characters: met");
        await Assertions.Expect(rules).ToContainTextAsync("Without your username or email address: not met yet");
        await popup.GetByLabel("New password").FillAsync(NewPassword);
        await Assertions.Expect(rules).ToContainTextAsync("Without your username or email address: met");
        await popup.GetByLabel("Confirm password").FillAsync(NewPassword);
        await popup.GetByLabel("Current password").FillAsync("not it");
        await OkAsync(popup);
        await popup.GetByText("That is not your current password.").WaitForAsync();
        await Assertions.Expect(popup.GetByLabel("New password")).ToHaveValueAsync(NewPassword);
        await popup.GetByLabel("Current password").FillAsync(Admin.Password);
        await OkAsync(popup);

        await here.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Your password is changed" }).First.WaitForAsync();
        await popup.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Contains("your password changed", await there.Tab.AlertAsync(), StringComparison.Ordinal);
        await there.SignInAsync(Admin.Username, NewPassword);
        here.Tab.Circuit.AssertOneSocketOneLoad();
        here.Tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Changing_the_e_mail_address_asks_who_it_is_and_tells_the_old_one()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var person = await SignedInAsync(portal);
        portal.Advance(TimeSpan.FromMinutes(11));
        await person.Tab.PressAsync("Change email");
        var popup = person.Page.GetByRole(AriaRole.Dialog, new() { Name = "Change your email address?" });
        await popup.GetByLabel("New email").FillAsync("no address");
        await popup.GetByLabel("Password", new() { Exact = true }).FillAsync("not it");
        await OkAsync(popup);
        await popup.GetByRole(AriaRole.Alert).First.WaitForAsync();
        await popup.GetByLabel("Password", new() { Exact = true }).FillAsync(Admin.Password);
        await OkAsync(popup);
        await popup.GetByText("Enter one email address").WaitForAsync();
        await popup.GetByLabel("New email").FillAsync("moved@example.test");
        await OkAsync(popup);

        await person.Page.GetByText("moved@example.test").First.WaitForAsync();
        portal.Advance(TimeSpan.FromSeconds(30));
        var mail = await new Mailbox(portal.PickupFolder).WaitForAsync(Admin.Email, "email-changed");
        Assert.Contains("moved@example.test", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task End_sessions_signs_out_everywhere_else_at_once()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var (here, second, third) = (await SignedInAsync(portal), await SignedInAsync(portal), await SignedInAsync(portal));
        await here.Page.ReloadAsync();
        await here.Tab.WaitForCircuitAsync();
        var sessions = here.Page.GetByRole(AriaRole.Region, new() { Name = "Sessions", Exact = true });

        await sessions.GetByRole(AriaRole.Button, new() { NameRegex = new("^End session ") }).First.ClickAsync();
        await OkAsync(here.Page.GetByRole(AriaRole.Dialog));
        await Eventually.TrueAsync(async () => await SignedOutAsync(second) ^ await SignedOutAsync(third), "one of the two is signed out");
        await sessions.GetByRole(AriaRole.Button, new() { Name = "End sessions" }).ClickAsync();
        await OkAsync(here.Page.GetByRole(AriaRole.Dialog));

        await Eventually.TrueAsync(async () => await SignedOutAsync(second) && await SignedOutAsync(third), "both are signed out");
        Assert.Contains("ended this session", await second.Tab.AlertAsync(), StringComparison.Ordinal);
        await Assertions.Expect(sessions.GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await here.Page.ReloadAsync();
        await here.AccountMenu.WaitForAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, false)]
    [InlineData(ColorScheme.Dark, true)]
    public async Task No_popup_has_a_violation(ColorScheme scheme, bool phone)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await SignedInAsync(portal);
        var person = await SignedInAsync(portal, scheme, phone);
        await CheckAsync("own-record");
        foreach (var (button, name) in new[]
        {
            ("Change password", "change-password"), ("Change email", "change-email"), ("End sessions", "end-sessions")
        })
        {
            await person.Tab.PressAsync(button);
            var popup = person.Page.GetByRole(AriaRole.Dialog);
            await popup.WaitForAsync();
            if (name == "change-password") await popup.GetByLabel("New password").FillAsync("admin long enough");
            await CheckAsync(name);
            await popup.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
            await popup.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        }

        Task CheckAsync(string name) => person.Tab.AssertNoViolationAsync($"{name}-{(phone ? 390 : 1280)}-{scheme}");
    }

    private static async Task<bool> SignedOutAsync(Visitor person) => await person.Page.GetByLabel("Username or email").IsVisibleAsync();

    private static Task OkAsync(ILocator popup) => popup.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();

    private async Task<Visitor> SignedInAsync(PortalHost portal, ColorScheme scheme = ColorScheme.Light, bool phone = false)
    {
        var person = new Visitor(await browser.NewPageAsync(portal.BaseAddress, phone ? Browser.Phone : Browser.Desktop, scheme));
        await person.Tab.GotoAsync(PortalUrls.Account);
        await person.SignInAsync(Admin.Username, Admin.Password);
        await person.Page.GetByText("MFA Enabled").WaitForAsync();
        return person;
    }
}

using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Configuration;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// The session timeout in a browser, on a portal whose clock the test turns: the dialog appears by itself, and the page behind it stays as it was
/// (docs/spec.md 4.5).
/// </summary>
public sealed class SessionTimeoutJourneyTests(Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(30);

    [Fact]
    public async Task Unsaved_input_is_there_after_signing_in_again_and_both_tabs_close_the_dialog()
    {
        await using var portal = await SettingsPortal.StartAsync(listens: true);
        var (tab, _) = await SignedInAsync(portal, PortalUrls.AdditionalSettings);
        var other = await tab.NewTabAsync();
        await other.GotoAsync(PortalUrls.Account);
        await tab.FillAsync("Login attempts before lock", "7");
        var session = Assert.Single(await portal.RowsAsync<PortalSession>());

        await TimeOutAsync(portal, tab, other);
        await Dialog(tab).GetByLabel("Password", new() { Exact = true }).FillAsync("not my password");
        await SubmitAsync(tab);
        Assert.Contains("not right", await Dialog(tab).GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        await Dialog(tab).GetByLabel("Password", new() { Exact = true }).FillAsync(Admin.Password);
        await SubmitAsync(tab);

        await GoneAsync(tab);
        await GoneAsync(other);
        await Assertions.Expect(tab.Page.GetByLabel("Login attempts before lock")).ToHaveValueAsync("7");
        await tab.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings" })
            .GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.Contains("Saved", await tab.StatusAsync(), StringComparison.Ordinal);
        var after = Assert.Single(await portal.RowsAsync<PortalSession>());
        Assert.Equal(session.Id, after.Id);
        Assert.NotEqual(session.TokenHash, after.TokenHash);
        tab.Circuit.AssertOneSocketOneLoad();
        other.Circuit.AssertOneSocketOneLoad();
        await other.Page.ReloadAsync();
        await other.WaitForCircuitAsync();
        await other.Page.GetByText("MFA Enabled").WaitForAsync();
        tab.Problems.AssertNone();
        other.Problems.AssertNone();
    }

    // Red when an idle session is noticed only when the authentication state is asked for: a page that is loaded while idle shows the whole sign-in.
    [Fact]
    public async Task Neither_F5_nor_a_new_tab_gets_past_the_dialog_and_the_same_session_goes_on()
    {
        await using var portal = await SettingsPortal.StartAsync(listens: true);
        var (tab, _) = await SignedInAsync(portal, PortalUrls.Account);
        await TimeOutAsync(portal, tab);
        var other = await tab.NewTabAsync();

        await tab.Page.ReloadAsync();
        await tab.WaitForCircuitAsync();
        await Dialog(tab).WaitForAsync();
        await other.GotoAsync(PortalUrls.AdditionalSettings);
        await Dialog(other).WaitForAsync();
        foreach (var each in new[] { tab, other })
        {
            Assert.DoesNotContain(Admin.Email, await each.Page.ContentAsync(), StringComparison.Ordinal);
            Assert.Equal(0, await each.Page.GetByLabel("Login attempts before lock").CountAsync());
        }

        await Dialog(other).GetByLabel("Password", new() { Exact = true }).FillAsync(Admin.Password);
        await SubmitAsync(other);

        await other.Page.GetByLabel("Login attempts before lock").WaitForAsync();
        await tab.Page.GetByText(Admin.Email).First.WaitForAsync();
        Assert.Single(await portal.RowsAsync<PortalSession>());
    }

    [Fact]
    public async Task Behind_the_dialog_nothing_answers_and_Sign_out_and_discard_leaves_in_all_tabs()
    {
        await using var portal = await SettingsPortal.StartAsync(listens: true);
        var (tab, _) = await SignedInAsync(portal, PortalUrls.AdditionalSettings);
        var other = await tab.NewTabAsync();
        await other.GotoAsync(PortalUrls.Account);
        await tab.FillAsync("Login attempts before lock", "7");
        await TimeOutAsync(portal, tab, other);

        // Somebody who removes the dialog by force still gets no answer from a service, and the page stays.
        await tab.Page.EvaluateAsync("document.querySelector('dialog[open]').close()");
        await tab.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings" })
            .GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Alert).First.WaitForAsync();
        Assert.Equal(5, (await portal.ReadSettingsAsync<SecuritySettings>()).AttemptsBeforeLock);
        await Assertions.Expect(tab.Page.GetByLabel("Login attempts before lock")).ToHaveValueAsync("7");

        await Dialog(other).GetByRole(AriaRole.Button, new() { Name = "Sign out and discard" }).ClickAsync();

        await other.WaitForAddressAsync("/login");
        await other.Page.GetByLabel("Username or email").WaitForAsync();
        await tab.Page.GetByLabel("Username or email").WaitForAsync();
        Assert.Equal(SessionEnd.SignedOut, Assert.Single(await portal.RowsAsync<PortalSession>()).EndedBy);
    }

    [Fact]
    public async Task Typing_and_pointing_keep_the_session_and_an_open_page_alone_does_not()
    {
        await using var portal = await SettingsPortal.StartAsync(listens: true);
        var (tab, _) = await SignedInAsync(portal, PortalUrls.AdditionalSettings);
        portal.Host.Advance(Timeout - TimeSpan.FromMinutes(1));

        await tab.Page.Keyboard.PressAsync("Shift");

        await Eventually.TrueAsync(
            async () => Assert.Single(await portal.RowsAsync<PortalSession>()).LastSeenAt == portal.Host.Now,
            "the key is noted");
        portal.Host.Advance(Timeout - TimeSpan.FromMinutes(1));
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Home", Exact = true }).WaitForAsync();
        await TimeOutAsync(portal, tab);
    }

    [Fact]
    public async Task Wrong_passwords_lock_and_the_page_says_why()
    {
        await using var portal = await SettingsPortal.StartAsync(listens: true);
        var (tab, _) = await SignedInAsync(portal, PortalUrls.Account);
        await TimeOutAsync(portal, tab);
        for (var tries = 0; tries < 5; tries++)
        {
            await Dialog(tab).GetByLabel("Password", new() { Exact = true }).FillAsync($"wrong {tries}");
            await SubmitAsync(tab);
            if (tries < 4) await Assertions.Expect(Dialog(tab).GetByLabel("Password", new() { Exact = true })).ToHaveValueAsync("");
        }
        await tab.Page.GetByText("signed out after too many failed attempts").WaitForAsync();
        await tab.Page.GetByLabel("Username or email").WaitForAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, false)]
    [InlineData(ColorScheme.Dark, false)]
    [InlineData(ColorScheme.Light, true)]
    [InlineData(ColorScheme.Dark, true)]
    public async Task The_dialog_has_no_violation(ColorScheme scheme, bool phone)
    {
        await using var portal = await SettingsPortal.StartAsync(listens: true);
        var (tab, person) = await SignedInAsync(portal, PortalUrls.AdditionalSettings, scheme, phone);
        if (!phone)
        {
            await person.SwitchMfaOnAsync();
            await person.OpenOwnRecordAsync();
            var secret = (await person.ScanAsync()).Secret;
            await tab.PressAsync("Next");
            await tab.FillAsync("Six-digit code", await Oathtool.CodeAsync(secret, portal.Host.Now));
            await tab.PressAsync("Save");
            await tab.SaveCodesAsync();
        }
        await TimeOutAsync(portal, tab);
        await CheckAsync("session-timeout");
        await SubmitAsync(tab);
        await Dialog(tab).GetByRole(AriaRole.Alert).WaitForAsync();
        await CheckAsync("session-timeout-wrong");
        await tab.Page.ReloadAsync();
        await tab.WaitForCircuitAsync();
        await Dialog(tab).WaitForAsync();
        await CheckAsync("session-timeout-after-f5");

        Task CheckAsync(string name) => tab.AssertNoViolationAsync($"{name}-{(phone ? 390 : 1280)}-{scheme}");
    }

    private static ILocator Dialog(PortalPage tab) => tab.Page.GetByRole(AriaRole.Dialog, new() { Name = "Sign in again to go on" });

    private static Task SubmitAsync(PortalPage tab) => Dialog(tab).GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();

    private static Task GoneAsync(PortalPage tab) => Dialog(tab).WaitForAsync(new() { State = WaitForSelectorState.Detached });

    /// <summary>Lets the whole timeout pass without any event, then lets the clock tick until the dialogs are shown.</summary>
    private static async Task TimeOutAsync(SettingsPortal portal, params PortalPage[] tabs)
    {
        portal.Host.Advance(Timeout);
        await Eventually.TrueAsync(async () =>
        {
            portal.Host.Advance(TimeSpan.FromSeconds(1));
            return (await Task.WhenAll(tabs.Select(tab => Dialog(tab).IsVisibleAsync()))).All(shown => shown);
        }, "the dialog stands over the page");
    }

    private async Task<(PortalPage Tab, Visitor Person)> SignedInAsync(
        SettingsPortal portal, string address, ColorScheme scheme = ColorScheme.Light, bool phone = false)
    {
        var tab = await browser.NewPageAsync(
            new Uri($"http://localhost:{portal.Host.BaseAddress.Port}"),
            phone ? Browser.Phone : Browser.Desktop,
            scheme);
        var person = new Visitor(tab);
        await tab.GotoAsync(address);
        await person.SignInAsync(Admin.Username, Admin.Password);
        return (tab, person);
    }
}

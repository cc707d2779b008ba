using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// A lost phone in a browser, from the link on the code step to MFA on the new phone. The link comes from a mail that was sent by SMTP (docs/spec.md
/// 3.2).
/// </summary>
public sealed class LostDeviceJourneyTests(Browser browser)
{
    private const string GracesPassword = "nine calm herons wade";
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task A_lost_phone_from_the_code_step_to_MFA_on_the_new_one()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalProcess.StartAsync(sink.Receives(new PortalSettings()));
        await portal.RunCommandAsync(["create-admin", "grace", "grace@northwind.test"], $"{GracesPassword}\n");
        await EnrolAsync(portal, Admin.Username, Admin.Password, switchOn: true);

        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var person = new Visitor(tab);
        await tab.GotoAsync("/login");
        await person.EnterPasswordAsync(Admin.Username, Admin.Password);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Lost your device/Disable MFA?" }).ClickAsync();
        await tab.WaitForAddressAsync("/login/lost-device");
        await tab.PressAsync("Send link");
        Assert.Contains("username or email", await tab.AlertAsync(), StringComparison.Ordinal);
        var neutral = await AskAsync(tab, "nobody-of-that-name");
        Assert.Contains("for 30 minutes", neutral, StringComparison.Ordinal);
        foreach (var name in new[] { "grace", Admin.Username })
        {
            await tab.PressAsync("Send another link");
            Assert.Equal(neutral, await AskAsync(tab, name));
        }
        tab.Circuit.AssertOneSocketOneLoad();
        var link = Mailbox.Link(await sink.Mailbox.WaitForAsync(Admin.Email, "lost-device-link"));
        Assert.Equal($"{portal.BaseAddress}lost-device/confirm", link.GetLeftPart(UriPartial.Path));

        await tab.GotoAsync(link.ToString());
        Assert.Equal($"{portal.BaseAddress}lost-device/confirm", tab.Page.Url);
        await MarkRefusedAsync(tab, Admin.Username, "not the password at all");
        Assert.Equal(Admin.Username, await tab.Page.GetByLabel("Username or email").InputValueAsync());
        await MarkRefusedAsync(tab, "grace", GracesPassword);
        await ConfirmAsync(tab, Admin.Email, Admin.Password);

        await person.AccountMenu.WaitForAsync();
        await tab.Page.GetByRole(AriaRole.Status)
            .Filter(new() { HasText = "MFA is off and you are signed in. Set up MFA on your new phone." }).First.WaitForAsync();
        await tab.SaveScreenshotAsync("lost-device-done");
        Assert.Equal(portal.BaseAddress.ToString(), tab.Page.Url);
        Assert.Equal((2, 2), (tab.Circuit.Sockets.Count, tab.Circuit.Loads.Count));

        // Each system administrator gets a message of their own, also the one who did it; and the person gets one.
        foreach (var email in new[] { Admin.Email, "grace@northwind.test" })
            Assert.Contains("(admin)", (await sink.Mailbox.WaitForAsync(email, "mfa-disabled")).TextBody, StringComparison.Ordinal);
        await sink.Mailbox.WaitForAsync(Admin.Email, "mfa-removed");
        Assert.Equal(2, sink.Mailbox.Of(template: "mfa-disabled").Count);
        Assert.All(sink.Mailbox.Of(template: "mfa-disabled"), mail => Assert.Single(mail.To.Mailboxes));
        Assert.Empty(sink.Mailbox.Of("grace@northwind.test", "lost-device-link"));

        // Home offers the next useful step: the new phone.
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Set up MFA" }).ClickAsync();
        await tab.WaitForAddressAsync("/account/setup-mfa");
        await tab.PressAsync("Next");
        var picture = tab.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" });
        await picture.WaitForAsync();
        var secret = (await QrReader.AddressAsync(picture)).Secret;
        await tab.PressAsync("Next");
        await tab.FillAsync("Six-digit code", await Oathtool.CodeAsync(secret));
        await tab.PressAsync("Save");
        await tab.SaveCodesAsync();
        await person.SignOutAsync();
        await person.EnterPasswordAsync(Admin.Username, Admin.Password);
        await tab.Page.GetByLabel("Authentication code").WaitForAsync();

        // The old link is used up, and says so only at the end.
        await tab.GotoAsync("/login");
        await tab.GotoAsync(link.ToString());
        await ConfirmAsync(tab, Admin.Username, Admin.Password);
        Assert.Contains("This link no longer works", await tab.AlertAsync(), StringComparison.Ordinal);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Ask for a new link" }).ClickAsync();
        await tab.WaitForAddressAsync("/login/lost-device");

        tab.Problems.AssertNone();
        var log = string.Join('\n', portal.Output.Lines);
        foreach (var secretOf in new[] { link.Fragment[1..], Admin.Password, secret }) Assert.DoesNotContain(secretOf, log, StringComparison.Ordinal);
    }

    /// <summary>First for the owner, whose own session ends with MFA; then for somebody else, who is signed out.</summary>
    [Fact]
    public async Task In_a_browser_where_somebody_is_signed_in_the_link_lets_its_owner_in_all_the_same()
    {
        await using var portal = await PortalProcess.StartAsync();
        await portal.RunCommandAsync(["create-admin", "grace", "grace@northwind.test"], $"{GracesPassword}\n");
        await EnrolAsync(portal, Admin.Username, Admin.Password, switchOn: true);
        var grace = await EnrolAsync(portal, "grace", GracesPassword, switchOn: false, signOut: false);

        var tab = await grace.Tab.NewTabAsync();
        await tab.GotoAsync((await LinkAsync(portal, "grace", "grace@northwind.test")).ToString());
        await ConfirmAsync(tab, "grace", GracesPassword);
        await new Visitor(tab).AccountMenu.WaitForAsync();
        Assert.Equal("Account menu, grace", await new Visitor(tab).AccountMenu.GetAttributeAsync("aria-label"));
        Assert.Contains("multi-factor authentication of your account changed", await grace.Tab.AlertAsync(), StringComparison.Ordinal);

        var next = await grace.Tab.NewTabAsync();
        await next.GotoAsync((await LinkAsync(portal, Admin.Username, Admin.Email)).ToString());
        await ConfirmAsync(next, Admin.Username, Admin.Password);
        await next.Page.GetByRole(AriaRole.Button, new() { Name = "Account menu, admin" }).WaitForAsync();
        Assert.Contains("signed in from another tab", await tab.AlertAsync(), StringComparison.Ordinal);
        next.Problems.AssertNone();
    }

    [Fact]
    public async Task The_confirm_page_takes_nothing_before_the_circuit_is_up_and_the_token_is_gone_from_the_address_by_then()
    {
        await using var portal = await PortalProcess.StartAsync();
        await EnrolAsync(portal, Admin.Username, Admin.Password, switchOn: true);
        var link = await LinkAsync(portal, Admin.Username, Admin.Email);
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var release = new TaskCompletionSource();
        await tab.Page.RouteAsync("**/_framework/blazor.web*.js", async route =>
        {
            await release.Task;
            await route.ContinueAsync();
        });
        await tab.Page.GotoAsync(link.ToString(), new() { WaitUntil = WaitUntilState.Commit });
        var button = tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in and disable MFA" });
        await button.WaitForAsync();
        Assert.True(await button.IsDisabledAsync());
        Assert.True(await tab.Page.GetByLabel("Password", new() { Exact = true }).IsDisabledAsync());
        await button.ClickAsync(new() { Force = true });
        Assert.Equal($"{portal.BaseAddress}lost-device/confirm", tab.Page.Url);
        release.SetResult();
        await tab.WaitForCircuitAsync();

        await ConfirmAsync(tab, Admin.Username, Admin.Password);
        await new Visitor(tab).AccountMenu.WaitForAsync();
        tab.Circuit.AssertOneSocketOneLoad();
    }

    /// <summary>Asks for the link in another browser; whether somebody is signed in there makes no difference.</summary>
    private async Task<Uri> LinkAsync(PortalProcess portal, string name, string email)
    {
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.GotoAsync("/login/lost-device");
        await AskAsync(tab, name);
        return Mailbox.Link(await new Mailbox(portal.PickupFolder).WaitForAsync(email, "lost-device-link"));
    }

    private async Task<Visitor> EnrolAsync(PortalProcess portal, string name, string password, bool switchOn, bool signOut = true)
    {
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var person = new Visitor(tab);
        await tab.GotoAsync("/login");
        await person.SignInAsync(name, password);
        if (switchOn) await person.SwitchMfaOnAsync();
        await person.OpenOwnRecordAsync();
        await person.SetUpMfaAsync();
        if (signOut) await person.SignOutAsync();
        return person;
    }

    private static async Task<string> AskAsync(PortalPage tab, string name)
    {
        await tab.FillAsync("Username or email", name);
        await tab.PressAsync("Send link");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Check your email" }).WaitForAsync();
        return await tab.StatusAsync();
    }

    private static async Task MarkRefusedAsync(PortalPage tab, string name, string password)
    {
        await ConfirmAsync(tab, name, password);
        // The answer empties the password field; the alert may still be that of the answer before.
        await Assertions.Expect(tab.Page.GetByLabel("Password", new() { Exact = true })).ToHaveValueAsync("");
        Assert.Contains("not right", await tab.AlertAsync(), StringComparison.Ordinal);
    }

    private static async Task ConfirmAsync(PortalPage tab, string name, string password)
    {
        await tab.FillAsync("Username or email", name);
        await tab.FillAsync("Password", password);
        await tab.PressAsync("Sign in and disable MFA");
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>Mailed links that arrive without their token, and links that are opened where somebody else is signed in (docs/spec.md 3.2).</summary>
public sealed class MailedLinkPagesTests(Browser browser)
{
    private const string New = "eleven brave lamps sing";

    public static TheoryData<string, string?> Pages => new()
    {
        { PortalUrls.ResetPassword, PortalUrls.ForgottenPassword },
        { PortalUrls.Invitation, null },
        { PortalUrls.LostDeviceConfirm, PortalUrls.LostDevice },
    };

    [Theory, MemberData(nameof(Pages))]
    public async Task A_link_that_lost_its_token_says_so_at_once_and_what_to_do(string address, string? askForNew)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        foreach (var lost in new[] { address, $"{address}#", $"{address}?utm=mail" })
        {
            var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
            await tab.GotoAsync(lost);
            await Expect(tab.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync(["This address is incomplete"]);
            Assert.Contains("This address is incomplete", await tab.AlertAsync(), StringComparison.Ordinal);
            await Expect(tab.Page.Locator("form, input")).ToHaveCountAsync(0);
            await Expect(tab.Page.GetByText("Open the mail again")).ToBeVisibleAsync();
            await Expect(tab.Page.GetByText("copy the whole address")).ToBeVisibleAsync();
            var ask = tab.Page.GetByRole(AriaRole.Link, new() { Name = "Ask for a new link" });
            await Expect(ask).ToHaveCountAsync(askForNew is null ? 0 : 1);
            if (askForNew is null) await Expect(tab.Page.GetByText("ask a system administrator to invite you again")).ToBeVisibleAsync();
            // The whole address is pasted into the address bar of the same tab.
            await tab.Page.GotoAsync($"{lost.Split('#')[0]}#whatever-it-is");
            await tab.Page.Locator("form input").First.WaitForAsync();
            if (askForNew is not null)
            {
                await tab.GotoAsync(address);
                await ask.ClickAsync();
                await tab.WaitForAddressAsync($"{askForNew}");
            }
            tab.Problems.AssertNone();
            await tab.CloseAsync();
        }
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Its_page_looks_right_and_reads_right(ColorScheme scheme)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var ann = await portal.AddPersonAsync("ann");
        foreach (var width in new[] { Browser.Desktop, Browser.Phone })
        {
            var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal), width, scheme);
            foreach (var page in new[] { PortalUrls.ResetPassword, PortalUrls.Invitation, PortalUrls.LostDeviceConfirm })
            {
                await tab.GotoAsync(page);
                await tab.AlertAsync();
                await tab.AssertNoViolationAsync($"link-incomplete-{page.Split('/')[1]}-{width.Width}-{scheme}");
            }
            await tab.GotoAsync(PortalUrls.Home);
            await new Visitor(tab).SignInAsync(portal, ann);
            foreach (var page in new[] { PortalUrls.ResetPassword, PortalUrls.LostDeviceConfirm })
            {
                await tab.GotoAsync($"{page}#some-token");
                await tab.AlertAsync();
                await tab.AssertNoViolationAsync($"link-somebody-else-{page.Split('/')[1]}-{width.Width}-{scheme}");
            }
            await tab.CloseAsync();
        }
    }

    [Theory, MemberData(nameof(Pages))]
    public async Task A_token_that_was_cut_short_looks_as_any_other(string address, string? askForNew)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var texts = new List<string>();
        foreach (var token in new[] { "a", SecretToken.Generate()[..20], SecretToken.Generate() })
        {
            var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
            await tab.GotoAsync($"{address}#{token}");
            texts.Add(await tab.Page.Locator("main").InnerTextAsync());
            await tab.CloseAsync();
        }
        Assert.Single(texts.Distinct());
        Assert.DoesNotContain("incomplete", texts[0], StringComparison.Ordinal);
        Assert.NotEqual(address, askForNew);
    }

    [Fact]
    public async Task A_password_link_opened_where_somebody_else_is_signed_in_says_who_and_leaves_them_signed_in()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob"));
        var tab = await browser.SignedInAsync(portal, ann, PortalUrls.Home);
        await tab.GotoAsync(await LinkAsync(portal, MailedLinkKind.ForgottenPassword, bob, "forgotten-password", PortalUrls.ResetPassword));
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("You are signed in as ann.");
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("the one of the person to whom the link was mailed");

        await SetAsync(tab);

        await tab.Page.GetByRole(AriaRole.Status)
            .Filter(new() { HasText = "The new password is set. You are still signed in as ann." }).First.WaitForAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Account menu, ann" })).ToBeVisibleAsync();
        var other = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await other.GotoAsync("/login");
        await new Visitor(other).SignInAsync("bob", New);
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Whoever_is_signed_in_can_leave_first_and_the_link_still_works_in_the_same_page()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob"));
        var tab = await browser.SignedInAsync(portal, ann, PortalUrls.Home);
        await tab.GotoAsync(await LinkAsync(portal, MailedLinkKind.ForgottenPassword, bob, "forgotten-password", PortalUrls.ResetPassword));

        await tab.PressAsync("Sign out ann first");

        await Expect(tab.Page.GetByText("You are signed in as")).ToHaveCountAsync(0);
        await SetAsync(tab);
        await tab.WaitForAddressAsync("/login");
        Assert.Equal("Your new password is set. Sign in with it.", await tab.StatusAsync());
        await new Visitor(tab).SignInAsync("bob", New);
        Assert.Equal(2, tab.Circuit.Loads.Count);
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task One_s_own_password_link_opened_while_signed_in_leads_to_the_sign_in()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var ann = await portal.AddPersonAsync("ann");
        var tab = await browser.SignedInAsync(portal, ann, PortalUrls.Home);
        await tab.GotoAsync(await LinkAsync(portal, MailedLinkKind.ForgottenPassword, ann, "forgotten-password", PortalUrls.ResetPassword));
        await Expect(tab.Page.GetByText("if it is you, you are signed out everywhere")).ToBeVisibleAsync();
        await SetAsync(tab);
        await tab.Page.GetByLabel("Username or email").WaitForAsync();
        await new Visitor(tab).SignInAsync("ann", New);
        Assert.DoesNotContain("still signed in", await tab.Page.InnerTextAsync("body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_device_link_opened_where_somebody_else_is_signed_in_says_who_will_be_signed_out()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob", enrolled: true));
        var tab = await browser.SignedInAsync(portal, ann, PortalUrls.Home);
        await tab.GotoAsync(await LinkAsync(portal, MailedLinkKind.LostDevice, bob, "lost-device-link", PortalUrls.LostDeviceConfirm));
        await Expect(tab.Page.GetByRole(AriaRole.Alert))
            .ToContainTextAsync("You are signed in as ann. If you go on, ann is signed out in this browser.");
        // Nothing has happened yet, and nothing happens by itself.
        await (await tab.NewTabAsync()).GotoAsync(PortalUrls.Account);

        await tab.FillAsync("Username or email", "bob");
        await tab.FillAsync("Password", bob.Password);
        await tab.PressAsync("Sign in and disable MFA");

        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Account menu, bob" })).ToBeVisibleAsync();
        tab.Problems.AssertNone();
    }

    private static async Task<string> LinkAsync(PortalHost portal, MailedLinkKind kind, TestPerson person, string template, string address)
    {
        await portal.Services.GetRequiredService<MailedLinkRequests>().AddAsync(kind, person.Username, new Caller.Nobody());
        return address + Mailbox.Link(await new Mailbox(portal.PickupFolder).WaitForAsync(person.Email, template)).Fragment;
    }

    private static async Task SetAsync(PortalPage tab)
    {
        await tab.FillAsync("New password", New);
        await tab.FillAsync("Confirm password", New);
        await tab.PressAsync("Set password");
    }
}

using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// The help article in a browser: who reads it, who rates it, who reads what others wrote, and that asking for help loses nothing (docs/spec.md
/// 10.1).
/// </summary>
public sealed class HelpTests(Browser browser)
{
    private const string Comment = "Clear, but <img src=x onerror=alert(1)> wants a xylophone.\nSecond line";

    [Fact]
    public async Task A_stranger_reads_a_user_rates_and_changes_an_administrator_reads_it_and_another_user_cannot()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync(attempts: 7);
        var (ann, bob, eve) = (
            await portal.AddPersonAsync("ann", administrator: true),
            await portal.AddPersonAsync("bob"),
            await portal.AddPersonAsync("eve"));

        // Signed out: the article, at the part that the address names.
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync("/help/mfa#locks");
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "How to use multi-factor authentication" })).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("After 7 of them the account locks")).ToBeInViewportAsync();
        await Expect(Stars(tab)).ToHaveCountAsync(0);
        await Expect(Ratings(tab)).ToHaveCountAsync(0);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true }).First.ClickAsync();
        await new Visitor(tab).SignInAsync(portal, bob);

        // Back on the article, in the same circuit; with the keyboard alone.
        await tab.WaitForAddressAsync("/help/mfa");
        await Expect(Stars(tab).GetByRole(AriaRole.Radio)).ToHaveCountAsync(5);
        await Star(tab, "1 star").FocusAsync();
        foreach (var key in new[] { "Space", "ArrowRight", "ArrowRight", "ArrowRight" }) await tab.Page.Keyboard.PressAsync(key);
        await Expect(Star(tab, "4 stars")).ToBeCheckedAsync();
        await tab.FillAsync("Feedback", Comment);
        await tab.PressAsync("Send feedback");
        await AnnouncedAsync(tab, "Your rating is stored");
        await Expect(tab.Page.GetByText("You gave 4 stars")).ToBeVisibleAsync();
        await Expect(Ratings(tab)).ToHaveCountAsync(0);
        tab.Circuit.AssertOneSocketOneLoad();

        // After F5 the person's own rating is shown again, and a later one replaces it.
        await tab.Page.ReloadAsync();
        await tab.WaitForCircuitAsync();
        await Expect(Star(tab, "4 stars")).ToBeCheckedAsync();
        await Expect(Feedback(tab)).ToHaveValueAsync(Comment);
        await Star(tab, "2 stars").CheckAsync();
        await tab.FillAsync("Feedback", Comment + ".");
        await tab.PressAsync("Send feedback");
        await Expect(tab.Page.GetByText("You gave 2 stars")).ToBeVisibleAsync();

        var other = await browser.SignedInAsync(portal, eve, "/");
        await HelpAsync(other);
        await Expect(Feedback(other)).ToHaveValueAsync("");
        await Expect(Ratings(other)).ToHaveCountAsync(0);
        await other.Page.ReloadAsync();
        await other.WaitForCircuitAsync();
        await Feedback(other).WaitForAsync();
        Assert.DoesNotContain("xylophone", await other.Page.ContentAsync(), StringComparison.Ordinal);
        await Star(other, "5 stars").CheckAsync();
        await other.PressAsync("Send feedback");
        await AnnouncedAsync(other, "Your rating is stored");

        var admin = await browser.SignedInAsync(portal, ann, "/");
        await HelpAsync(admin);
        var ratings = Ratings(admin);
        await Expect(ratings).ToContainTextAsync("3.5 of 5");
        await Expect(ratings).ToContainTextAsync("2 ratings");
        var comment = Assert.Single(await ratings.Locator("ol > li").AllAsync());
        await Expect(comment).ToContainTextAsync("xylophone.");
        Assert.Equal(Comment + ".", await comment.Locator("p").Last.InnerTextAsync());
        await Expect(comment.Locator("img")).ToHaveCountAsync(0);
        await Expect(comment.GetByRole(AriaRole.Link, new() { Name = "bob" })).ToHaveAttributeAsync("href", $"/settings/users/{bob.Id}");
        // The administrator's own rating counts at once, and is listed first because it is the newest.
        portal.Advance(TimeSpan.FromMinutes(1));
        await Star(admin, "5 stars").CheckAsync();
        await admin.FillAsync("Feedback", "Mine.");
        await admin.PressAsync("Send feedback");
        await Expect(ratings).ToContainTextAsync("4.0 of 5");
        await Expect(ratings.Locator("ol > li").First).ToContainTextAsync("Mine.");
        foreach (var page in new[] { tab, other, admin }) page.Problems.AssertNone();
    }

    [Fact]
    public async Task What_is_typed_is_neither_cut_nor_lost_whatever_stands_against_it()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.SignedInAsync(portal, await portal.AddPersonAsync("bob"), "/");
        await HelpAsync(tab);
        var (text, field) = (new string('x', 2_100), Feedback(tab));
        await field.FillAsync(text);

        await tab.PressAsync("Send feedback");
        Assert.Equal("Choose from 1 to 5 stars.", await tab.AlertAsync());
        await Expect(Star(tab, "1 star")).ToBeFocusedAsync();
        await Star(tab, "3 stars").CheckAsync();
        await tab.PressAsync("Send feedback");
        await tab.Page.GetByText("This is 2,100 characters long, and 2,000 are the most.").WaitForAsync();
        await Expect(field).ToBeFocusedAsync();
        await Expect(field).ToHaveValueAsync(text);
        await Expect(Star(tab, "3 stars")).ToBeCheckedAsync();
        await field.FillAsync("Bell \a, then words");
        await tab.PressAsync("Send feedback");
        await tab.Page.GetByText("Character 6 of line 1 is one that cannot be stored.").WaitForAsync();

        // Neither a jump inside the page nor a link away from it loses the text.
        await tab.Page.GetByRole(AriaRole.Navigation, new() { Name = "On this page" })
            .GetByRole(AriaRole.Link, new() { Name = "When an account locks" }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "When an account locks" })).ToBeFocusedAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "When an account locks" })).ToBeInViewportAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Dialog, new() { Name = "Leave without saving?" }).WaitForAsync();
        await tab.PressAsync("Cancel");
        await Expect(field).ToHaveValueAsync("Bell \a, then words");
        await field.FillAsync("Short.");
        await tab.PressAsync("Send feedback");
        await AnnouncedAsync(tab, "Your rating is stored");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Home", Exact = true }).WaitForAsync();
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Asking_for_help_opens_the_right_part_beside_what_is_half_done()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob", enrolled: true));

        // The code step, before anybody is signed in.
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync("/login");
        await new Visitor(tab).EnterPasswordAsync(bob.Username, bob.Password);
        await tab.FillAsync("Authentication code", "12");
        await AskAsync(tab, "Need help? (opens in a new tab)", "sign-in", "Sign in with a code");
        await Expect(tab.Page.GetByLabel("Authentication code")).ToHaveValueAsync("12");
        await new Visitor(tab).EnterCodeAsync(await Oathtool.CodeAsync(bob.Secret!, portal.Now));
        await new Visitor(tab).AccountMenu.WaitForAsync();
        await new Visitor(tab).SignOutAsync();
        await tab.GotoAsync("/login/lost-device");
        await tab.FillAsync("Username or email", "bob");
        await AskAsync(tab, "How this works (opens in a new tab)", "lost-device", "Your device is lost, broken or at home");
        await Expect(tab.Page.GetByLabel("Username or email")).ToHaveValueAsync("bob");

        // The record, the wizard with a key on the screen, and a switch that is not saved yet.
        var admin = await browser.SignedInAsync(portal, ann, "/account");
        await AskAsync(admin, "Help with MFA, opens in a new tab", "what", "What MFA is, and why it is here");
        await admin.PressAsync("Setup MFA");
        await admin.PressAsync("Next");
        await admin.Page.GetByText("Can’t scan it?").ClickAsync();
        var key = await admin.Page.GetByLabel("Manual key").InnerTextAsync();
        await AskAsync(admin, "Help with this set-up, opens in a new tab", "set-up", "Set it up for yourself");
        Assert.Equal(key, await admin.Page.GetByLabel("Manual key").InnerTextAsync());
        await admin.GotoAsync("/settings/configuration/additional-settings");
        var tick = admin.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Enable Multi-factor authentication" });
        await tick.UncheckAsync();
        await AskAsync(admin, "Help with MFA for everyone, opens in a new tab", "everyone", "The switch for everyone");
        await Expect(tick).Not.ToBeCheckedAsync();
        await Expect(admin.Page.GetByText("1 unsaved change")).ToBeVisibleAsync();
        admin.Problems.AssertNone();
    }

    [Fact]
    public async Task Whoever_is_signed_out_meanwhile_reads_so_above_the_way_back_and_goes_on_reading()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        var tab = await browser.SignedInAsync(portal, bob, "/");
        await HelpAsync(tab);
        await Feedback(tab).FillAsync("Half a sen");
        var admin = await browser.SignedInAsync(portal, ann, $"/settings/users/{bob.Id}");
        await admin.PressAsync("End sessions");
        await admin.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();

        Assert.Contains("You were signed out", await tab.AlertAsync(), StringComparison.Ordinal);
        await Expect(Feedback(tab)).ToHaveCountAsync(0);
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "When an account locks" })).ToBeVisibleAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true }).First.ClickAsync();
        await tab.Page.GetByLabel("Username or email").WaitForAsync();
        Assert.Contains("signed out by a system administrator", await tab.AlertAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_star_chosen_while_the_line_is_cut_counts()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { BehindCuttableProxy = true });
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.GotoAsync("/help/mfa");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true }).First.ClickAsync();
        await new Visitor(tab).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await Feedback(tab).WaitForAsync();
        portal.Proxy!.Cut();
        await tab.WaitForLostCircuitAsync();
        // The dialog about the lost connection covers the page; here somebody clicks just before it appears.
        await Star(tab, "4 stars").EvaluateAsync("star => { star.checked = true; star.dispatchEvent(new Event('change', { bubbles: true })); }");
        portal.Proxy.Restore();
        await tab.WaitForCircuitAsync(TimeSpan.FromSeconds(40));

        await tab.PressAsync("Send feedback");
        await AnnouncedAsync(tab, "Your rating is stored");
        await Expect(Ratings(tab)).ToContainTextAsync("4.0 of 5");
    }

    private static ILocator Stars(PortalPage tab) => tab.Page.GetByRole(AriaRole.Radiogroup, new() { Name = "Rate this article" });

    private static ILocator Star(PortalPage tab, string name) => Stars(tab).GetByRole(AriaRole.Radio, new() { Name = name, Exact = true });

    private static ILocator Feedback(PortalPage tab) => tab.Page.GetByLabel("Feedback", new() { Exact = true });

    private static ILocator Ratings(PortalPage tab) => tab.Page.GetByRole(AriaRole.Region, new() { Name = "Ratings", Exact = true });

    private static Task AnnouncedAsync(PortalPage tab, string words) =>
        tab.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = words }).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });

    /// <summary>Opens the article from the account menu, inside the circuit.</summary>
    private static async Task HelpAsync(PortalPage tab)
    {
        await new Visitor(tab).AccountMenu.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Help" }).ClickAsync();
        await Feedback(tab).WaitForAsync();
        tab.Circuit.AssertOneSocketOneLoad();
    }

    private static async Task AskAsync(PortalPage tab, string link, string anchor, string heading)
    {
        var opened = await tab.Page.RunAndWaitForPopupAsync(
            () => tab.Page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync());
        await opened.Locator("html[data-circuit=up]")
            .WaitForAsync(new() { State = WaitForSelectorState.Attached, Timeout = (float)Eventually.Patience.TotalMilliseconds });
        Assert.EndsWith($"/help/mfa#{anchor}", opened.Url, StringComparison.Ordinal);
        await Expect(opened.GetByRole(AriaRole.Heading, new() { Name = heading, Exact = true })).ToBeInViewportAsync();
        await opened.CloseAsync();
    }
}

using System.Net;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>Every page has one frame, one heading and the navigation, also where the person may not go on.</summary>
public sealed class FramesTests(Browser browser)
{
    private static readonly (int Width, int Height)[] Widths = [Browser.Desktop, Browser.Phone];

    [Fact]
    public async Task Who_is_signed_in_keeps_the_navigation_where_there_is_no_right_and_no_page()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        foreach (var (person, address, heading, status) in new[]
        {
            (bob, PortalUrls.Users, "You have no access to this page", HttpStatusCode.Forbidden),
            (bob, PortalUrls.AdditionalSettings, "You have no access to this page", HttpStatusCode.Forbidden),
            (bob, "/no/such/page", "Page not found", HttpStatusCode.NotFound),
            (ann, "/no/such/page", "Page not found", HttpStatusCode.NotFound),
            (ann, PortalUrls.Users, "Users", HttpStatusCode.OK),
            (bob, PortalUrls.Account, "bob", HttpStatusCode.OK),
        })
        {
            var tab = await browser.SignedInAsync(portal, person, PortalUrls.Home);
            var answer = await tab.Page.GotoAsync(address);
            Assert.Equal((int)status, answer!.Status);
            await AssertOneFrameAsync(tab.Page, heading);
            await tab.WaitForCircuitAsync();
            await AssertOneFrameAsync(tab.Page, heading);
            await Expect(tab.Page.GetByRole(AriaRole.Navigation, new() { Name = "Main" })).ToHaveCountAsync(1);
            await tab.CloseAsync();
        }
    }

    [Fact]
    public async Task The_same_holds_inside_the_circuit()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var bob = await portal.AddPersonAsync("bob");
        var tab = await browser.SignedInAsync(portal, bob, PortalUrls.Account);
        foreach (var (address, heading) in new[] { (PortalUrls.Outbox, "You have no access to this page"), ("/nowhere", "Page not found") })
        {
            await tab.Page.EvaluateAsync("address => window.Blazor.navigateTo(address)", address);
            await AssertOneFrameAsync(tab.Page, heading);
            await Expect(tab.Page.GetByRole(AriaRole.Navigation, new() { Name = "Main" })).ToHaveCountAsync(1);
            await tab.AssertNoViolationAsync(heading);
        }
        tab.Circuit.AssertOneSocketOneLoad();
    }

    [Fact]
    public async Task Who_is_not_signed_in_stands_at_the_front_door()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var bob = await portal.AddPersonAsync("bob");
        foreach (var (address, heading, status) in new[]
        {
            (PortalUrls.Users, "Sign in", HttpStatusCode.OK),
            ("/no/such/page", "Page not found", HttpStatusCode.NotFound),
            ("/login", "Sign in", HttpStatusCode.OK),
        })
        {
            var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
            Assert.Equal((int)status, (await tab.Page.GotoAsync(address))!.Status);
            await AssertOneFrameAsync(tab.Page, heading);
            await tab.WaitForCircuitAsync();
            await AssertOneFrameAsync(tab.Page, heading);
            await Expect(tab.Page.Locator(".front")).ToHaveCountAsync(1);
            await Expect(tab.Page.Locator(".shell")).ToHaveCountAsync(0);
            if (address == PortalUrls.Users)
            {
                // Signing in happens in place: the frame changes with the person.
                await new Visitor(tab).SignInAsync(portal, bob);
                await AssertOneFrameAsync(tab.Page, "You have no access to this page");
                await Expect(tab.Page.Locator(".front")).ToHaveCountAsync(0);
            }
            await tab.CloseAsync();
        }
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Both_look_as_the_rest_of_the_shell(ColorScheme scheme)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        foreach (var width in Widths)
            foreach (var (person, address, heading) in new[]
            {
                (bob, PortalUrls.Users, "You have no access to this page"),
                (ann, "/no/such/page", "Page not found")
            })
            {
                var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal), width, scheme);
                await tab.GotoAsync(PortalUrls.Home);
                await new Visitor(tab).SignInAsync(portal, person);
                await tab.GotoAsync(address);
                await AssertOneFrameAsync(tab.Page, heading);
                await tab.AssertNoViolationAsync($"frame-{(address == PortalUrls.Users ? "no-access" : "not-found")}-{width.Width}-{scheme}");
                await tab.CloseAsync();
            }
    }

    private static async Task AssertOneFrameAsync(IPage page, string heading)
    {
        await Expect(page.Locator("h1")).ToHaveTextAsync([heading]);
        await Expect(page.Locator("main")).ToHaveCountAsync(1);
        await Expect(page.Locator("#main")).ToHaveCountAsync(1);
        await Expect(page.Locator("header, .front")).ToHaveCountAsync(1);
    }
}

using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>A page whose circuit does not start says why and what to do, and starts by itself once the cause is gone.</summary>
public sealed class StartTests(Browser browser, StandingPortal standing) : IClassFixture<StandingPortal>
{
    private const string Negotiate = "**/_blazor/negotiate*";
    private const string Initializers = "**/_blazor/initializers";
    private const string Script = "**/_framework/blazor.web*.js";

    [Theory]
    [InlineData(Negotiate, 1)]
    [InlineData(Negotiate, 3)]
    [InlineData(Initializers, 1)]
    [InlineData(Initializers, 2)]
    [InlineData(Script, 2)]
    public async Task A_proxy_that_answers_502_for_a_moment_costs_nothing_but_the_moment(string what, int times)
    {
        var portal = standing.Portal;
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var failed = 0;
        await tab.Page.RouteAsync(
            what,
            route => Interlocked.Increment(ref failed) <= times
                ? route.FulfillAsync(new() { Status = 502, Body = "<h1>Bad Gateway</h1>" })
                : route.ContinueAsync());
        await tab.Page.GotoAsync("/login");
        await tab.WaitForCircuitAsync();
        Assert.True(failed > times);
        await Assertions.Expect(tab.Page.Locator("#reconnect")).ToBeHiddenAsync();
        if (what != Script) Assert.Single(tab.Circuit.Loads);
        await new Visitor(tab).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
    }

    [Fact]
    public async Task A_portal_that_is_away_between_page_and_circuit_is_waited_for_in_words()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var away = new TaskCompletionSource();
        await tab.Page.RouteAsync(Negotiate, async route =>
        {
            await away.Task;
            await route.ContinueAsync();
        });
        await tab.Page.GotoAsync("/login");
        await portal.KillAsync();
        away.SetResult();
        var dialog = Dialog(tab, "Not connected yet");
        await dialog.GetByText("keeps trying by itself").Filter(new() { Visible = true }).WaitForAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Try now" }).ClickAsync();
        await portal.StartAgainAsync();
        await tab.WaitForCircuitAsync();
        await Assertions.Expect(tab.Page.Locator("#reconnect")).ToBeHiddenAsync();
        Assert.Single(tab.Circuit.Loads);
    }

    [Fact]
    public async Task At_another_address_the_page_leads_to_the_right_one()
    {
        var portal = standing.Portal;
        await using var other = new CuttableProxy(portal.DirectAddress.Port);
        var tab = await browser.NewPageAsync(other.Address);
        await tab.Page.GotoAsync("/account?from=bookmark");
        var link = Dialog(tab, "The portal has another address").GetByRole(AriaRole.Link);
        await link.WaitForAsync();
        var address = portal.BaseAddress.ToString().TrimEnd('/');
        Assert.Equal(address, await link.InnerTextAsync());
        await link.ClickAsync();
        await tab.WaitForAddressAsync($"{address}/account?from=bookmark");
        await tab.WaitForCircuitAsync();
        // A path that looks like a host is still treated as a path.
        await tab.Page.GotoAsync($"{other.Address}/evil.test/x");
        await link.WaitForAsync();
        Assert.StartsWith($"{address}//evil.test/x", await link.GetAttributeAsync("href"), StringComparison.Ordinal);
    }

    /// <summary>Red when a lost connection is only tried again: the page says "cannot be reached at the moment" for ever.</summary>
    [Fact]
    public async Task An_open_page_whose_portal_moved_meanwhile_leads_to_the_new_address_and_keeps_what_was_typed()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { PublicUrlFromSetup = true, BehindCuttableProxy = true });
        Assert.Equal(0, (await portal.RunCommandAsync(["public-address", portal.BaseAddress.ToString()])).ExitCode);
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.GotoAsync(PortalUrls.AdditionalSettings);
        await new Visitor(tab).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await tab.FillAsync("Company name", "Northwind");

        await portal.StopAsync();
        await Dialog(tab, "Connection lost").WaitForAsync();
        Assert.Equal(0, (await portal.RunCommandAsync(["public-address", "https://new.northwind.test"])).ExitCode);
        await portal.StartAgainAsync();

        var moved = Dialog(tab, "The portal has another address");
        await Assertions.Expect(moved.GetByRole(AriaRole.Link))
            .ToHaveAttributeAsync("href", $"https://new.northwind.test{PortalUrls.AdditionalSettings}");
        await Assertions.Expect(moved).ToHaveAttributeAsync("aria-modal", "false");
        await Assertions.Expect(tab.Page.GetByLabel("Company name")).ToHaveValueAsync("Northwind");

        // The portal is moved back: the same page says again that it cannot go on where it was, and is not redirected.
        Assert.Equal(0, (await portal.RunCommandAsync(["public-address", portal.BaseAddress.ToString()])).ExitCode);
        await moved.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await Assertions.Expect(tab.Page.GetByLabel("Company name")).ToHaveValueAsync("Northwind");
    }

    [Fact]
    public async Task Where_no_web_socket_passes_the_page_says_so_and_starts_when_one_does()
    {
        var portal = standing.Portal;
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.Context.AddInitScriptAsync(
            """
            const real = WebSocket;
            window.WebSocket = class extends real {
                constructor(url, protocols) { super(window.passes ? url : 'ws://' + location.host + '/nowhere', protocols); }
            };
            """);
        await tab.Page.GotoAsync("/login");
        var dialog = Dialog(tab, "The live connection is blocked");
        await dialog.GetByText("proxy, a VPN").WaitForAsync();
        await tab.Page.EvaluateAsync("window.passes = true");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Try now" }).ClickAsync();
        await tab.WaitForCircuitAsync();
        Assert.Single(tab.Circuit.Loads);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(0)]
    public async Task A_script_that_is_held_back_is_told_in_words(int status)
    {
        var portal = standing.Portal;
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.Page.RouteAsync(Script, route => status == 0 ? route.AbortAsync() : route.FulfillAsync(new() { Status = status }));
        await tab.Page.GotoAsync("/login");
        await Dialog(tab, status == 0 ? "Not connected yet" : "This page did not start").WaitForAsync();
        await tab.Page.UnrouteAllAsync();
        await tab.WaitForCircuitAsync();
    }

    [Fact]
    public async Task Even_without_a_single_script_the_page_says_that_a_part_is_missing()
    {
        var portal = standing.Portal;
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.Page.RouteAsync("**/*.js", route => route.AbortAsync());
        await tab.Page.GotoAsync("/login");
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Load the page again" })).ToBeVisibleAsync();
        await tab.Page.UnrouteAllAsync();
        await tab.GotoAsync("/login");
        await Assertions.Expect(tab.Page.Locator(".unscripted")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Without_cookies_the_page_says_what_to_do()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        // As if the browser had never stored them: removed before the circuit's connection can send them.
        await tab.Page.RouteAsync(Negotiate, async route =>
        {
            await tab.Context.ClearCookiesAsync();
            await route.ContinueAsync();
        });
        await tab.GotoAsync("/login");
        await new Visitor(tab).EnterPasswordAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        Assert.Contains("Allow cookies", await tab.AlertAsync(), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            () => portal.Output.Lines.Any(
                line => line.Contains("kept no cookie", StringComparison.Ordinal) && line.Contains("Portal:PublicUrl", StringComparison.Ordinal)),
            "the log says it");
    }

    private static ILocator Dialog(PortalPage tab, string heading) => tab.Page.GetByRole(AriaRole.Dialog, new() { Name = heading });
}

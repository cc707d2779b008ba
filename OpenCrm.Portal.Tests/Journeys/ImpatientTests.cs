using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>People who do not wait, networks that fail, and programs that fill in fields (docs/spec.md 1.2 and 1.9; docs/threats.md I7).</summary>
public sealed class ImpatientTests(Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task A_form_takes_nothing_before_the_circuit_is_up_and_works_a_moment_later()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        // The script is held back: the page is prerendered only, as on a slow connection.
        var release = new TaskCompletionSource();
        await tab.Page.RouteAsync("**/_framework/blazor.web*.js", async route =>
        {
            await release.Task;
            await route.ContinueAsync();
        });
        await tab.Page.GotoAsync("/login", new() { WaitUntil = WaitUntilState.Commit });
        var name = tab.Page.GetByLabel("Username or email");
        await name.WaitForAsync();
        Assert.True(await name.IsDisabledAsync());
        Assert.True(await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).IsDisabledAsync());
        await tab.Page.Keyboard.TypeAsync("admin");
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync(new() { Force = true });
        Assert.Equal("", await name.InputValueAsync());
        release.SetResult();
        await tab.WaitForCircuitAsync();

        await new Visitor(tab).SignInAsync(Admin.Username, Admin.Password);
        tab.Circuit.AssertOneSocketOneLoad();
    }

    [Fact]
    public async Task A_socket_cut_for_three_seconds_in_each_step_costs_nothing_that_was_typed()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { BehindCuttableProxy = true });
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var admin = new Visitor(tab);
        await tab.GotoAsync("/login");
        await admin.SignInAsync(Admin.Username, Admin.Password);
        await admin.SwitchMfaOnAsync();
        await admin.OpenOwnRecordAsync();
        await admin.ScanAsync();
        await CutAsync(portal, tab);
        await tab.PressAsync("Next");
        await tab.FillAsync("Six-digit code", await admin.NextCodeAsync());
        await CutAsync(portal, tab);
        Assert.Equal(admin.LastCode, await tab.Page.GetByLabel("Six-digit code").InputValueAsync());
        await tab.PressAsync("Save");
        await tab.SaveCodesAsync();
        await admin.SignOutAsync();

        await tab.FillAsync("Username or email", Admin.Username);
        await tab.FillAsync("Password", Admin.Password);
        await CutAsync(portal, tab);
        await tab.PressAsync("Sign in");
        await tab.Page.GetByLabel("Authentication code").WaitForAsync();
        await tab.FillAsync("Authentication code", await admin.NextCodeAsync());
        await CutAsync(portal, tab);
        await tab.PressAsync("Verify");
        await admin.AccountMenu.WaitForAsync();
        Assert.Single(tab.Circuit.Loads);
    }

    [Fact]
    public async Task Fields_filled_by_a_script_count_as_typed()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.GotoAsync("/login");
        await tab.Page.EvaluateAsync(
            """
            ([name, password]) => {
              const fill = (selector, value) => {
                const field = document.querySelector(selector);
                field.value = value;
                field.dispatchEvent(new Event('input', { bubbles: true }));
                field.dispatchEvent(new Event('change', { bubbles: true }));
              };
              fill('input[autocomplete=username]', name);
              fill('input[autocomplete=current-password]', password);
            }
            """, new[] { Admin.Username, Admin.Password });
        await tab.PressAsync("Sign in");
        await new Visitor(tab).AccountMenu.WaitForAsync();
    }

    [Fact]
    public async Task Two_people_in_turn_in_one_tab_see_nothing_of_each_other()
    {
        await using var portal = await PortalProcess.StartAsync();
        await portal.RunCommandAsync(["create-admin", "grace", "grace@northwind.test"], "nine calm herons wade\n");
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var person = new Visitor(tab);
        await tab.GotoAsync("/login");
        await person.SignInAsync(Admin.Username, Admin.Password);
        await person.SwitchMfaOnAsync();
        await person.OpenOwnRecordAsync();
        await person.ScanAsync();
        var (secret, email) = (person.Secret!, Admin.Email);
        // The person signs out in the middle of the wizard.
        await person.SignOutAsync();
        Assert.Equal("", await tab.Page.GetByLabel("Username or email").InputValueAsync());

        var grace = new Visitor(tab);
        await grace.SignInAsync("grace", "nine calm herons wade");
        await grace.OpenOwnRecordAsync();
        await tab.Page.GetByText("grace@northwind.test").First.WaitForAsync();
        Assert.DoesNotContain(email, await tab.Page.InnerTextAsync("body"), StringComparison.Ordinal);
        var hers = await grace.ScanAsync();
        Assert.NotEqual(secret, hers.Secret);
        tab.Circuit.AssertOneSocketOneLoad();
    }

    [Fact]
    public async Task Without_JavaScript_the_page_says_that_it_needs_it()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress, options: context => context.JavaScriptEnabled = false);
        await tab.Page.GotoAsync("/login");
        // Text locators ignore noscript elements.
        await Assertions.Expect(tab.Page.Locator(".noscript")).ToBeVisibleAsync();
        Assert.Contains("JavaScript", await tab.Page.Locator(".noscript").InnerTextAsync(), StringComparison.Ordinal);
    }

    private static async Task CutAsync(PortalProcess portal, PortalPage tab)
    {
        var cut = portal.Proxy!.CutForAsync(TimeSpan.FromSeconds(3));
        await tab.WaitForLostCircuitAsync();
        await cut;
        await tab.WaitForCircuitAsync();
    }
}

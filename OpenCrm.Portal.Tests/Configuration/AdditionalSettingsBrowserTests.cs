using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>
/// What only a browser shows: jumps inside the page, the current block in the link row, the question before leaving, one circuit throughout.
/// </summary>
public sealed class AdditionalSettingsBrowserTests(Browser browser)
{
    [Fact]
    public async Task Jumps_stay_in_the_circuit_and_mark_the_block_that_is_read()
    {
        await using var portal = await SettingsPortal.StartAsync(listens: true);
        var tab = await SignedInAsync(portal, PortalUrls.AdditionalSettings + "#password-policy");
        var page = tab.Page;

        await Assertions.Expect(Current(page)).ToHaveTextAsync("Password Policy");
        await page.GetByLabel("Login attempts before lock").FillAsync("7");
        await page.GetByRole(AriaRole.Link, new() { Name = "Security", Exact = true }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Security Settings", Exact = true })).ToBeInViewportAsync();
        await Assertions.Expect(Current(page)).ToHaveTextAsync("Security");
        await page.GetByRole(AriaRole.Link, new() { Name = "Password Policy", Exact = true }).ClickAsync();
        await Assertions.Expect(Current(page)).ToHaveTextAsync("Password Policy");
        await Assertions.Expect(page.GetByLabel("Login attempts before lock")).ToHaveValueAsync("7");

        await page.GetByRole(AriaRole.Region, new() { Name = "Security Settings", Exact = true })
            .GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        Assert.Contains("Saved", await tab.StatusAsync(), StringComparison.Ordinal);
        Assert.Equal(7, (await portal.ReadSettingsAsync<SecuritySettings>()).AttemptsBeforeLock);
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Leaving_with_changes_asks_first_and_Cancel_keeps_what_was_typed()
    {
        await using var portal = await SettingsPortal.StartAsync(listens: true);
        var tab = await SignedInAsync(portal, PortalUrls.AdditionalSettings);
        var page = tab.Page;
        await page.GetByLabel("Company name").FillAsync("Half typed");

        await page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Company name")).ToHaveValueAsync("Half typed");

        await page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Home", Exact = true }).WaitForAsync();
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task The_second_of_two_administrators_sees_what_the_first_saved_and_loses_nothing_typed()
    {
        await using var portal = await SettingsPortal.StartAsync(listens: true);
        var (first, second) = (
            await SignedInAsync(portal, PortalUrls.AdditionalSettings),
            await SignedInAsync(portal, PortalUrls.AdditionalSettings));
        await second.FillAsync("Login attempts before lock", "20");
        await second.FillAsync("Session timeout (minutes)", "45");
        await first.FillAsync("Login attempts before lock", "60");
        await Save(first).ClickAsync();
        Assert.Contains("Saved", await first.StatusAsync(), StringComparison.Ordinal);

        await Save(second).ClickAsync();

        Assert.Contains("saved this block at", await second.AlertAsync(), StringComparison.Ordinal);
        var block = second.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings", Exact = true });
        await Assertions.Expect(block).ToContainTextAsync("Now saved: 60. You typed: 20. Use 60");
        await Assertions.Expect(second.Page.GetByLabel("Login attempts before lock")).ToHaveValueAsync("20");
        await Assertions.Expect(second.Page.GetByLabel("Session timeout (minutes)")).ToHaveValueAsync("45");
        await second.SaveScreenshotAsync("settings-conflict");
        await second.PressAsync("Use 60");
        await Save(second).ClickAsync();
        await Assertions.Expect(Save(second)).ToBeDisabledAsync();
        var saved = await portal.ReadSettingsAsync<SecuritySettings>();
        Assert.Equal((60, 45), (saved.AttemptsBeforeLock, saved.SessionTimeoutMinutes));
        second.Circuit.AssertOneSocketOneLoad();
        second.Problems.AssertNone();
    }

    private static ILocator Save(PortalPage tab) =>
        tab.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings", Exact = true })
            .GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true });

    private static ILocator Current(IPage page) => page.Locator(".linkrow [aria-current]");

    private async Task<PortalPage> SignedInAsync(SettingsPortal portal, string address)
    {
        var tab = await browser.NewPageAsync(new Uri($"http://localhost:{portal.Host.BaseAddress.Port}"));
        await tab.GotoAsync(address);
        var (username, _, password) = PortalSettings.FirstAdministrator;
        await tab.FillAsync("Username or email", username);
        await tab.FillAsync("Password", password);
        await tab.PressAsync("Sign in");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Additional Settings", Exact = true }).WaitForAsync();
        return tab;
    }
}

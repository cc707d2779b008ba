using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>Chromium without a window.</summary>
internal sealed class RealBrowser(IPlaywright playwright, IBrowser browser) : IAsyncDisposable
{
    /// <param name="arguments">Of Chromium, beside those that a machine without a screen needs.</param>
    public static async Task<RealBrowser> StartAsync(params string[] arguments)
    {
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = FoundTools.Chromium ?? throw new InvalidOperationException("Chromium is not installed"),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", .. arguments],
        }));
    }

    /// <summary>A browser that has been nowhere yet.</summary>
    public Task<IBrowserContext> NewContextAsync() => browser.NewContextAsync();

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>Signs in on the portal's page and waits for the first page behind it.</summary>
    public static async Task SignInToPortalAsync(IPage page, Servers.Person person)
    {
        await page.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.GetByLabel("Username or email").FillAsync(person.Name);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        if (person.Key is not null)
        {
            await page.GetByLabel("Authentication code").FillAsync(await person.CodeAsync());
            await page.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
        }
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account menu") }).WaitForAsync();
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
    }
}

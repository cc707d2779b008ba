using OpenCrm.Portal.Tests.Support;
using OpenQA.Selenium;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// The first day and a lost phone in WebKit, the engine of Safari, on http://localhost as after <c>dotnet run</c>: WebKit drops Secure cookies there.
/// </summary>
[Collection(Alone.Name)]
public sealed class WebKitTests
{
    private static readonly SetupAdministrator Ann = new("ann.lee", "ann.lee@northwind.test", "seven tired otters hum");
    private static readonly By AccountMenu = By.CssSelector("button[aria-label^=\"Account menu, \"]");

    private long _lastStep;

    [Fact]
    public async Task From_set_up_to_a_lost_device_and_back()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { Administrator = null, PublicUrlFromSetup = true });
        await using var browser = await WebKit.StartAsync(portal.BaseAddress);
        try
        {
            await WalkAsync(portal, browser);
        }
        catch
        {
            await browser.SaveFailureAsync("WebKitTests.From_set_up_to_a_lost_device_and_back");
            throw;
        }
    }

    private async Task WalkAsync(PortalProcess portal, WebKit browser)
    {
        await browser.GotoAsync("/setup");
        await browser.FillAsync("Set-up code", await portal.SetupCodeAsync());
        await browser.FillAsync("Company name", "Northwind Instruments");
        await browser.FillAsync("Username", Ann.Username);
        await browser.FillAsync("Email", Ann.Email);
        await browser.FillAsync("Password", Ann.Password);
        await browser.FillAsync("Confirm password", Ann.Password);
        await browser.PressAsync("Create system administrator");
        await EnterPasswordAsync(browser, Ann.Username);
        await browser.FindAsync(AccountMenu);

        await browser.PressAsync("Additional Settings");
        var tick = await browser.FindAsync(By.XPath("//label[contains(., 'Enable Multi-factor authentication')]"));
        tick.Click();
        await browser.PressAsync("Save");
        await browser.SeesAsync("Saved");

        await browser.OpenMenuAsync($"Account menu, {Ann.Username}", "Sign out");
        await browser.PressAsync("My user record");
        await browser.PressAsync("Setup MFA");
        await browser.PressAsync("Next");
        var picture = await WebKit.PictureOfAsync(
            await browser.FindAsync(By.CssSelector("[role=img][aria-label=\"QR code\"], img[alt=\"QR code\"]")));
        var address = await QrReader.AddressAsync(picture);
        Assert.Equal(("Northwind Instruments", Ann.Username), (address.Issuer, address.Account));
        await browser.PressAsync("Can’t scan it?");
        var manual = await browser.FindAsync(By.CssSelector("[aria-label=\"Manual key\"]"));
        Assert.Equal(address.Secret, string.Concat(manual.Text.Where(char.IsLetterOrDigit)));
        await browser.PressAsync("Next");
        await browser.FillAsync("Six-digit code", await NextCodeAsync(address.Secret));
        await browser.PressAsync("Save");
        (await browser.FindAsync(By.CssSelector("input.tick"))).Click();
        await browser.PressAsync("Done");
        await browser.SeesAsync("MFA Enabled");
        await SignOutAsync(browser);

        await EnterPasswordAsync(browser, Ann.Email);
        var code = await NextCodeAsync(address.Secret);
        await browser.FillAsync("Authentication code", $"{code[..3]} {code[3..]}");
        await browser.PressAsync("Verify");
        await browser.FindAsync(AccountMenu);

        await browser.PressAsync("Users");
        await browser.FindAsync(By.CssSelector("table[aria-label=Users], table"));
        await browser.PressAsync(Ann.Username);
        await HeadingAsync(browser, Ann.Username);
        await browser.BackAsync();
        await HeadingAsync(browser, "Users");
        await browser.ForwardAsync();
        await HeadingAsync(browser, Ann.Username);
        // Also across a page that was loaded anew: a page that the browser kept has to be as alive as one that it loads.
        await browser.GotoAsync("/settings/outbox");
        await HeadingAsync(browser, "Outbox");
        await browser.BackAsync();
        await HeadingAsync(browser, Ann.Username);
        await browser.WaitForCircuitAsync();
        await browser.PressAsync("Users");
        await HeadingAsync(browser, "Users");
        await browser.ReloadAsync();
        await browser.FindAsync(AccountMenu);

        var first = browser.Window.CurrentWindowHandle;
        await browser.NewWindowAsync("/account");
        await browser.FindAsync(AccountMenu);
        await SignOutAsync(browser);
        browser.Window.SwitchTo().Window(first);
        // The other window leaves the page too.
        await browser.FieldAsync("Username or email");

        await EnterPasswordAsync(browser, Ann.Username);
        await browser.PressAsync("Lost your device/Disable MFA?");
        await browser.SeesAsync("Send link");
        await browser.FillAsync("Username or email", Ann.Username);
        await browser.PressAsync("Send link");
        await HeadingAsync(browser, "Check your email");
        var link = Mailbox.Link(await new Mailbox(portal.PickupFolder).WaitForAsync(Ann.Email, "lost-device-link"));
        await browser.GotoAsync(link.ToString());
        Assert.Equal($"{portal.BaseAddress}lost-device/confirm", browser.Address.ToString());
        await browser.FillAsync("Username or email", Ann.Username);
        await browser.FillAsync("Password", Ann.Password);
        await browser.PressAsync("Sign in and disable MFA");
        await browser.FindAsync(AccountMenu);
        await browser.SaveScreenshotAsync("webkit-lost-device-done");
    }

    private static async Task EnterPasswordAsync(WebKit browser, string name)
    {
        await browser.FillAsync("Username or email", name);
        await browser.FillAsync("Password", Ann.Password);
        await browser.PressAsync("Sign in");
    }

    private static async Task SignOutAsync(WebKit browser)
    {
        await browser.OpenMenuAsync($"Account menu, {Ann.Username}", "Sign out");
        await browser.PressAsync("Sign out");
        await browser.FieldAsync("Username or email");
    }

    private static Task<IWebElement> HeadingAsync(WebKit browser, string name) =>
        browser.FindAsync(By.XPath($"//h1[normalize-space() = \"{name}\"]"));

    /// <summary>Returns a code that has not been used yet.</summary>
    private async Task<string> NextCodeAsync(string secret)
    {
        static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
        _lastStep = Math.Max(_lastStep + 1, Now());
        await Eventually.TrueAsync(() => _lastStep <= Now() + 1, "the app shows a new code", TimeSpan.FromSeconds(70));
        return await Oathtool.CodeAsync(secret, DateTimeOffset.FromUnixTimeSeconds(_lastStep * 30));
    }
}

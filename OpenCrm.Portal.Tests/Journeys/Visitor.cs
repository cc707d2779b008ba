using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>A person at a browser, in the words of the portal's labels.</summary>
public sealed class Visitor(PortalPage tab)
{
    private long _lastStep;

    public PortalPage Tab { get; } = tab;

    public IPage Page => Tab.Page;

    /// <summary>The key in the person's authenticator app; null until the app has scanned the QR code.</summary>
    public string? Secret { get; private set; }

    public string? LastCode { get; private set; }

    public ILocator AccountMenu => Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account menu, ") });

    public async Task SetUpAsync(string code, string company, SetupAdministrator administrator)
    {
        await Tab.FillAsync("Set-up code", code);
        await Tab.FillAsync("Company name", company);
        await Tab.FillAsync("Username", administrator.Username);
        await Tab.FillAsync("Email", administrator.Email);
        await Tab.FillAsync("Password", administrator.Password);
        await Tab.FillAsync("Confirm password", administrator.Password);
        await Tab.PressAsync("Create system administrator");
        await Page.GetByLabel("Username or email").WaitForAsync();
    }

    public async Task EnterPasswordAsync(string name, string password)
    {
        await Tab.FillAsync("Username or email", name);
        await Tab.FillAsync("Password", password);
        await Tab.PressAsync("Sign in");
    }

    public async Task SignInAsync(string name, string password)
    {
        await EnterPasswordAsync(name, password);
        if (Secret is not null)
        {
            await Page.GetByLabel("Authentication code").WaitForAsync();
            await EnterCodeAsync(await NextCodeAsync());
        }
        await AccountMenu.WaitForAsync();
    }

    public async Task EnterCodeAsync(string code)
    {
        await Tab.FillAsync("Authentication code", code);
        await Tab.PressAsync("Verify");
    }

    public async Task SignOutAsync()
    {
        await AccountMenu.ClickAsync();
        await Page.GetByRole(AriaRole.Menuitem, new() { Name = "Sign out" }).ClickAsync();
        await Tab.WaitForAddressAsync("/login");
        await Page.GetByLabel("Username or email").WaitForAsync();
    }

    public async Task OpenOwnRecordAsync()
    {
        await AccountMenu.ClickAsync();
        await Page.GetByRole(AriaRole.Menuitem, new() { Name = "My user record" }).ClickAsync();
        await Page.GetByText("MFA Enabled").WaitForAsync();
    }

    public async Task SwitchMfaOnAsync()
    {
        await Page.GetByRole(AriaRole.Link, new() { Name = "Additional Settings" }).ClickAsync();
        var block = Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings" });
        await block.GetByRole(AriaRole.Checkbox, new() { Name = "Enable Multi-factor authentication" }).CheckAsync();
        await block.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Saved" }).First.WaitForAsync();
    }

    /// <summary>Goes from the person's own record to the step with the QR code, and reads it with an independent reader.</summary>
    public async Task<OtpauthAddress> ScanAsync()
    {
        await Tab.PressAsync("Setup MFA");
        await Tab.PressAsync("Next");
        var picture = Page.GetByRole(AriaRole.Img, new() { Name = "QR code" });
        await picture.WaitForAsync();
        var address = await QrReader.AddressAsync(picture);
        Secret = address.Secret;
        return address;
    }

    public async Task SetUpMfaAsync()
    {
        await ScanAsync();
        await Tab.PressAsync("Next");
        await Tab.FillAsync("Six-digit code", await NextCodeAsync());
        await Tab.PressAsync("Save");
        await Tab.SaveCodesAsync();
        await Page.GetByText("MFA Enabled").WaitForAsync();
    }

    /// <summary>Returns a code that has not been used yet. Waits for the app to show one when all valid ones are used.</summary>
    public async Task<string> NextCodeAsync()
    {
        long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
        var step = Math.Max(_lastStep + 1, Now());
        await Eventually.TrueAsync(() => step <= Now() + 1, "the app shows a new code", TimeSpan.FromSeconds(70));
        _lastStep = step;
        return LastCode = await Oathtool.CodeAsync(Secret!, DateTimeOffset.FromUnixTimeSeconds(step * 30));
    }
}

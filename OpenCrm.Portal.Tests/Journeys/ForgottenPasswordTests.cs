using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// A forgotten password in a browser, from the link on the sign-in page to the new password (docs/spec.md 1.8; case A08 of docs/threats.md).
/// </summary>
public sealed class ForgottenPasswordTests(Browser browser)
{
    private const string New = "eleven brave lamps sing";
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task A_mailed_link_sets_a_new_password_once_and_the_code_is_still_asked_for()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var person = new Visitor(tab);
        await tab.GotoAsync("/login");
        await person.SignInAsync(Admin.Username, Admin.Password);
        await person.SwitchMfaOnAsync();
        await person.OpenOwnRecordAsync();
        await person.SetUpMfaAsync();
        await person.SignOutAsync();

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Forgot your password?" }).ClickAsync();
        var neutral = await AskAsync(tab, "nobody-of-that-name");
        await tab.PressAsync("Send another link");
        Assert.Equal(neutral, await AskAsync(tab, Admin.Email));
        await tab.SaveScreenshotAsync("forgotten-password-sent");
        var link = Mailbox.Link(await new Mailbox(portal.PickupFolder).WaitForAsync(Admin.Email, "forgotten-password"));
        Assert.Equal($"{portal.BaseAddress}reset-password", link.GetLeftPart(UriPartial.Path));

        // A scanner that runs scripts but presses nothing, and plain requests, do not use the link up.
        var scanner = await browser.NewPageAsync(portal.BaseAddress);
        await scanner.GotoAsync(link.ToString());
        using (var client = portal.CreateClient())
            for (var n = 0; n < 3; n++)
                Assert.True((await client.GetAsync("/reset-password")).IsSuccessStatusCode);

        await tab.GotoAsync(link.ToString());
        Assert.Equal($"{portal.BaseAddress}reset-password", tab.Page.Url);
        await SetAsync(tab, New, "something else entirely");
        Assert.Contains("not the same", await tab.AlertAsync(), StringComparison.Ordinal);
        await SetAsync(tab, "short", "short");
        await tab.Page.GetByText("Use at least 12 characters").WaitForAsync();
        await tab.SaveScreenshotAsync("reset-password");
        await SetAsync(tab, New, New);
        await tab.WaitForAddressAsync("/login");
        Assert.Equal("Your new password is set. Sign in with it.", await tab.StatusAsync());

        await person.EnterPasswordAsync(Admin.Username, Admin.Password);
        Assert.Contains("not right", await tab.AlertAsync(), StringComparison.Ordinal);
        await person.SignInAsync(Admin.Username, New);

        // The scanner's page still looks as before. Only pressing Set password shows that the link was used.
        await SetAsync(scanner, New, New);
        Assert.Contains("This link no longer works", await scanner.AlertAsync(), StringComparison.Ordinal);
        await scanner.SaveScreenshotAsync("reset-password-ended");
        await scanner.Page.GetByRole(AriaRole.Link, new() { Name = "Ask for a new link" }).ClickAsync();
        await scanner.WaitForAddressAsync("/login/forgot-password");

        tab.Problems.AssertNone();
        var log = string.Join('\n', portal.Output.Lines);
        foreach (var secret in new[] { link.Fragment[1..], New }) Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rescue_command_prints_a_link_that_sets_a_password_and_an_unknown_token_is_told_at_the_end_only()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.GotoAsync("/invitation#no-such-token");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Welcome: set your password" }).WaitForAsync();
        await SetAsync(tab, New, New);
        Assert.Contains("This link no longer works", await tab.AlertAsync(), StringComparison.Ordinal);

        var unknown = await portal.RunCommandAsync(["reset-password", "nobody"]);
        Assert.Equal(1, unknown.ExitCode);
        var printed = await portal.RunCommandAsync(["reset-password", Admin.Username]);
        Assert.True(printed.ExitCode == 0, printed.ToString());
        await tab.GotoAsync(printed.Output.Trim());
        await SetAsync(tab, New, New);
        await tab.WaitForAddressAsync("/login");
        await new Visitor(tab).SignInAsync(Admin.Username, New);

        // A reset signs the person out everywhere, in the tab of the link too.
        printed = await portal.RunCommandAsync(["reset-password", Admin.Email]);
        var second = await tab.NewTabAsync();
        await second.GotoAsync(printed.Output.Trim());
        await SetAsync(second, "nine old kettles hum", "nine old kettles hum");
        Assert.Contains("your password changed", await tab.AlertAsync(), StringComparison.Ordinal);
        Assert.Contains("your password changed", await second.AlertAsync(), StringComparison.Ordinal);
        await new Visitor(second).SignInAsync(Admin.Username, "nine old kettles hum");
        second.Problems.AssertNone();
    }

    private static async Task<string> AskAsync(PortalPage tab, string name)
    {
        // The sign-in page has a field of the same name.
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Send link" }).WaitForAsync();
        await tab.FillAsync("Username or email", name);
        await tab.PressAsync("Send link");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Check your email" }).WaitForAsync();
        return await tab.StatusAsync();
    }

    private static async Task SetAsync(PortalPage tab, string password, string confirm)
    {
        await tab.FillAsync("New password", password);
        await tab.FillAsync("Confirm password", confirm);
        await tab.PressAsync("Set password");
    }
}

using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// WCAG 2.2 AA as far as a program can check it, in both themes and at both widths. The screenshots are kept for people to look at.
/// </summary>
public sealed class AccessibilityTests(Browser browser)
{
    [Theory]
    [InlineData(ColorScheme.Light, false)]
    [InlineData(ColorScheme.Dark, true)]
    public async Task No_page_has_a_violation(ColorScheme scheme, bool phone)
    {
        var admin = PortalSettings.FirstAdministrator;
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress, phone ? Browser.Phone : Browser.Desktop, scheme);
        var person = new Visitor(tab);
        Task CheckAsync(string name) => tab.AssertNoViolationAsync($"{name}-{(phone ? 390 : 1280)}-{scheme}");

        await tab.GotoAsync("/login");
        await CheckAsync("sign-in");
        await person.EnterPasswordAsync("nobody", "nothing");
        await tab.AlertAsync();
        await CheckAsync("sign-in-wrong");
        await tab.GotoAsync("/login/forgot-password");
        await CheckAsync("forgotten-password");
        await tab.FillAsync("Username or email", "nobody");
        await tab.PressAsync("Send link");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Check your email" }).WaitForAsync();
        await CheckAsync("forgotten-password-sent");
        await tab.GotoAsync("/reset-password#no-such-token");
        await tab.FillAsync("New password", "eleven brave lamps sing");
        await tab.FillAsync("Confirm password", "another one");
        await tab.PressAsync("Set password");
        await tab.AlertAsync();
        await CheckAsync("reset-password");
        await tab.FillAsync("Confirm password", "eleven brave lamps sing");
        await tab.PressAsync("Set password");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "This link no longer works" }).WaitForAsync();
        await CheckAsync("reset-password-ended");
        await tab.GotoAsync("/login/lost-device");
        await CheckAsync("lost-device");
        await tab.FillAsync("Username or email", "nobody");
        await tab.PressAsync("Send link");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Check your email" }).WaitForAsync();
        await CheckAsync("lost-device-sent");
        await tab.GotoAsync("/lost-device/confirm#no-such-token");
        await tab.FillAsync("Username or email", "nobody");
        await tab.PressAsync("Sign in and disable MFA");
        await tab.AlertAsync();
        await CheckAsync("lost-device-confirm");
        await tab.FillAsync("Password", "eleven brave lamps sing");
        await tab.PressAsync("Sign in and disable MFA");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "This link no longer works" }).WaitForAsync();
        await CheckAsync("lost-device-link-ended");
        await tab.GotoAsync("/help/mfa");
        await CheckAsync("help-signed-out");
        await tab.GotoAsync("/login");
        await person.SignInAsync(admin.Username, admin.Password);
        await CheckAsync("home");
        await tab.GotoAsync("/help/mfa");
        await tab.FillAsync("Feedback", new string('x', 2_001));
        await tab.PressAsync("Send feedback");
        await tab.AlertAsync();
        await CheckAsync("help-no-stars");
        await tab.Page.GetByRole(AriaRole.Radio, new() { Name = "4 stars" }).CheckAsync();
        await tab.PressAsync("Send feedback");
        await tab.Page.GetByText("Nothing of it is lost").WaitForAsync();
        await CheckAsync("help-too-long");
        await tab.FillAsync("Feedback", "A clear article. What is missing: how two people share one phone.");
        await tab.PressAsync("Send feedback");
        await tab.Page.GetByText("4.0 of 5").WaitForAsync();
        await CheckAsync("help-rated");
        await tab.GotoAsync("/settings/communication-templates/email-templates/lost-device-link");
        await CheckAsync("email-template");
        await tab.Page.GetByLabel("HTML body", new() { Exact = true }).FillAsync("<p>\n{{ nobody }}\n{{ link }}</p>");
        await tab.Page.GetByText("The preview waits until this is right:").WaitForAsync();
        await tab.PressAsync("Save");
        await tab.AlertAsync();
        await CheckAsync("email-template-faults");
        await tab.Page.GetByLabel("HTML body", new() { Exact = true }).FillAsync("<p>Your way in: <a href=\"{{ link }}\">{{ link }}</a></p>");
        await tab.PressAsync("Save");
        await tab.Page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await tab.PressAsync("Send test to me");
        await tab.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "A test is on its way" }).First.WaitForAsync();
        await tab.PressAsync("History");
        await tab.Page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await CheckAsync("email-template-history");
        await tab.GotoAsync("/settings/communication-templates/email-templates");
        await tab.Page.GetByText("English: Changed", new() { Exact = true }).WaitForAsync();
        await CheckAsync("email-templates");
        await tab.GotoAsync("/settings/outbox");
        await tab.Page.GetByText("Written to folder", new() { Exact = true }).First.WaitForAsync();
        await CheckAsync("outbox");
        await tab.GotoAsync("/settings/configuration/additional-settings");
        await tab.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Enable Multi-factor authentication" }).CheckAsync();
        await CheckAsync("additional-settings");
        await tab.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings" })
            .GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await tab.Page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await tab.GotoAsync("/settings/audit-trail");
        await tab.Page.GetByRole(AriaRole.Table, new() { Name = "Audit trail" }).GetByText("Signed in").First.WaitForAsync();
        await CheckAsync("audit-trail");
        await tab.GotoAsync("/settings/audit-trail?user=nobody");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "No user matches" }).WaitForAsync();
        await CheckAsync("audit-trail-empty");
        await tab.GotoAsync("/settings/users/import");
        await tab.Page.GetByLabel("CSV file").WaitForAsync();
        await CheckAsync("users-import");
        await tab.GotoAsync("/settings/users/new");
        await tab.FillAsync("Username", admin.Username);
        await tab.FillAsync("Name", "Ünal Demir");
        await tab.PressAsync("Create user");
        await tab.AlertAsync();
        await CheckAsync("new-user-wrong");
        await tab.FillAsync("Username", "unal.demir");
        await tab.FillAsync("Email", "unal.demir@northwind.test");
        await tab.PressAsync("Create user");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Ünal Demir" }).WaitForAsync();
        await CheckAsync("user-record");
        foreach (var button in new[] { "Lock", "Edit" })
        {
            await tab.PressAsync(button);
            await tab.Page.GetByRole(AriaRole.Dialog).WaitForAsync();
            await CheckAsync($"user-record-{button.ToLowerInvariant()}");
            await tab.PressAsync("Cancel");
            await tab.Page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        }
        await tab.PressAsync("Setup MFA");
        await tab.Page.GetByRole(AriaRole.Note).WaitForAsync();
        await CheckAsync("wizard-for-somebody-else");
        await tab.GotoAsync("/account");
        await CheckAsync("account");
        await tab.PressAsync("Setup MFA");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Next" }).WaitForAsync();
        await CheckAsync("wizard-get-an-app");
        await tab.GotoAsync("/account");
        await person.ScanAsync();
        await CheckAsync("wizard-scan");
        await tab.PressAsync("Next");
        await tab.FillAsync("Six-digit code", "000000");
        await tab.PressAsync("Save");
        await tab.AlertAsync();
        await CheckAsync("wizard-confirm-wrong");
        await tab.FillAsync("Six-digit code", await person.NextCodeAsync());
        await tab.PressAsync("Save");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Done" }).WaitForAsync();
        await CheckAsync("wizard-done");
        await tab.SaveCodesAsync();
        await tab.PressAsync("Disable MFA");
        await tab.Page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await CheckAsync("disable-mfa");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await person.SignOutAsync();
        await person.EnterPasswordAsync(admin.Username, admin.Password);
        await tab.Page.GetByLabel("Authentication code").WaitForAsync();
        await CheckAsync("code-step");
        await tab.PressAsync("Use a recovery code");
        await CheckAsync("code-step-recovery");
    }
}

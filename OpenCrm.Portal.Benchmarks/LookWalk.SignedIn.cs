using Microsoft.Playwright;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>What every person sees: Home, the own record, the wizard, step-up.</summary>
internal sealed partial class LookWalk
{
    private async Task MemberAsync()
    {
        await OpenAsync(portal);
        await SignInAsync(Admin.Username, Admin.Password);
        await GotoAsync(PortalUrls.Users + "?status=Active&mfa=no");
        var rows = _page.GetByRole(AriaRole.Table, new() { Name = "Users" }).Locator("tbody tr").Filter(new() { HasText = "@demo.example" });
        await rows.First.WaitForAsync();
        var member = (await rows.Filter(new() { HasNotText = "System administrator" }).First.Locator("th").InnerTextAsync()).Trim();
        await OpenAsync(portal);
        await SignInAsync(member, demoPassword);
        await LookAsync("member-home");
        await _page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account menu, ") }).ClickAsync();
        await LookAsync("member-menu");
        await GotoAsync(PortalUrls.Users);
        await LookAsync("no-access");
        await GotoAsync("/no-such-page");
        await LookAsync("not-found");
        await GotoAsync(PortalUrls.Account);
        await LookAsync("member-account");
        await PressAsync("Change password");
        await FillAsync("New password", "Eleven");
        await LookAsync("change-password");
        await PressAsync("OK");
        await AlertAsync();
        await LookAsync("change-password-wrong");
        await PressAsync("Cancel");
        await PressAsync("Change email");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("change-email");
        await PressAsync("Cancel");
        await GotoAsync(PortalUrls.HelpMfa);
        await LookAsync("member-help");
        await _page.GetByLabel("Feedback").FillAsync(new string('x', 2_001));
        await PressAsync("Send feedback");
        await AlertAsync();
        await LookAsync("member-help-wrong");
        await _page.GetByRole(AriaRole.Radio, new() { Name = "4 stars" }).CheckAsync();
        await FillAsync("Feedback", "A clear article.\nWhat is missing: how two people share one phone.");
        await PressAsync("Send feedback");
        await _page.GetByText("Nothing of it is lost").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await _page.GetByText("Thank you").First.WaitForAsync();
        await LookAsync("member-help-rated");
    }

    private async Task WizardAsync()
    {
        await GotoAsync($"{PortalUrls.Users}?search=unal.demir");
        await _page.GetByRole(AriaRole.Link, new() { Name = "unal.demir" }).ClickAsync();
        await PressAsync("Unlock");
        await PressAsync("OK");
        await PressAsync("Setup MFA");
        await _page.GetByRole(AriaRole.Note).First.WaitForAsync();
        await LookAsync("wizard-for-somebody-else");
        await PressAsync("Cancel");
        await GotoAsync(PortalUrls.Account);
        await _page.Locator("#mfa").WaitForAsync();
        await LookAsync("account");
        await PressAsync("Setup MFA");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Next" }).WaitForAsync();
        await LookAsync("wizard-app");
        await PressAsync("Next");
        await _page.GetByRole(AriaRole.Img, new() { Name = "QR code" }).WaitForAsync();
        // Before a picture writes over it.
        _key = (await _page.Locator("[role=group][translate=no]").TextContentAsync())!.Replace(" ", "", StringComparison.Ordinal);
        await LookAsync("wizard-scan");
        await _page.Locator("details summary").ClickAsync();
        await LookAsync("wizard-key");
        await _page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("wizard-leave");
        await PressAsync("Cancel");
        await PressAsync("Next");
        await _page.GetByLabel("Six-digit code").FillAsync("000000");
        await PressAsync("Save");
        await AlertAsync();
        await LookAsync("wizard-wrong");
        await _page.GetByLabel("Six-digit code").FillAsync(NextCode());
        await PressAsync("Save");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Done" }).WaitForAsync();
        await LookAsync("wizard-done");
        await _page.GetByLabel("I have saved these codes").CheckAsync();
        await PressAsync("Done");
        await PressAsync("Disable MFA");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("disable-mfa");
        await PressAsync("Cancel");
        await LookAsync("account-enrolled");
        await PressAsync("Setup MFA");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Replace" }).WaitForAsync();
        await LookAsync("wizard-choose");
        await PressAsync("Replace");
        await _page.GetByRole(AriaRole.Note).First.WaitForAsync();
        await LookAsync("wizard-again");
        await PressAsync("Cancel");
    }

    private async Task StepUpAsync()
    {
        await RewriteSessionsAsync("ProvedAt = 1, ProvedInPartAt = 1");
        await GotoAsync(PortalUrls.NewUser);
        await FillAsync("Username", "late.comer");
        await FillAsync("Name", "Late Comer");
        await FillAsync("Email", "late.comer@northwind.test");
        await _page.GetByRole(AriaRole.Checkbox, new() { Name = "System administrator" }).CheckAsync();
        await PressAsync("Create user");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("step-up");
        await PressAsync("Cancel");
        await GotoAsync(PortalUrls.Account);
        await PressAsync("Disable MFA");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await PressAsync("OK");
        await AlertAsync();
        await LookAsync("step-up-in-popup");
        await PressAsync("Cancel");
        await RewriteSessionsAsync("LastSeenAt = 1");
        await _page.ReloadAsync();
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("sign-in-again");
        await PressAsync("Sign out and discard");
        await _page.GetByLabel("Username or email").WaitForAsync();
        await EnterPasswordAsync(Admin.Username, Admin.Password);
        await _page.GetByLabel("Authentication code").WaitForAsync();
        await LookAsync("code-step");
        await _page.GetByLabel("Authentication code").FillAsync("000000");
        await PressAsync("Verify");
        await AlertAsync();
        await LookAsync("code-step-wrong");
    }
}

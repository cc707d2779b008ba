using Microsoft.Playwright;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>What system administrators see: settings, users, templates, lists.</summary>
internal sealed partial class LookWalk
{
    private async Task AdministratorAsync()
    {
        await OpenAsync(portal);
        await SignInAsync(Admin.Username, Admin.Password);
        await LookAsync("home");
        await _page.EvaluateAsync("document.getElementById('drawer').showPopover()");
        await LookAsync("drawer");
        await _page.EvaluateAsync("document.getElementById('drawer').hidePopover()");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Configuration" }).ClickAsync();
        await LookAsync("navigation-closed");
    }

    private async Task ReadSettingsAsync()
    {
        await GotoAsync(PortalUrls.AdditionalSettings);
        await LookAsync("settings");
        var security = Block("Security Settings");
        await security.GetByLabel("Login attempts before lock").FillAsync("0");
        await security.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await AlertAsync();
        await Block("Password Policy Settings").GetByLabel("Minimum length").FillAsync("9");
        await LookAsync("settings-wrong");
        await _page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("settings-unsaved");
        await PressAsync("Cancel");

        // Somebody else saves the same block meanwhile.
        await GotoAsync(PortalUrls.AdditionalSettings);
        await security.GetByLabel("Session timeout (minutes)").FillAsync("45");
        var other = await _page.Context.NewPageAsync();
        await other.GotoAsync(PortalUrls.AdditionalSettings);
        await other.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        var theirs = other.GetByRole(AriaRole.Region, new() { Name = "Security Settings" });
        await theirs.GetByLabel("Session timeout (minutes)").FillAsync("60");
        await theirs.GetByLabel("Lost-device link lifetime (minutes)").FillAsync("40");
        await theirs.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await other.GetByRole(AriaRole.Status).Filter(new() { HasText = "Saved" }).First.WaitForAsync();
        await other.CloseAsync();
        await security.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await security.GetByText("Now saved").First.WaitForAsync();
        await LookAsync("settings-contested");

        await GotoAsync(PortalUrls.AdditionalSettings);
        await security.GetByRole(AriaRole.Checkbox, new() { Name = "Enable Multi-factor authentication" }).CheckAsync();
        await security.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("mfa-switch-on");
        await PressAsync("Switch on", "Continue", "OK");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await GotoAsync(PortalUrls.AdditionalSettings);
        await security.GetByRole(AriaRole.Checkbox, new() { Name = "Enable Multi-factor authentication" }).UncheckAsync();
        await security.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("mfa-switch-off");
        await PressAsync("Cancel");
        await _page.ReloadAsync();
    }

    private async Task UsersAsync()
    {
        await GotoAsync(PortalUrls.Users);
        await TableAsync("Users");
        await LookAsync("users");
        await GotoAsync(PortalUrls.Users + "?status=Active&mfa=yes&sort=Name&desc=true");
        await TableAsync("Users");
        await LookAsync("users-filtered");
        await GotoAsync(PortalUrls.Users + "?search=" + new string('x', 300));
        await HeadingAsync("No user matches", orAny: true);
        await LookAsync("users-empty");
        await GotoAsync(PortalUrls.Users);
        await FillAsync("Search", "a\u0001");
        await _page.GetByRole(AriaRole.Alert).First.WaitForAsync();
        await LookAsync("users-search-notice");
        await GotoAsync(PortalUrls.NewUser);
        await LookAsync("new-user");
        await FillAsync("Username", Admin.Username);
        await FillAsync("Name", "Ünal Demir");
        await PressAsync("Create user");
        await AlertAsync();
        await LookAsync("new-user-wrong");
        await FillAsync("Username", "unal.demir");
        await FillAsync("Email", "unal.demir@northwind.test");
        await PressAsync("Create user");
        await HeadingAsync("Ünal Demir");
        await LookAsync("user-invited");
        await PressAsync("Edit");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await FillAsync("Name", "");
        await PressAsync("OK");
        await AlertAsync();
        await LookAsync("edit-user-wrong");
        await PressAsync("Cancel");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await PressAsync("Lock");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("lock-user");
        await PressAsync("OK");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).WaitForAsync();
        await LookAsync("user-locked");
        await GotoAsync(PortalUrls.OfUser(Guid.Empty));
        await _page.Locator("main h1").WaitForAsync();
        await LookAsync("no-such-user");
        foreach (var filter in new[] { "status=Inactive", "status=Active&mfa=yes" })
        {
            await GotoAsync($"{PortalUrls.Users}?{filter}");
            await TableAsync("Users");
            await _page.GetByRole(AriaRole.Table, new() { Name = "Users" }).Locator("tbody th a").First.ClickAsync();
            await _page.Locator("#mfa").WaitForAsync();
            await LookAsync(filter.EndsWith("yes", StringComparison.Ordinal) ? "user-enrolled" : "user-inactive");
        }
    }

    private async Task TemplatesAsync()
    {
        var html = _page.GetByLabel("HTML body", new() { Exact = true });
        await GotoAsync(PortalUrls.EmailTemplates + "/lost-device-link");
        await html.WaitForAsync();
        await LookAsync("template");
        await _page.GetByRole(AriaRole.Tab).Last.ClickAsync();
        await LookAsync("template-text");
        await _page.GetByRole(AriaRole.Tab).First.ClickAsync();
        await html.FillAsync("<p>\n{{ nobody }}\n{{ link }}</p>");
        await _page.GetByText("The preview waits until this is right:").WaitForAsync();
        await PressAsync("Save");
        await AlertAsync();
        await LookAsync("template-faults");
        await html.FillAsync("<p>Your way in: <a href=\"{{ link }}\">{{ link }}</a></p>");
        await PressAsync("Save");
        await _page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await html.FillAsync("<p>Mine: <a href=\"{{ link }}\">{{ link }}</a></p>");
        var other = await _page.Context.NewPageAsync();
        await other.GotoAsync(PortalUrls.EmailTemplates + "/lost-device-link");
        await other.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await other.GetByLabel("HTML body", new() { Exact = true }).FillAsync("<p>Theirs: <a href=\"{{ link }}\">{{ link }}</a></p>");
        await other.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await other.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await other.CloseAsync();
        await PressAsync("Save");
        await _page.Locator(".theirs").First.WaitForAsync();
        await _page.Locator(".theirs summary").First.ClickAsync();
        await LookAsync("template-contested");
        await PressAsync("History");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("template-history");
        await _page.Keyboard.PressAsync("Escape");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await PressAsync("Reset to default");
        await _page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("template-reset");
        await PressAsync("Cancel");
        await _page.ReloadAsync();
        await GotoAsync(PortalUrls.EmailTemplates + "/no-such");
        await _page.Locator("main h1").WaitForAsync();
        await LookAsync("template-missing");
        await GotoAsync(PortalUrls.EmailTemplates);
        await _page.GetByText("Changed", new() { Exact = true }).WaitForAsync();
        await LookAsync("templates");
    }

    private async Task ListsAsync()
    {
        await GotoAsync(PortalUrls.Outbox);
        await _page.GetByText("Written to folder").First.WaitForAsync();
        await _page.Locator("table:not([aria-busy])").WaitForAsync();
        await _page.Locator("tbody").GetByText("Waiting", new() { Exact = true }).First.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await LookAsync("outbox");
        await GotoAsync(PortalUrls.Outbox + "?search=nobody-at-all");
        await _page.Locator("main h2").First.WaitForAsync();
        await LookAsync("outbox-empty");
        await GotoAsync(PortalUrls.AuditTrail + "?user=admin");
        await TableAsync("Audit trail");
        await LookAsync("audit-trail");
        await GotoAsync(PortalUrls.AuditTrail + "?user=nobody");
        await HeadingAsync("No user matches");
        await LookAsync("audit-trail-empty");
        await GotoAsync(PortalUrls.HelpMfa);
        await _page.GetByText("4.0 of 5").WaitForAsync();
        await LookAsync("help");
    }
}

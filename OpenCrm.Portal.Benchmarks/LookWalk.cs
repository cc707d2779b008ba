using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using OtpNet;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Walks through every page and state, the same way each time, and takes screenshots. A part that fails is reported and does not stop the others.
/// </summary>
internal sealed class LookWalk(TextWriter report, IBrowser browser, string folder, PortalProcess fresh, PortalProcess portal, string demoPassword)
{
    private const string Nobody = "nobody";
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    private IBrowserContext? opened;
    private IPage page = null!;
    private LookCamera camera = null!;
    private int pictured;
    private string? key;
    private long lastStep;

    public async Task<bool> RunAsync()
    {
        var watch = Stopwatch.StartNew();
        List<string> failed = [];
        Func<Task>[] parts =
        [
            SetUpAsync, FrontDoorAsync, MailedLinksAsync, LockedAsync, ConnectionAsync, UnscriptedAsync, MemberAsync,
            // From here on in the browser of one administrator.
            AdministratorAsync, ReadSettingsAsync, UsersAsync, TemplatesAsync, ListsAsync, WizardAsync, StepUpAsync,
        ];
        foreach (var part in parts)
        {
            try
            {
                await part();
            }
            catch (Exception failure) when (failure is PlaywrightException or TimeoutException)
            {
                failed.Add(part.Method.Name);
                await report.WriteLineAsync($"{part.Method.Name} failed at {page.Url}: {failure.Message}");
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"failed-{part.Method.Name}.jpg"), Type = ScreenshotType.Jpeg });
            }
        }
        await report.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{pictured} states in {LookCamera.PicturesPerState} shapes, {watch.Elapsed.TotalSeconds:0} s{(failed.Count > 0 ? ", not complete" : "")}"));
        return failed.Count == 0;
    }

    private async Task SetUpAsync()
    {
        await OpenAsync(fresh);
        await GotoAsync(PortalUrls.Setup);
        await LookAsync("setup");
        await PressAsync("Create system administrator");
        await AlertAsync();
        await LookAsync("setup-wrong");
    }

    private async Task FrontDoorAsync()
    {
        await OpenAsync(portal);
        await GotoAsync(PortalUrls.SignIn);
        await LookAsync("sign-in");
        await EnterPasswordAsync(Nobody, "nothing");
        await AlertAsync();
        await LookAsync("sign-in-wrong");
        await page.EvaluateAsync("document.querySelector('[type=submit]').setAttribute('aria-busy', 'true')");
        await LookAsync("sign-in-busy");
        await GotoAsync(PortalUrls.ForgottenPassword);
        await LookAsync("forgotten-password");
        await FillAsync("Username or email", Nobody);
        await PressAsync("Send link");
        await HeadingAsync("Check your email");
        await LookAsync("forgotten-password-sent");
        await GotoAsync(PortalUrls.LostDevice);
        await LookAsync("lost-device");
        await FillAsync("Username or email", Nobody);
        await PressAsync("Send link");
        await HeadingAsync("Check your email");
        await LookAsync("lost-device-sent");
        await GotoAsync(PortalUrls.HelpMfa);
        await LookAsync("help-signed-out");
        await GotoAsync("/no-such-page");
        await LookAsync("not-found-signed-out");
        await GotoAsync(PortalUrls.Error);
        await LookAsync("error");
    }

    private async Task MailedLinksAsync()
    {
        await OpenAsync(portal);
        foreach (var (name, address) in new[] { ("reset-password", PortalUrls.ResetPassword), ("invitation", PortalUrls.Invitation), ("lost-device-confirm", PortalUrls.LostDeviceConfirm) })
        {
            await GotoAsync(address);
            await page.Locator("main h1").WaitForAsync();
            await LookAsync($"{name}-incomplete");
        }
        await GotoAsync(PortalUrls.ResetPassword + "#no-such-token");
        await FillAsync("New password", "Eleven brave");
        await LookAsync("reset-password");
        await FillAsync("Confirm password", "another one");
        await PressAsync("Set password");
        await AlertAsync();
        await LookAsync("reset-password-wrong");
        await FillAsync("New password", "eleven brave lamps sing");
        await FillAsync("Confirm password", "eleven brave lamps sing");
        await PressAsync("Set password");
        await HeadingAsync("This link no longer works");
        await LookAsync("reset-password-ended");
        await GotoAsync(PortalUrls.Invitation + "#no-such-token");
        await page.GetByLabel("New password", new() { Exact = true }).WaitForAsync();
        await LookAsync("invitation");
        await GotoAsync(PortalUrls.LostDeviceConfirm + "#no-such-token");
        await LookAsync("lost-device-confirm");
        await FillAsync("Username or email", Nobody);
        await PressAsync("Sign in and disable MFA");
        await AlertAsync();
        await LookAsync("lost-device-confirm-wrong");
        await FillAsync("Password", "eleven brave lamps sing");
        await PressAsync("Sign in and disable MFA");
        await HeadingAsync("This link no longer works");
        await LookAsync("lost-device-ended");
    }

    private async Task LockedAsync()
    {
        await OpenAsync(portal);
        await GotoAsync(PortalUrls.SignIn);
        var form = page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true });
        for (var i = 0; i < 8 && await form.CountAsync() > 0; i++)
        {
            await EnterPasswordAsync("guessed", $"nothing {i}");
            await page.Locator("main [role=alert]").First.WaitForAsync();
            await Task.Delay(1_000);
        }
        await LookAsync("locked");
    }

    private async Task ConnectionAsync()
    {
        await OpenAsync(portal);
        await GotoAsync(PortalUrls.SignIn);
        foreach (var state in new[] { "retrying", "rejected", "starting", "address", "blocked", "stalled" })
        {
            await page.EvaluateAsync(
                """
                state => {
                  const dialog = document.getElementById('reconnect');
                  dialog.dataset.state = state;
                  const link = dialog.querySelector('a');
                  if (state === 'address') link.textContent = link.href = 'https://crm.northwind.example';
                  if (dialog.open) dialog.close();
                  if (state === 'rejected') dialog.show();
                  else dialog.showModal();
                }
                """,
                state);
            await LookAsync($"reconnect-{state}");
        }
        await page.EvaluateAsync("document.getElementById('reconnect').close(); document.getElementById('blazor-error-ui').style.display = 'block'");
        await LookAsync("circuit-failed");
    }

    private async Task UnscriptedAsync()
    {
        await OpenAsync(portal, script: false);
        await page.GotoAsync(PortalUrls.SignIn);
        await LookAsync("no-script");
        await OpenAsync(portal);
        await page.RouteAsync("**/*.js", route => route.AbortAsync());
        await page.GotoAsync(PortalUrls.SignIn);
        await LookAsync("no-script-arrives");
    }

    private async Task MemberAsync()
    {
        await OpenAsync(portal);
        await SignInAsync(Admin.Username, Admin.Password);
        await GotoAsync(PortalUrls.Users + "?status=Active&mfa=no");
        var rows = page.GetByRole(AriaRole.Table, new() { Name = "Users" }).Locator("tbody tr").Filter(new() { HasText = "@demo.example" });
        await rows.First.WaitForAsync();
        var member = (await rows.Filter(new() { HasNotText = "System administrator" }).First.Locator("th").InnerTextAsync()).Trim();
        await OpenAsync(portal);
        await SignInAsync(member, demoPassword);
        await LookAsync("member-home");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account menu, ") }).ClickAsync();
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
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("change-email");
        await PressAsync("Cancel");
        await GotoAsync(PortalUrls.HelpMfa);
        await LookAsync("member-help");
        await page.GetByLabel("Feedback").FillAsync(new string('x', 2_001));
        await PressAsync("Send feedback");
        await AlertAsync();
        await LookAsync("member-help-wrong");
        await page.GetByRole(AriaRole.Radio, new() { Name = "4 stars" }).CheckAsync();
        await FillAsync("Feedback", "A clear article.\nWhat is missing: how two people share one phone.");
        await PressAsync("Send feedback");
        await page.GetByText("Nothing of it is lost").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await Task.Delay(500);
        await LookAsync("member-help-rated");
    }

    private async Task AdministratorAsync()
    {
        await OpenAsync(portal);
        await SignInAsync(Admin.Username, Admin.Password);
        await LookAsync("home");
        await page.EvaluateAsync("document.getElementById('drawer').showPopover()");
        await LookAsync("drawer");
        await page.EvaluateAsync("document.getElementById('drawer').hidePopover()");
        await page.GetByRole(AriaRole.Button, new() { Name = "Configuration" }).ClickAsync();
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
        await page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("settings-unsaved");
        await PressAsync("Cancel");

        // Somebody else saves the same block meanwhile.
        await GotoAsync(PortalUrls.AdditionalSettings);
        await security.GetByLabel("Session timeout (minutes)").FillAsync("45");
        var other = await page.Context.NewPageAsync();
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
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("mfa-switch-on");
        await PressAsync("Switch on", "Continue", "OK");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await GotoAsync(PortalUrls.AdditionalSettings);
        await security.GetByRole(AriaRole.Checkbox, new() { Name = "Enable Multi-factor authentication" }).UncheckAsync();
        await security.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("mfa-switch-off");
        await PressAsync("Cancel");
        await page.ReloadAsync();
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
        await page.GetByRole(AriaRole.Alert).First.WaitForAsync();
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
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await FillAsync("Name", "");
        await PressAsync("OK");
        await AlertAsync();
        await LookAsync("edit-user-wrong");
        await PressAsync("Cancel");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await PressAsync("Lock");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("lock-user");
        await PressAsync("OK");
        await page.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).WaitForAsync();
        await LookAsync("user-locked");
        await GotoAsync(PortalUrls.OfUser(Guid.Empty));
        await page.Locator("main h1").WaitForAsync();
        await LookAsync("no-such-user");
        foreach (var filter in new[] { "status=Inactive", "status=Active&mfa=yes" })
        {
            await GotoAsync($"{PortalUrls.Users}?{filter}");
            await TableAsync("Users");
            await page.GetByRole(AriaRole.Table, new() { Name = "Users" }).Locator("tbody th a").First.ClickAsync();
            await page.Locator("#mfa").WaitForAsync();
            await LookAsync(filter.EndsWith("yes", StringComparison.Ordinal) ? "user-enrolled" : "user-inactive");
        }
    }

    private async Task TemplatesAsync()
    {
        var html = page.GetByLabel("HTML body", new() { Exact = true });
        await GotoAsync(PortalUrls.EmailTemplates + "/lost-device-link");
        await html.WaitForAsync();
        await LookAsync("template");
        await page.GetByRole(AriaRole.Tab).Last.ClickAsync();
        await LookAsync("template-text");
        await page.GetByRole(AriaRole.Tab).First.ClickAsync();
        await html.FillAsync("<p>\n{{ nobody }}\n{{ link }}</p>");
        await page.GetByText("The preview waits until this is right:").WaitForAsync();
        await PressAsync("Save");
        await AlertAsync();
        await LookAsync("template-faults");
        await html.FillAsync("<p>Your way in: <a href=\"{{ link }}\">{{ link }}</a></p>");
        await PressAsync("Save");
        await page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await html.FillAsync("<p>Mine: <a href=\"{{ link }}\">{{ link }}</a></p>");
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(PortalUrls.EmailTemplates + "/lost-device-link");
        await other.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await other.GetByLabel("HTML body", new() { Exact = true }).FillAsync("<p>Theirs: <a href=\"{{ link }}\">{{ link }}</a></p>");
        await other.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await other.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await other.CloseAsync();
        await PressAsync("Save");
        await page.Locator(".theirs").First.WaitForAsync();
        await page.Locator(".theirs summary").First.ClickAsync();
        await LookAsync("template-contested");
        await PressAsync("History");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("template-history");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await PressAsync("Reset to default");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("template-reset");
        await PressAsync("Cancel");
        await page.ReloadAsync();
        await GotoAsync(PortalUrls.EmailTemplates + "/no-such");
        await page.Locator("main h1").WaitForAsync();
        await LookAsync("template-missing");
        await GotoAsync(PortalUrls.EmailTemplates);
        await page.GetByText("Changed", new() { Exact = true }).WaitForAsync();
        await LookAsync("templates");
    }

    private async Task ListsAsync()
    {
        await GotoAsync(PortalUrls.Outbox);
        await page.GetByText("Written to folder").First.WaitForAsync();
        await Task.Delay(1_500);
        await LookAsync("outbox");
        await GotoAsync(PortalUrls.Outbox + "?search=nobody-at-all");
        await page.Locator("main h2").First.WaitForAsync();
        await LookAsync("outbox-empty");
        await GotoAsync(PortalUrls.AuditTrail + "?user=admin");
        await TableAsync("Audit trail");
        await LookAsync("audit-trail");
        await GotoAsync(PortalUrls.AuditTrail + "?user=nobody");
        await HeadingAsync("No user matches");
        await LookAsync("audit-trail-empty");
        await GotoAsync(PortalUrls.HelpMfa);
        await page.GetByText("4.0 of 5").WaitForAsync();
        await LookAsync("help");
    }

    private async Task WizardAsync()
    {
        await GotoAsync($"{PortalUrls.Users}?search=unal.demir");
        await page.GetByRole(AriaRole.Link, new() { Name = "unal.demir" }).ClickAsync();
        await PressAsync("Unlock");
        await PressAsync("OK");
        await PressAsync("Setup MFA");
        await page.GetByRole(AriaRole.Note).First.WaitForAsync();
        await LookAsync("wizard-for-somebody-else");
        await PressAsync("Cancel");
        await GotoAsync(PortalUrls.Account);
        await page.Locator("#mfa").WaitForAsync();
        await LookAsync("account");
        await PressAsync("Setup MFA");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).WaitForAsync();
        await LookAsync("wizard-app");
        await PressAsync("Next");
        await page.GetByRole(AriaRole.Img, new() { Name = "QR code" }).WaitForAsync();
        // Before a picture writes over it.
        key = (await page.Locator("[role=group][translate=no]").TextContentAsync())!.Replace(" ", "", StringComparison.Ordinal);
        await LookAsync("wizard-scan");
        await page.Locator("details summary").ClickAsync();
        await LookAsync("wizard-key");
        await page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("wizard-leave");
        await PressAsync("Cancel");
        await PressAsync("Next");
        await page.GetByLabel("Six-digit code").FillAsync("000000");
        await PressAsync("Save");
        await AlertAsync();
        await LookAsync("wizard-wrong");
        await page.GetByLabel("Six-digit code").FillAsync(await NextCodeAsync());
        await PressAsync("Save");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).WaitForAsync();
        await LookAsync("wizard-done");
        await PressAsync("Done");
        await PressAsync("Disable MFA");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("disable-mfa");
        await PressAsync("Cancel");
        await LookAsync("account-enrolled");
        await PressAsync("Setup MFA");
        await page.GetByRole(AriaRole.Note).First.WaitForAsync();
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
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "System administrator" }).CheckAsync();
        await PressAsync("Create user");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("step-up");
        await PressAsync("Cancel");
        await GotoAsync(PortalUrls.Account);
        await PressAsync("Disable MFA");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await PressAsync("OK");
        await AlertAsync();
        await LookAsync("step-up-in-popup");
        await PressAsync("Cancel");
        await RewriteSessionsAsync("LastSeenAt = 1");
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await LookAsync("sign-in-again");
        await PressAsync("Sign out and discard");
        await page.GetByLabel("Username or email").WaitForAsync();
        await EnterPasswordAsync(Admin.Username, Admin.Password);
        await page.GetByLabel("Authentication code").WaitForAsync();
        await LookAsync("code-step");
        await page.GetByLabel("Authentication code").FillAsync("000000");
        await PressAsync("Verify");
        await AlertAsync();
        await LookAsync("code-step-wrong");
    }

    private async Task OpenAsync(PortalProcess at, bool script = true)
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = at.BaseAddress.ToString(),
            ViewportSize = new() { Width = 1280, Height = 900 },
            Locale = "en-GB",
            TimezoneId = "Europe/London",
            JavaScriptEnabled = script,
        });
        context.SetDefaultTimeout(20_000);
        if (opened is not null)
            await opened.CloseAsync();
        opened = context;
        page = await context.NewPageAsync();
        camera = new LookCamera(page, folder);
    }

    private async Task LookAsync(string name)
    {
        await camera.TakeAsync(name);
        pictured++;
    }

    private async Task GotoAsync(string address)
    {
        // Goes by an empty page, because a new fragment alone loads nothing.
        await page.GotoAsync("about:blank");
        await page.GotoAsync(address);
        await page.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    private async Task SignInAsync(string name, string password)
    {
        await GotoAsync(PortalUrls.SignIn);
        await EnterPasswordAsync(name, password);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account menu, ") }).WaitForAsync();
    }

    private async Task EnterPasswordAsync(string name, string password)
    {
        await FillAsync("Username or email", name);
        await FillAsync("Password", password);
        await PressAsync("Sign in");
    }

    private Task FillAsync(string label, string value) => page.GetByLabel(label, new() { Exact = true }).FillAsync(value);

    /// <summary>
    /// Presses the button with one of these names. If there are several, the last one: a dialog comes after the page in the document.
    /// </summary>
    private async Task PressAsync(params string[] names)
    {
        var button = page.GetByRole(AriaRole.Button, new() { Name = names[0], Exact = true });
        foreach (var name in names[1..])
            button = button.Or(page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }));
        await button.Last.ClickAsync();
    }

    private Task HeadingAsync(string name, bool orAny = false) =>
        (orAny ? page.Locator(".empty h2") : page.GetByRole(AriaRole.Heading, new() { Name = name })).First.WaitForAsync();

    private Task AlertAsync() => page.Locator("main [role=alert]:visible, dialog [role=alert]:visible").Filter(new() { HasTextRegex = new(@"\S") }).First.WaitForAsync();

    private Task TableAsync(string name) => page.GetByRole(AriaRole.Table, new() { Name = name }).Locator("tbody tr:not([aria-hidden]) >> nth=0").WaitForAsync();

    private ILocator Block(string name) => page.GetByRole(AriaRole.Region, new() { Name = name });

    /// <summary>Waits for a code that has not been used, because the portal accepts each code once.</summary>
    private async Task<string> NextCodeAsync()
    {
        static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
        var step = Math.Max(lastStep + 1, Now());
        await Eventually.TrueAsync(() => step <= Now(), "a new code", TimeSpan.FromSeconds(40));
        lastStep = step;
        return new Totp(Base32Encoding.ToBytes(key)).ComputeTotp(DateTimeOffset.FromUnixTimeSeconds(step * 30).UtcDateTime);
    }

    /// <summary>Changes the session rows, so that the sessions look older.</summary>
    private async Task RewriteSessionsAsync(string values)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(portal.DataFolder, "portal.db")}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"UPDATE Sessions SET {values} WHERE EndedAt IS NULL";
        await command.ExecuteNonQueryAsync();
    }
}

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
internal sealed partial class LookWalk(
    TextWriter report, IBrowser browser, string folder, PortalProcess fresh, PortalProcess portal, string demoPassword)
{
    private const string Nobody = "nobody";
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    private IBrowserContext? _opened;
    private IPage _page = null!;
    private LookCamera _camera = null!;
    private int _pictured;
    private string? _key;
    private long _lastStep;

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
                await report.WriteLineAsync($"{part.Method.Name} failed at {_page.Url}: {failure.Message}");
                await _page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"failed-{part.Method.Name}.jpg"), Type = ScreenshotType.Jpeg });
            }
        }
        await report.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{_pictured} states in {LookCamera.PicturesPerState} shapes, {watch.Elapsed.TotalSeconds:0} s"
            + $"{(failed.Count > 0 ? ", not complete" : "")}"));
        return failed.Count == 0;
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
        if (_opened is not null)
            await _opened.CloseAsync();
        _opened = context;
        _page = await context.NewPageAsync();
        _camera = new LookCamera(_page, folder, script);
    }

    private async Task LookAsync(string name)
    {
        await _camera.TakeAsync(name);
        _pictured++;
    }

    private async Task GotoAsync(string address)
    {
        // Goes by an empty page, because a new fragment alone loads nothing.
        await _page.GotoAsync("about:blank");
        await _page.GotoAsync(address);
        await _page.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    private async Task SignInAsync(string name, string password)
    {
        await GotoAsync(PortalUrls.SignIn);
        await EnterPasswordAsync(name, password);
        await _page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account menu, ") }).WaitForAsync();
    }

    private async Task EnterPasswordAsync(string name, string password)
    {
        await FillAsync("Username or email", name);
        await FillAsync("Password", password);
        await PressAsync("Sign in");
    }

    private Task FillAsync(string label, string value) => _page.GetByLabel(label, new() { Exact = true }).FillAsync(value);

    /// <summary>
    /// Presses the button with one of these names. If there are several, the last one: a dialog comes after the page in the document.
    /// </summary>
    private async Task PressAsync(params string[] names)
    {
        var button = _page.GetByRole(AriaRole.Button, new() { Name = names[0], Exact = true });
        foreach (var name in names[1..])
            button = button.Or(_page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }));
        await button.Last.ClickAsync();
    }

    private Task HeadingAsync(string name, bool orAny = false) =>
        (orAny ? _page.Locator(".empty h2") : _page.GetByRole(AriaRole.Heading, new() { Name = name })).First.WaitForAsync();

    private Task AlertAsync() =>
        _page.Locator("main [role=alert]:visible, dialog [role=alert]:visible").Filter(new() { HasTextRegex = new(@"\S") }).First.WaitForAsync();

    private Task TableAsync(string name) =>
        _page.GetByRole(AriaRole.Table, new() { Name = name }).Locator("tbody tr:not([aria-hidden]) >> nth=0").WaitForAsync();

    private ILocator Block(string name) => _page.GetByRole(AriaRole.Region, new() { Name = name });

    /// <summary>Waits for a code that has not been used, because the portal accepts each code once.</summary>
    private async Task<string> NextCodeAsync()
    {
        static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
        var step = Math.Max(_lastStep + 1, Now());
        await Eventually.TrueAsync(() => step <= Now(), "a new code", TimeSpan.FromSeconds(40));
        _lastStep = step;
        return new Totp(Base32Encoding.ToBytes(_key)).ComputeTotp(DateTimeOffset.FromUnixTimeSeconds(step * 30).UtcDateTime);
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

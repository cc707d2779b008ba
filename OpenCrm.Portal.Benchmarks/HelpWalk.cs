using System.Globalization;
using Microsoft.Playwright;
using OpenCrm.Portal.Help;
using OpenCrm.Portal.Tests.Support;
using OtpNet;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>Walks where the help article leads, in one language, and takes its pictures. It finds its way by the portal's own texts.</summary>
internal sealed class HelpWalk(IBrowser browser, PortalProcess portal, LookClock clock, string language, string webRoot)
{
    private const int MostBytes = 40_000;

    /// <summary>Below this a picture is cut: what matters stands at the top of each.</summary>
    private const int Highest = 560;

    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    private IBrowserContext? _opened;
    private IPage _page = null!;
    private IPage _table = null!;
    private string _key = "";
    private int _taken;

    private ILocator Card => _page.Locator(".front__card");

    private ILocator Wizard => _page.Locator(".wizard");

    public async Task<bool> RunAsync(TextWriter report)
    {
        // The texts as this language has them, for finding buttons and fields.
        Texts.Culture = CultureInfo.GetCultureInfo(language);
        _table = await browser.NewPageAsync();
        await OpenAsync();
        try
        {
            await BeforeSigningInAsync();
            await SettingsAsync();
            await WizardAsync();
            await CodeStepAsync();
        }
        catch (Exception failure) when (failure is PlaywrightException or TimeoutException)
        {
            var seen = Path.Combine(Path.GetTempPath(), "opencrm-looks-failed.png");
            await _page.ScreenshotAsync(new() { Path = seen });
            await report.WriteLineAsync($"{language}: failed at {_page.Url}, see {seen}: {failure.Message}");
            return false;
        }
        await _opened!.CloseAsync();
        await _table.CloseAsync();
        await report.WriteLineAsync($"{language}: {_taken} pictures");
        return true;
    }

    private async Task BeforeSigningInAsync()
    {
        await GotoAsync(PortalUrls.SignIn);
        await TakeAsync(HelpShot.SignIn, Card);
        await GotoAsync(PortalUrls.LostDevice);
        await TakeAsync(HelpShot.LostDevice, Card);
        await GotoAsync(PortalUrls.LostDeviceConfirm + "#example");
        await _page.Locator("input[type=password]").WaitForAsync();
        await TakeAsync(HelpShot.LostDeviceConfirm, Card);
        await GotoAsync(PortalUrls.SignIn);
        var password = _page.Locator("main input[type=password]");
        for (var i = 0; i < 8 && await password.CountAsync() > 0; i++)
        {
            await EnterPasswordAsync("ann.lee", $"nothing {i}");
            await _page.Locator("main [role=alert]").First.WaitForAsync();
            await _page.WaitForFunctionAsync("() => !document.querySelector('main input[type=password]')?.value");
        }
        await TakeAsync(HelpShot.Locked, Card);
    }

    private async Task SettingsAsync()
    {
        await OpenAsync();
        await SignInAsync();
        await GotoAsync(PortalUrls.AdditionalSettings);
        var block = _page.Locator("#security");
        await block.GetByRole(AriaRole.Checkbox).First.CheckAsync();
        await TakeAsync(HelpShot.MfaSwitch, block, 420);
        await block.Locator("[type=submit]").ClickAsync();
        await Dialog.Locator("[type=submit]").ClickAsync();
        await Dialog.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await GotoAsync(PortalUrls.EmailTemplates + "/mfa-disabled");
        await _page.GetByLabel(Texts.EmailTemplates_HtmlBody, new() { Exact = true }).WaitForAsync();
        await TakeAsync(HelpShot.Template, _page.Locator("main"), 460);
        await GotoAsync(PortalUrls.Users + "?status=Active&mfa=no");
        var people = _page.Locator("tbody tr").Filter(new() { HasText = "@demo.example" });
        await GotoAsync((await people.First.Locator("a").First.GetAttributeAsync("href"))!);
        await PressAsync(Texts.Users_SetupMfa);
        await Wizard.GetByRole(AriaRole.Note).First.WaitForAsync();
        await TakeAsync(HelpShot.WizardOther, Wizard);
    }

    private async Task WizardAsync()
    {
        await GotoAsync(PortalUrls.Account);
        var mfa = _page.Locator("section[aria-labelledby=mfa]");
        await mfa.WaitForAsync();
        await TakeAsync(HelpShot.RecordMfa, mfa);
        await PressAsync(Texts.Users_SetupMfa);
        await _page.GetByRole(AriaRole.Button, new() { Name = Texts.Enrolment_Next, Exact = true }).WaitForAsync();
        await TakeAsync(HelpShot.WizardApp, Wizard);
        await PressAsync(Texts.Enrolment_Next);
        await _page.Locator(".qr").WaitForAsync();
        // Before a picture writes over it.
        _key = (await _page.Locator(".key__value").TextContentAsync())!.Replace(" ", "", StringComparison.Ordinal);
        await TakeAsync(HelpShot.WizardScan, Wizard);
        await PressAsync(Texts.Enrolment_Next);
        await _page.Locator("input[name=code]").WaitForAsync();
        await TakeAsync(HelpShot.WizardConfirm, Wizard);
        await _page.Locator("input[name=code]").FillAsync(CodeAt(clock.GetUtcNow() - TimeSpan.FromMinutes(4)));
        await PressAsync(Texts.Enrolment_Save);
        await Wizard.GetByRole(AriaRole.Alert).Filter(new() { HasTextRegex = new(@"\S") }).First.WaitForAsync();
        await TakeAsync(HelpShot.Clock, Wizard);
        await _page.Locator("input[name=code]").FillAsync(NextCode());
        await PressAsync(Texts.Enrolment_Save);
        await _page.GetByLabel(Texts.Recovery_Saved).CheckAsync();
        await PressAsync(Texts.Enrolment_Done);
        await PressAsync(Texts.Users_DisableMfa);
        await Dialog.WaitForAsync();
        await TakeAsync(HelpShot.DisableMfa, Dialog);
    }

    private async Task CodeStepAsync()
    {
        await OpenAsync();
        await GotoAsync(PortalUrls.SignIn);
        await EnterPasswordAsync(Admin.Username, Admin.Password);
        await _page.Locator("input[name=code]").WaitForAsync();
        await TakeAsync(HelpShot.CodeStep, Card);
    }

    private ILocator Dialog => _page.GetByRole(AriaRole.Dialog);

    private async Task TakeAsync(HelpShot shot, ILocator element, int highest = Highest)
    {
        var camera = new LookCamera(_page, "", _ => []);
        foreach (var dark in new[] { false, true })
        {
            var picture = await LookSqueeze.ToWebpAsync(_table, await camera.TakeAsync(element, dark, highest), MostBytes);
            var file = Path.Combine(webRoot, HelpShots.PathOf(shot, language, dark));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, picture);
            _taken++;
        }
    }

    private async Task OpenAsync()
    {
        if (_opened is not null) await _opened.CloseAsync();
        _opened = await browser.NewContextAsync(new()
        {
            BaseURL = portal.BaseAddress.ToString(),
            ViewportSize = new() { Width = 720, Height = 900 },
            DeviceScaleFactor = (float)HelpShots.Density,
            Locale = language == "de" ? "de-DE" : "en-GB",
            TimezoneId = "Europe/London",
            UserAgent = LookWalk.EverydayBrowser,
        });
        _opened.SetDefaultTimeout(20_000);
        _page = await _opened.NewPageAsync();
    }

    private async Task GotoAsync(string address)
    {
        await _page.GotoAsync("about:blank");
        await _page.GotoAsync(address);
        await _page.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    private async Task SignInAsync()
    {
        await GotoAsync(PortalUrls.SignIn);
        await EnterPasswordAsync(Admin.Username, Admin.Password);
        await _page.Locator(".appbar__right button").First.WaitForAsync();
    }

    private async Task EnterPasswordAsync(string name, string password)
    {
        await _page.Locator("main input[name=username]").FillAsync(name);
        await _page.Locator("main input[type=password]").FillAsync(password);
        await _page.Locator("main [type=submit]").ClickAsync();
    }

    private Task PressAsync(string name) => _page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).Last.ClickAsync();

    private string NextCode()
    {
        clock.Advance(TimeSpan.FromSeconds(30));
        return CodeAt(clock.GetUtcNow());
    }

    private string CodeAt(DateTimeOffset time) => new Totp(Base32Encoding.ToBytes(_key)).ComputeTotp(time.UtcDateTime);
}

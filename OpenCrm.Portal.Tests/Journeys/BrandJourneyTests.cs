using Microsoft.Playwright;
using MimeKit;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>The company's logo and colour, from the settings page to the sign-in page, the frame and a mail (docs/spec.md 4.2).</summary>
public sealed class BrandJourneyTests(Browser browser)
{
    private const string Green = "rgb(27, 110, 60)";
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task What_an_administrator_chooses_is_on_the_page_at_once_and_on_the_sign_in_page_and_in_the_next_mail()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalHost.StartAsync(sink.Receives(new PortalSettings()), listens: true);
        var tab = await SettingsAsync(portal);
        var page = tab.Page;
        var general = page.GetByRole(AriaRole.Region, new() { Name = "General", Exact = true });
        var save = general.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true });
        // The picker holds a color all the time; nothing is changed by that.
        await Expect(save).ToBeDisabledAsync();

        await ChooseAsync(page, "logo.svg", "image/svg+xml", LogoFiles.Svg);
        await Expect(general.GetByRole(AriaRole.Alert)).ToContainTextAsync("Only PNG and JPEG files can be the logo.");
        await Expect(page.GetByLabel("Logo", new() { Exact = true })).ToHaveAttributeAsync("aria-invalid", "true");
        await ChooseAsync(page, "logo.png", "image/png", new byte[LogoFile.MostBytes + 1]);
        await Expect(general.GetByRole(AriaRole.Alert)).ToContainTextAsync("This file is larger than 200 KB.");
        await Expect(save).ToBeDisabledAsync();
        await page.GetByLabel("Accent color", new() { Exact = true }).FillAsync("#ffcc00");
        await save.ClickAsync();
        await Expect(general).ToContainTextAsync("This color is too light: white text on it has a contrast of 1.5:1, and needs 4.5:1 to be read.");
        await tab.AssertNoViolationAsync("brand-refused");

        await ChooseAsync(page, "logo.png", "image/png", LogoFiles.Wide);
        await Expect(general.GetByRole(AriaRole.Img, new() { Name = "Logo in the dark theme" })).ToBeVisibleAsync();
        await page.GetByLabel("Pick the accent color").FillAsync("#1b6e3c");
        await Expect(page.GetByLabel("Accent color", new() { Exact = true })).ToHaveValueAsync("#1b6e3c");
        await save.ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("Saved");
        await AssertShownAsync(page.Locator(".drawer .brand__logo"));
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true })).ToBeVisibleAsync();
        await Expect(page.Locator(".drawer a[aria-current]")).ToHaveCSSAsync("color", Green);
        await tab.AssertNoViolationAsync("brand-saved");
        tab.Circuit.AssertOneSocketOneLoad();

        var person = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await person.GotoAsync("/login/forgot-password");
        await AssertShownAsync(person.Page.Locator(".brand__logo"));
        await Expect(person.Page.GetByRole(AriaRole.Button, new() { Name = "Send link", Exact = true })).ToHaveCSSAsync("background-color", Green);
        await person.FillAsync("Username or email", Admin.Username);
        await person.PressAsync("Send link");
        var mail = await sink.Mailbox.WaitForAsync(Admin.Email, "forgotten-password");
        var picture = Assert.IsType<MimePart>(Assert.Single(mail.BodyParts, part => part.ContentType.MimeType == "image/png"));
        Assert.Contains($"src=\"cid:{picture.ContentId}\"", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("background: #1b6e3c", mail.HtmlBody, StringComparison.Ordinal);

        await tab.GotoAsync($"{PortalUrls.EmailTemplates}/forgotten-password");
        await AssertShownAsync(page.FrameLocator(".preview__frame").Locator(".frame-logo"));
        await Expect(page.FrameLocator(".preview__frame").Locator(".button").First).ToHaveCSSAsync("background-color", Green);
        await tab.SaveScreenshotAsync("brand-preview");
        tab.Problems.AssertNone();
        person.Problems.AssertNone();
    }

    [Fact]
    public async Task A_removed_logo_and_an_emptied_color_leave_the_open_page_at_once()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await BrandAsync(portal, LogoFiles.Square, "#1b6e3c");
        var tab = await SettingsAsync(portal);
        var page = tab.Page;
        await AssertShownAsync(page.Locator(".drawer .brand__logo"));

        await tab.PressAsync("Remove logo");
        await page.GetByLabel("Accent color", new() { Exact = true }).FillAsync("");
        await page.GetByRole(AriaRole.Region, new() { Name = "General", Exact = true })
            .GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();

        await Expect(page.Locator(".drawer .brand__mark")).ToBeVisibleAsync();
        await Expect(page.Locator(".drawer a[aria-current]")).ToHaveCSSAsync("color", "rgb(47, 75, 199)");
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    /// <summary>For people to look at, and for axe: every shape on both themes, wide and narrow.</summary>
    [Theory]
    [InlineData("wide", "#1b6e3c")]
    [InlineData("square", "#a3195b")]
    [InlineData("tall", "#767676")]
    [InlineData("pale", "#111111")]
    public async Task A_logo_of_any_shape_fits_and_its_color_can_be_read(string shape, string colour)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await BrandAsync(portal, File(shape), colour);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var width in new[] { 1280, 390, 320 })
            {
                var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal), (width, 844), scheme);
                await tab.GotoAsync("/login");
                await AssertShownAsync(tab.Page.Locator(".brand__logo"));
                await tab.AssertNoViolationAsync($"brand-{shape}-sign-in-{width}-{scheme}");
                await tab.CloseAsync();
                if (width == 320) continue;
                tab = await SettingsAsync(portal, (width, 844), scheme);
                await tab.AssertNoViolationAsync($"brand-{shape}-settings-{width}-{scheme}");
                await tab.CloseAsync();
            }
        }
        var frame = new MailFrame("Northwind Instruments", "https://portal.northwind.test", "portal@northwind.test")
        {
            Accent = Colour.Parse(colour),
            Logo = await LogoAsync(File(shape)),
        };
        var template = TemplateCatalogue.Invitation;
        var mail = new TemplateRenderer().Render(template, TemplateText.Default(template), template.SampleValues, "Ann Lee", frame);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var width in new[] { 600, 360 })
            {
                var tab = await browser.NewPageAsync(new Uri("http://localhost"), (width, 700), scheme);
                await tab.Page.SetContentAsync(mail.WithPictureInside().Html);
                await tab.SaveScreenshotAsync($"brand-{shape}-mail-{width}-{scheme}");
                Assert.Equal(width, await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
                await AssertShownAsync(tab.Page.Locator(".frame-logo"));
                await tab.CloseAsync();
            }
        }
    }

    private async Task<PortalPage> SettingsAsync(PortalHost portal, (int, int)? size = null, ColorScheme scheme = ColorScheme.Light)
    {
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal), size, scheme);
        await tab.GotoAsync(PortalUrls.AdditionalSettings);
        await new Visitor(tab).SignInAsync(Admin.Username, Admin.Password);
        await tab.Page.GetByLabel("Company name").WaitForAsync();
        return tab;
    }

    /// <summary>Stores logo and color as a system administrator would.</summary>
    private static async Task BrandAsync(PortalHost portal, byte[] file, string colour)
    {
        await using var ann = await Seat.TakeAsync(portal, await portal.AddPersonAsync("ann", administrator: true));
        var settings = ann.Service<AdditionalSettings>();
        var logo = Assert.IsType<LogoFileOutcome.Read>(await settings.ReadLogoAsync(file)).Logo;
        Assert.IsType<SettingsOutcome.Saved>(await settings.SaveAsync(new GeneralEdit(
            (await settings.ReadAsync()).General.Version,
            new Dictionary<string, string>
            {
                [nameof(GeneralSettings.AccentColour)] = colour,
                [nameof(GeneralSettings.CompanyName)] = "Northwind Instruments",
            },
            logo)));
    }

    private static byte[] File(string shape) => shape switch
    {
        "wide" => LogoFiles.Wide,
        "square" => LogoFiles.Square,
        "tall" => LogoFiles.Tall,
        _ => LogoFiles.Pale,
    };

    private static async Task<LogoPicture> LogoAsync(byte[] file) =>
        Assert.IsType<LogoFileOutcome.Read>(await LogoFile.ReadAsync(file, Guid.NewGuid())).Logo;

    private static Task ChooseAsync(IPage page, string name, string type, byte[] file) =>
        page.GetByLabel("Logo", new() { Exact = true }).SetInputFilesAsync(new FilePayload { Name = name, MimeType = type, Buffer = file });

    /// <summary>A picture that could not be loaded is there, too, but has no pixels.</summary>
    private static async Task AssertShownAsync(ILocator picture)
    {
        await Expect(picture).ToBeVisibleAsync();
        await Eventually.TrueAsync(
            () => picture.EvaluateAsync<bool>("picture => picture.complete && picture.naturalWidth > 0"), "the logo was loaded");
    }
}

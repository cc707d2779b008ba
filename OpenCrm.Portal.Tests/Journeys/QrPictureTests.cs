using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// The QR code on a real screen as a camera sees it: smaller, turned, out of focus. Three readers that share no code read it (docs/spec.md 2.4).
/// </summary>
public sealed class QrPictureTests(Browser browser)
{
    /// <summary>What a camera in a moving hand sees, one picture after the other, until the app has read one.</summary>
    private static readonly (double Scale, double Degrees, double Blur)[] Pictures = [(0.9, 4, 0.7), (0.85, -3, 0.7), (0.8, 2, 0.6), (0.75, -5, 0.5)];

    /// <summary>
    /// Red with 220 pixels for every code: the modules of long names are only a pixel or two wide. Red for zbarimg and ZXing in the dark theme when
    /// the code has no background of its own.
    /// </summary>
    [Theory]
    [InlineData("OpenCRM", "ann.lee")]
    [InlineData("Northwind: Instruments & Söhne", "bartholomew.featherstonehaugh")]
    [InlineData("Общество с ограниченной ответственностью «Северный ветер» №1", "константин.константинопольский-задунайский")]
    [InlineData("株式会社北風計測機器製造販売東京本社技術開発部第二課研究所附属資料館管理室情報系統班", "山田太郎左衛門尉源朝臣信長")]
    public async Task Three_readers_read_it_smaller_turned_and_blurred_in_both_themes_on_desktop_and_phone(string company, string username)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<GeneralSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.CompanyName, company));
            await work.CommitAsync();
        }
        var person = await portal.AddPersonAsync(username);
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var visitor = new Visitor(tab);
        await tab.GotoAsync("/account");
        await visitor.SignInAsync(person.Username, person.Password);
        await tab.PressAsync("Setup MFA");
        await tab.PressAsync("Next");
        var picture = tab.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" });
        await picture.WaitForAsync();
        var label = OtpauthLabel.Of(company, username);

        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await tab.Page.EmulateMediaAsync(new() { ColorScheme = theme });
            foreach (var width in new[] { 1280, 390, 320 })
            {
                await tab.Page.SetViewportSizeAsync(width, 900);
                await AssertSizesAsync(tab.Page, width);
                await picture.ScrollIntoViewIfNeededAsync();
                var screen = await tab.Page.ScreenshotAsync();
                var read = await ReadAsync(screen);
                Assert.True(
                    read.Count == 3,
                    $"only {string.Join(", ", read.Keys)} see the code, {theme}, {width} pixels wide, {await PixelsAsync(picture)}");
                foreach (var text in read.Values)
                {
                    var address = OtpauthAddress.Parse(text);
                    Assert.Equal((label.Issuer, label.Issuer, label.Account), (address.LabelIssuer, address.Issuer, address.Account));
                }
            }
        }
        tab.Problems.AssertNone();
    }

    private static async Task<Dictionary<string, string>> ReadAsync(byte[] screen)
    {
        var read = new Dictionary<string, string>();
        foreach (var (scale, degrees, blur) in Pictures)
        {
            foreach (var (reader, text) in await QrReader.EverybodyAsync(await QrReader.BadlySeenAsync(screen, scale, degrees, blur)))
                if (text is not null) read[reader] = text;
            if (read.Count == 3) break;
        }
        return read;
    }

    private static async Task AssertSizesAsync(IPage page, int width)
    {
        var sizes = JsonSerializer.Deserialize<double[]>(await page.EvaluateAsync<string>(
            """
            () => {
              const svg = document.querySelector('.qr svg'), box = svg.getBoundingClientRect();
              return JSON.stringify([box.width / svg.viewBox.baseVal.width, box.left, box.right, document.documentElement.scrollWidth]);
            }
            """))!;
        Assert.True(sizes[0] >= 4, string.Create(CultureInfo.InvariantCulture, $"{sizes[0]} pixels a module at {width}"));
        Assert.True(sizes[1] >= 0 && sizes[2] <= width, $"from {sizes[1]} to {sizes[2]} of {width}");
        Assert.True(sizes[3] <= width, $"{sizes[3]} wide at {width}");
    }

    private static Task<string> PixelsAsync(ILocator picture) =>
        picture.Locator("svg").EvaluateAsync<string>("svg => `${svg.getAttribute('width')} of ${svg.getAttribute('viewBox')}`");
}

using Microsoft.Playwright;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>The mails as mail programs show them, 600 and 360 pixels wide, in both themes. The screenshots are kept for people to look at.</summary>
public sealed class MailPicturesTests(Browser browser)
{
    public static TheoryData<string> Keys => [.. TemplateCatalogue.All.Select(t => t.Key)];

    [Theory, MemberData(nameof(Keys))]
    public async Task A_mail_fits_a_wide_and_a_narrow_reader_in_both_themes(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        var frame = new MailFrame("Northwind Instruments", "https://portal.northwind.test", "portal@northwind.test");
        var mail = new TemplateRenderer().Render(template, TemplateText.Default(template), template.SampleValues, "Ann Lee", frame);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var width in new[] { 600, 360 })
            {
                var tab = await browser.NewPageAsync(new Uri("http://localhost"), (width, 700), scheme);
                await tab.Page.SetContentAsync(mail.Html);
                await tab.SaveScreenshotAsync($"mail-{key}-{width}-{scheme}");
                Assert.Equal(width, await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
                Assert.True(await tab.Page.EvaluateAsync<double>(Contrast) >= 4.5, $"{key} {width} {scheme}");
                await tab.CloseAsync();
            }
        }
    }

    /// <summary>Script that returns the lowest contrast between any text and its background (WCAG 1.4.3).</summary>
    private const string Contrast =
        """
        () => {
          const parse = color => color.match(/[\d.]+/g).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = element => {
            for (; element; element = element.parentElement) {
              const color = parse(getComputedStyle(element).backgroundColor);
              if (color.length < 4 || color[3] > 0) return color;
            }
            return [255, 255, 255];
          };
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let worst = 21;
          while (texts.nextNode()) {
            if (!texts.currentNode.data.trim()) continue;
            const element = texts.currentNode.parentElement;
            const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
            worst = Math.min(worst, (a + 0.05) / (b + 0.05));
          }
          return worst;
        }
        """;
}

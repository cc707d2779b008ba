using System.Globalization;
using System.Text.Encodings.Web;
using Fluid.Values;
using Microsoft.Playwright;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>The mails as mail programs show them, 600 and 360 pixels wide, in both themes. The screenshots are kept for people to look at.</summary>
public sealed class MailPicturesTests(Browser browser)
{
    public static TheoryData<string> Keys => [.. TemplateCatalogue.All.Select(t => t.Key)];

    [Theory, MemberData(nameof(Keys))]
    public Task A_mail_fits_a_wide_and_a_narrow_reader_in_both_themes(string key) => LookAsync(key, Languages.English);

    [Theory, MemberData(nameof(Keys))]
    public Task A_German_mail_fits_a_wide_and_a_narrow_reader_in_both_themes(string key) => LookAsync(key, Languages.German);

    private async Task LookAsync(string key, CultureInfo language)
    {
        var template = TemplateCatalogue.Find(key)!;
        var frame = new MailFrame("Northwind Instruments", "https://portal.northwind.test", "portal@northwind.test") { Language = language };
        var text = TemplateText.Default(template, language);
        var mail = new TemplateRenderer().Render(template, text, template.SampleValuesIn(language), "Ann Lee", frame);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var width in new[] { 600, 360 })
            {
                var tab = await browser.NewPageAsync(new Uri("http://localhost"), (width, 700), scheme);
                await tab.Page.SetContentAsync(mail.Html);
                await tab.SaveScreenshotAsync($"mail-{key}-{language.Name}-{width}-{scheme}");
                Assert.Equal(width, await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
                Assert.True(await tab.Page.EvaluateAsync<double>(Contrast) >= 4.5, $"{key} {language.Name} {width} {scheme}");
                await tab.CloseAsync();
            }
        }
    }

    public static TheoryData<string> EarlierKeys =>
        [.. Directory.GetFiles(EarlierBodies, "*.html.liquid").Select(file => Path.GetFileName(file).Split('.')[0]).Where(key => key != "frame")];

    private static string EarlierBodies => Path.Combine(AppContext.BaseDirectory, "Mail", "EarlierBodies");

    /// <summary>
    /// A body of before the styles stood in the frame is drawn in today's frame as it was in the one of its day. Only the line that a button stands
    /// in is now that of a paragraph.
    /// </summary>
    [Theory, MemberData(nameof(EarlierKeys))]
    public async Task A_body_that_was_edited_before_looks_as_it_did(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        var frame = new MailFrame("Northwind Instruments", "https://portal.northwind.test", "portal@northwind.test");
        var source = await File.ReadAllTextAsync(Path.Combine(EarlierBodies, $"{key}.html.liquid"));
        var now = new TemplateRenderer().Render(template, new("s", source, "x"), template.SampleValues, "Ann Lee", frame).Html;
        var liquid = new MailLiquid();
        var fields = template.Fields.ToDictionary(field => field.Name, FluidValue (field) => new StringValue(field.Sample));
        fields["subject"] = fields["reason"] = new StringValue("x");
        fields["recipient_name"] = new StringValue("Ann Lee");
        fields["body"] = StringValue.Create(liquid.Render(source, fields, HtmlEncoder.Default), encode: false);
        var then = liquid.Render(await File.ReadAllTextAsync(Path.Combine(EarlierBodies, "frame.html.liquid")), fields, HtmlEncoder.Default);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            var tab = await browser.NewPageAsync(new Uri("http://localhost"), (700, 700), scheme);
            await tab.Page.SetContentAsync(then);
            var before = await tab.Page.EvaluateAsync<string[]>(Look, ".card > tbody > tr:nth-child(2) > td");
            await tab.Page.SetContentAsync(now);
            var after = await tab.Page.EvaluateAsync<string[]>(Look, ".frame-card > tbody > tr:nth-child(2) > td");
            Assert.Equal(before, after);
            await tab.CloseAsync();
        }
    }

    /// <summary>Script that returns how each element within one is drawn.</summary>
    private const string Look =
        """
        selector => [...document.querySelectorAll(`${selector}, ${selector} *`)].map(element => {
          const style = getComputedStyle(element);
          const line = element.querySelector('.button') ? '' : [style.fontSize, style.lineHeight, element.getBoundingClientRect().height];
          return element.localName + ': ' + [style.color, style.backgroundColor, style.fontFamily, style.fontWeight, style.letterSpacing,
            style.display, style.textAlign, style.textDecorationLine, style.margin, style.padding, style.border, style.borderRadius,
            style.verticalAlign, style.width, line].join(' | ');
        })
        """;

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

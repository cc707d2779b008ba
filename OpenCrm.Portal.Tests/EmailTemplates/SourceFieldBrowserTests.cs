using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.EmailTemplates;

/// <summary>The source of a body in a browser: colors, completion, marked faults, toolbar.</summary>
public sealed class SourceFieldBrowserTests(Browser browser)
{
    [Fact]
    public async Task By_keyboard_alone_a_field_is_completed_taken_back_and_wrapped_by_the_toolbar()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await OpenAsync(portal);
        var (page, keys) = (tab.Page, tab.Page.Keyboard);
        var html = Html(tab);
        var options = page.Locator("#html-body-fields [role=option]:visible");
        await html.FillAsync("<p>Hello </p>");
        await html.EvaluateAsync("field => field.setSelectionRange(9, 9)");
        await html.FocusAsync();

        await keys.TypeAsync("{{");
        await Expect(options).ToHaveCountAsync(6);
        await Expect(options.First).ToContainTextAsync("The name of your company");
        await keys.TypeAsync(" NAME");
        await Expect(options).ToHaveTextAsync([new Regex("^company_name "), new Regex("^recipient_name ")]);
        await Expect(html).ToHaveAttributeAsync("aria-activedescendant", "html-body-field-company_name");
        await keys.PressAsync("ArrowDown");
        await Expect(html).ToHaveAttributeAsync("aria-activedescendant", "html-body-field-recipient_name");
        await Expect(options.Last).ToHaveAttributeAsync("aria-selected", "true");
        await tab.AssertNoViolationAsync("the template editor with offered fields");
        await Expect(options).ToHaveCountAsync(2);
        await keys.PressAsync("Enter");
        await Expect(html).ToHaveValueAsync("<p>Hello {{ recipient_name }}</p>");
        await Expect(options).ToHaveCountAsync(0);
        await Expect(Mail(tab).GetByText(new Regex("Hello \\w"))).ToBeVisibleAsync();
        await keys.PressAsync("Control+z");
        await Expect(html).ToHaveValueAsync("<p>Hello {{ NAME</p>");
        // Escape closes, and further keys of the same field leave it closed.
        await keys.PressAsync("ArrowRight");
        await keys.PressAsync("Control+Space");
        await Expect(options).ToHaveCountAsync(2);
        await keys.PressAsync("Escape");
        await keys.PressAsync("Backspace");
        await keys.TypeAsync("E");
        await Expect(options).ToHaveCountAsync(0);

        await html.FillAsync("<p>one two</p>");
        await html.EvaluateAsync("field => field.setSelectionRange(7, 10)");
        await keys.PressAsync("Control+b");
        await Expect(html).ToHaveValueAsync("<p>one <strong>two</strong></p>");
        await keys.PressAsync("Control+b");
        await Expect(html).ToHaveValueAsync("<p>one two</p>");
        await keys.PressAsync("Control+k");
        await Expect(html).ToHaveValueAsync("<p>one <a href=\"https://\">two</a></p>");
        await keys.TypeAsync("https://example.com");
        await keys.PressAsync("Shift+Tab");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Bold", Exact = true })).ToBeFocusedAsync();
        foreach (var name in new[] { "Link", "Button", "List", "Facts row" })
        {
            await keys.PressAsync("ArrowRight");
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true })).ToBeFocusedAsync();
        }
        await keys.PressAsync("Enter");
        await Expect(html).ToBeFocusedAsync();
        await keys.TypeAsync("Colour");
        await keys.PressAsync("Shift+Tab");
        await keys.PressAsync("Enter");
        const string rows = "<tr><th>Colour</th><td>Value</td></tr>\n<tr><th>Name</th><td>Value</td></tr>";
        var all = $"<p>one <a href=\"https://example.com\">two</a></p>\n<table class=\"facts\">\n{rows}\n</table>";
        await Expect(html).ToHaveValueAsync(all);
        await Expect(Mail(tab).Locator("th")).ToHaveTextAsync(["Colour", "Name"]);
        await keys.PressAsync("Control+End");
        await tab.PressAsync("List");
        await keys.PressAsync("Control+End");
        await tab.PressAsync("Button");
        await Expect(html).ToHaveValueAsync(
            all + "\n<ul>\n<li>First item</li>\n</ul>\n<p><a class=\"button\" href=\"{{ portal_url }}\">Open the page</a></p>");
        await Expect(page.GetByText("Unsaved changes")).ToBeVisibleAsync();
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task A_wrong_tag_marks_its_line_and_the_message_leads_there_until_it_is_right()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await OpenAsync(portal);
        var page = tab.Page;
        var html = Html(tab);
        var marks = page.Locator("#panel-html mark");

        await html.FillAsync("<p>one</p>\n<p>{% if at %}two</p>\n<p>{{ nobody }}</p>\n<p>{{ at }</p>");
        await Expect(marks).ToHaveCountAsync(1);
        await html.FillAsync("<p>one</p>\n<p>two</p>\n<p>{{ nobody }}</p>\n<p>three</p>");
        await Expect(page.Locator("#html-body-error")).ToContainTextAsync("Line 3, column 7: There is no field “nobody” here.");
        await Expect(html).ToHaveAttributeAsync("aria-describedby", "html-body-hint html-body-error");
        await Expect(html).ToHaveAttributeAsync("aria-invalid", "true");
        // The mark lies under the third line.
        Assert.Equal(
            50,
            await marks.EvaluateAsync<double>("mark => mark.getBoundingClientRect().top - mark.parentElement.getBoundingClientRect().top"));
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var width in new[] { 1280, 390 })
            {
                await page.SetViewportSizeAsync(width, 900);
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await tab.AssertNoViolationAsync($"the template editor with a marked line {scheme} {width}");
            }
        }
        await page.Locator("#html-body-error").GetByText("There is no field").ClickAsync();
        await Expect(html).ToBeFocusedAsync();
        Assert.Equal("<p>one</p>\n<p>two</p>\n<p>{{ ".Length, await html.EvaluateAsync<int>("field => field.selectionStart"));
        await html.FillAsync("<p>one</p>");
        await Expect(marks).ToHaveCountAsync(0);
        await Expect(html).Not.ToHaveAttributeAsync("aria-invalid", "true");
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task The_colored_text_lies_exactly_on_the_typed_one_wherever_it_is_scrolled()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await OpenAsync(portal);
        var page = tab.Page;
        var html = Html(tab);
        var lines = Enumerable.Range(1, 120).Select(line => $"<p title='„{line}“'>\tÜber {{{{ at }}}} {new string('w', line)} <!-- € --></p>");
        var text = string.Join('\n', lines) + "\n";
        await html.FillAsync(text);

        foreach (var width in new[] { 1280, 390 })
        {
            await page.SetViewportSizeAsync(width, 900);
            var found = await html.EvaluateAsync<string>(
                """
                async field => {
                  const layer = field.parentElement.querySelector('.source__colours'), code = layer.firstElementChild;
                  const [a, b] = [field, code].map(element => getComputedStyle(element));
                  const faults = ['fontFamily', 'fontSize', 'fontWeight', 'lineHeight', 'letterSpacing', 'wordSpacing', 'tabSize', 'whiteSpace']
                    .filter(name => a[name] !== b[name]);
                  field.scrollLeft = 99999;
                  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                  if (field.scrollLeft < 50 || layer.scrollLeft !== field.scrollLeft) faults.push(`scrolled ${field.scrollLeft} ${layer.scrollLeft}`);
                  field.scrollLeft = 0;
                  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                  const [typed, shown] = [field, code].map(element => element.getBoundingClientRect());
                  if (shown.top !== typed.top + 10 || shown.left !== typed.left + 12) faults.push(`at ${shown.left} ${shown.top}`);
                  if (shown.height !== 20 * field.value.split('\n').length) faults.push(`height ${shown.height}`);
                  // Whether the padding at the end counts as scrollable differs from browser to browser.
                  if (Math.abs(field.scrollWidth - 18 - (shown.width - 400)) > 7.5) faults.push(`width ${field.scrollWidth} ${shown.width}`);
                  if (layer.textContent !== field.value + '\n') faults.push('text');
                  return faults.join(', ');
                }
                """);
            Assert.Equal("", found);
        }
        Assert.NotEqual(0, await page.Locator("#panel-html .source__liquid").CountAsync());
        // Reset writes another text into the field, and the colors follow.
        await tab.PressAsync("Reset to default");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await Expect(html).Not.ToHaveValueAsync(text);
        await Expect(page.Locator("#panel-html .source__colours")).ToHaveTextAsync(await html.InputValueAsync());
        // With colors of their own people read plain text.
        await page.EmulateMediaAsync(new() { ForcedColors = ForcedColors.Active });
        await Expect(page.Locator("#panel-html .source__colours")).ToBeHiddenAsync();
        tab.Problems.AssertNone();
    }

    private static ILocator Html(PortalPage tab) => tab.Page.GetByLabel("HTML body", new() { Exact = true });

    private static IFrameLocator Mail(PortalPage tab) =>
        tab.Page.GetByRole(AriaRole.Region, new() { Name = "Preview" }).FrameLocator("iframe");

    private async Task<PortalPage> OpenAsync(PortalHost portal)
    {
        var tab = await browser.OpenEditorAsync(portal, "test");
        await tab.Page.Locator("#panel-html .source[data-coloured]").WaitForAsync();
        return tab;
    }
}

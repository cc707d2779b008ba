using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.EmailTemplates;

/// <summary>The preview in a browser: it shows the mail as mail programs do, and runs nothing (case A20 of docs/threats.md).</summary>
public sealed class PreviewPaneTests(Browser browser)
{
    [Fact]
    public async Task The_preview_shows_the_mail_wide_and_narrow_light_and_dark_whatever_the_theme_of_the_page()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.OpenEditorAsync(portal, "account-locked");
        var page = tab.Page;
        var preview = page.GetByRole(AriaRole.Region, new() { Name = "Preview" });
        var frame = preview.Locator("iframe");
        var card = preview.FrameLocator("iframe").Locator(".frame-card");
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            foreach (var (colors, background) in new[] { ("Dark", "rgb(26, 32, 45)"), ("Light", "rgb(255, 255, 255)") })
            {
                await tab.PressAsync(colors);
                foreach (var (width, pixels) in new[] { ("Phone width", 360), ("Desktop width", 600) })
                {
                    await tab.PressAsync(width);
                    await Expect(preview.GetByRole(AriaRole.Button, new() { Name = width })).ToHaveAttributeAsync("aria-pressed", "true");
                    await Expect(frame).ToHaveCSSAsync("width", $"{pixels}px");
                    await Expect(card).ToHaveCSSAsync("background-color", background);
                    // A wide mail is shown smaller, as a whole; nobody scrolls sideways to read it.
                    Assert.True(await preview.Locator(".preview__room").EvaluateAsync<bool>("room => room.scrollWidth <= room.clientWidth"));
                    await tab.SaveScreenshotAsync($"email-template-preview-{scheme}-{colors}-{pixels}");
                }
            }
        }
        await tab.AssertNoViolationAsync("the template editor");
        tab.Problems.AssertNone();
    }

    public static TheoryData<string> Hostile =>
    [
        "<script>parent.hit = 1; top.hit = 1; alert(1); fetch('/health/live')</script>",
        "<img src=x onerror=\"alert(1); parent.hit = 1\"><img src=/favicon.svg><img src=https://evil.test/x.png srcset=/OpenCrm.Portal.styles.css>",
        "<svg onload=alert(1)><image href=/favicon.svg /></svg><iframe src=/login></iframe><object data=/login></object><embed src=/login>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe><video src=/x autoplay poster=/y></video><audio src=/x autoplay></audio>",
        "<form action=/session method=post id=f><input autofocus onfocus=f.submit()><button>x</button></form>"
            + "<style>@import url(/OpenCrm.Portal.styles.css); body { background: url(/favicon.svg) }</style>",
        "<meta http-equiv=refresh content='0;url=/login'><base href=https://evil.test/><link rel=stylesheet href=/OpenCrm.Portal.styles.css>"
            + "<link rel=prefetch href=/login><link rel=preload as=script href=/start.js>",
        "<a href='javascript:alert(1)' id=l autofocus onfocus=alert(1)>x</a><details open ontoggle=alert(1)>x</details>"
            + "<marquee onstart=alert(1)>x</marquee>",
        "</td></table></body></html><script src=/start.js></script><script type=module>import '/start.js'</script>",
        "<math><mtext><table><mglyph><style><img src=/favicon.svg onerror=alert(1)></style></mglyph></table></mtext></math>"
            + "<noscript><p title=\"</noscript><img src=/favicon.svg onerror=alert(1)>\">",
    ];

    /// <summary>
    /// The page's content security policy already stops scripts, so the preview frame is watched from outside: no dialog, no request, no new address.
    /// </summary>
    [Theory, MemberData(nameof(Hostile))]
    public async Task A_preview_runs_loads_submits_and_opens_nothing(string html)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.OpenEditorAsync(portal, "test");
        var page = tab.Page;
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Preview" }).Locator("iframe")).ToHaveAttributeAsync("sandbox", "");
        // The page's own script for the colours is there.
        await page.Locator("#panel-html .source[data-coloured]").WaitForAsync();
        List<string> seen = [];
        page.Dialog += (_, dialog) =>
        {
            seen.Add($"dialog {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        ConcurrentQueue<IRequest> told = new();
        page.Context.Request += (_, request) =>
        {
            // Playwright reports the frame's own document as a request, but it is none.
            if (request.Url is not ("about:srcdoc" or "about:blank")) told.Enqueue(request);
        };
        page.Context.Page += (_, other) => seen.Add($"page {other.Url}");

        await page.GetByLabel("HTML body", new() { Exact = true }).FillAsync($"<p>before</p>{html}<p>after 4711</p>");
        await Expect(page.Locator("iframe[srcdoc*='4711']")).ToBeVisibleAsync();
        await page.GetByLabel("Subject", new() { Exact = true }).FillAsync("Drawn a second time");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Preview" })).ToContainTextAsync("Drawn a second time");
        await Expect(page.FrameLocator("iframe[srcdoc*='4711']").GetByText("before", new() { Exact = true })).ToBeVisibleAsync();

        Assert.Empty(seen);
        // Sometimes Playwright reports a request that the policy stopped before it left the browser. Only such a request fails with "csp".
        await Eventually.TrueAsync(() => told.All(request => request.Failure == "csp"), "no request left the browser");
        Assert.Null(await page.EvaluateAsync<int?>("window.hit ?? null"));
        Assert.EndsWith($"{PortalUrls.EmailTemplates}/test", page.Url, StringComparison.Ordinal);
        tab.Circuit.AssertOneSocketOneLoad();
        // Saving it is refused as well.
        await tab.PressAsync("Save");
        await page.GetByText(new Regex("may not stand in an email")).First.WaitForAsync();
    }
}

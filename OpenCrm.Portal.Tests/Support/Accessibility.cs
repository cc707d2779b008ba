using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>WCAG as far as axe can tell.</summary>
internal static class Accessibility
{
    /// <summary>Takes a picture and fails on any violation, and on a page that scrolls sideways (WCAG 1.4.10). Without motion: a note that fades away has no contrast on its way.</summary>
    /// <param name="name">Of the picture.</param>
    public static async Task AssertNoViolationAsync(this PortalPage tab, string name)
    {
        await tab.Page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        await tab.SaveScreenshotAsync(name);
        var width = await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        Assert.True(width <= tab.Page.ViewportSize!.Width, $"{name} scrolls sideways: {width} of {tab.Page.ViewportSize.Width}");
        // Off: the account button's name holds the visible one, but the initials beside it, which are hidden from it, count as visible text.
        // Not into frames: no script runs in the preview of a template, and axe would wait for its own.
        var found = await tab.Page.RunAxe(new AxeRunOptions { Iframes = false, Rules = new() { ["label-content-name-mismatch"] = new() { Enabled = false } } });
        Assert.True(found.Violations.Length == 0,
            $"{name}: {string.Join("; ", found.Violations.Select(v => $"{v.Id} {string.Join(", ", v.Nodes.Select(n => n.Html))}"))}");
    }
}

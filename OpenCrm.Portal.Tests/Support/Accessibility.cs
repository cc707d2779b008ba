using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Checks WCAG as far as axe can.</summary>
internal static class Accessibility
{
    /// <summary>
    /// Takes a screenshot, and fails on any violation and on a page that scrolls sideways (WCAG 1.4.10). Motion is off, because a note that is fading
    /// away has too little contrast.
    /// </summary>
    /// <param name="name">The name of the screenshot.</param>
    public static async Task AssertNoViolationAsync(this PortalPage tab, string name)
    {
        await tab.Page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        await tab.SaveScreenshotAsync(name);
        var width = await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        Assert.True(width <= tab.Page.ViewportSize!.Width, $"{name} scrolls sideways: {width} of {tab.Page.ViewportSize.Width}");
        // Rule off: the name of the account button contains its visible name, but axe also counts the initials beside it as visible text, although
        // they are hidden from assistive technology.
        // Frames off: no script runs in the preview of a template, and axe would wait for its own.
        var found = await tab.Page.RunAxe(new AxeRunOptions
        {
            Iframes = false,
            Rules = new() { ["label-content-name-mismatch"] = new() { Enabled = false } }
        });
        Assert.True(found.Violations.Length == 0,
            $"{name}: {string.Join("; ", found.Violations.Select(v => $"{v.Id} {string.Join(", ", v.Nodes.Select(n => n.Html))}"))}");
    }
}

using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>A tab, with what it has loaded (<see cref="Circuit"/>) and what went wrong in it (<see cref="Problems"/>).</summary>
public sealed class PortalPage
{
    private readonly IBrowserContext _context;
    private readonly bool _ownsContext;

    private PortalPage(IBrowserContext context, IPage page, bool ownsContext)
    {
        _context = context;
        _ownsContext = ownsContext;
        Page = page;
        Circuit = new CircuitWatcher(page);
        Problems = new PageProblems(page);
    }

    public IPage Page { get; }

    public CircuitWatcher Circuit { get; }

    public PageProblems Problems { get; }

    public IBrowserContext Context => _context;

    internal static async Task<PortalPage> OpenAsync(IBrowserContext context)
    {
        await PageProblems.ReportViolationsAsync(context);
        return new PortalPage(context, await context.NewPageAsync(), ownsContext: true);
    }

    /// <summary>Opens another tab of the same browser, which shares the cookies.</summary>
    public async Task<PortalPage> NewTabAsync()
    {
        var tab = new PortalPage(_context, await _context.NewPageAsync(), ownsContext: false);
        FailureScreenshots.Watch(tab);
        return tab;
    }

    /// <summary>Opens an address and waits until the page answers events.</summary>
    public async Task GotoAsync(string address)
    {
        await Page.GotoAsync(address);
        await WaitForCircuitAsync();
    }

    /// <summary>Waits for an address that ends like this. Asks again and again: the event of a navigation in a circuit can pass unheard.</summary>
    public Task WaitForAddressAsync(string end) => Assertions.Expect(Page).ToHaveURLAsync(new Regex($"{Regex.Escape(end)}$"));

    public async Task WaitForCircuitAsync(TimeSpan? patience = null)
    {
        try
        {
            await Page.Locator("html[data-circuit=up]").WaitForAsync(Attached(patience));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"No circuit on {Page.Url}\n{Problems}");
        }
    }

    public Task WaitForLostCircuitAsync(TimeSpan? patience = null) =>
        Page.Locator("html:not([data-circuit=up])").WaitForAsync(Attached(patience));

    public Task FillAsync(string label, string value) => Page.GetByLabel(label, new() { Exact = true }).FillAsync(value);

    /// <summary>At the wizard's end: ticks that the recovery codes are saved, which wakes Done, and leaves.</summary>
    public async Task SaveCodesAsync()
    {
        await Page.GetByLabel("I have saved these codes").CheckAsync();
        await PressAsync("Done");
    }

    public Task PressAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Waits until an error is announced, and returns its text.</summary>
    public Task<string> AlertAsync() => AnnouncedAsync(AriaRole.Alert);

    /// <summary>Waits until a finished action is announced, and returns its text.</summary>
    public Task<string> StatusAsync() => AnnouncedAsync(AriaRole.Status);

    /// <summary>Saves a screenshot where one is worth keeping; works only while the test is running.</summary>
    public async Task<string> SaveScreenshotAsync(string name)
    {
        var folder = Path.Combine(PublishedPortal.RepositoryRoot, "TestResults", "screenshots");
        Directory.CreateDirectory(folder);
        var safe = string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_'));
        var file = Path.Combine(folder, safe[..Math.Min(safe.Length, 150)] + ".png");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = file, FullPage = true, Timeout = 10_000 });
        return file;
    }

    /// <summary>Closes the page. Not needed at the end of a test, where the page is closed after its screenshot.</summary>
    public async Task CloseAsync()
    {
        FailureScreenshots.Forget(this);
        if (_ownsContext)
            await _context.CloseAsync();
        else
            await Page.CloseAsync();
    }

    private async Task<string> AnnouncedAsync(AriaRole role)
    {
        var spoken = Page.GetByRole(role).Filter(new() { HasTextRegex = new(@"\S") }).First;
        await spoken.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        return (await spoken.InnerTextAsync()).Trim();
    }

    private static LocatorWaitForOptions Attached(TimeSpan? patience) =>
        new() { State = WaitForSelectorState.Attached, Timeout = (float)(patience ?? Eventually.Patience).TotalMilliseconds };
}

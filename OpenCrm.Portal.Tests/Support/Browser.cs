using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>One real Chromium for the whole run; each page has cookies of its own.</summary>
public sealed class Browser : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    public static (int Width, int Height) Desktop => (1280, 900);

    public static (int Width, int Height) Phone => (390, 844);

    /// <summary>
    /// Opens a page in a new browser context without any cookies. For a second tab of the same person use <see cref="PortalPage.NewTabAsync"/>.
    /// </summary>
    /// <param name="baseAddress">The address that paths such as <c>GotoAsync("/login")</c> are relative to.</param>
    /// <param name="viewport">Width and height; null means <see cref="Desktop"/>.</param>
    /// <param name="colorScheme">The theme that the person's system prefers.</param>
    /// <param name="options">Any other option: locale, JavaScript off, reduced motion.</param>
    public async Task<PortalPage> NewPageAsync(
        Uri baseAddress,
        (int Width, int Height)? viewport = null,
        ColorScheme colorScheme = ColorScheme.Light,
        Action<BrowserNewContextOptions>? options = null)
    {
        var size = viewport ?? Desktop;
        var context = new BrowserNewContextOptions
        {
            BaseURL = baseAddress.ToString(),
            ViewportSize = new ViewportSize { Width = size.Width, Height = size.Height },
            ColorScheme = colorScheme,
            IsMobile = size.Width < 600,
            HasTouch = size.Width < 600,
            Locale = "en-GB",
            AcceptDownloads = true,
        };
        options?.Invoke(context);
        var page = await PortalPage.OpenAsync(await (await ChromiumAsync()).NewContextAsync(context));
        FailureScreenshots.Watch(page);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        _playwright?.Dispose();
        _gate.Dispose();
    }

    private async Task<IBrowser> ChromiumAsync()
    {
        var path = Needs.Chromium();
        await _gate.WaitAsync();
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            // The default of five seconds is too short where many tests share two cores.
            Assertions.SetDefaultExpectTimeout((float)Eventually.Patience.TotalMilliseconds);
            if (_chromium is not { IsConnected: true })
                _chromium = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
                {
                    ExecutablePath = path,
                    Args =
                    [
                        "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                        "--disable-background-networking", "--disable-component-update", "--disable-sync",
                        // The documentation's public address resolves to this machine.
                        $"--host-resolver-rules=MAP {DocumentedProxy.PublicHost} 127.0.0.1",
                    ],
                });
            return _chromium;
        }
        finally
        {
            _gate.Release();
        }
    }
}

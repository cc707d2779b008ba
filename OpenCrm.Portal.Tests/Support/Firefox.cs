using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>One stock Firefox for the whole run, driven by its own remote protocol; each page has cookies of its own.</summary>
public sealed class Firefox : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _firefox;

    /// <param name="baseAddress">The address that paths such as <c>GotoAsync("/login")</c> are relative to.</param>
    public async Task<PortalPage> NewPageAsync(Uri baseAddress)
    {
        var page = await PortalPage.OpenAsync(await (await LaunchedAsync()).NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = baseAddress.ToString(),
            ViewportSize = new ViewportSize { Width = Browser.Desktop.Width, Height = Browser.Desktop.Height },
            Locale = "en-GB",
        }));
        FailureScreenshots.Watch(page);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_firefox is not null)
            await _firefox.DisposeAsync();
        _playwright?.Dispose();
        _gate.Dispose();
    }

    private async Task<IBrowser> LaunchedAsync()
    {
        var path = Needs.Firefox();
        await _gate.WaitAsync();
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            Assertions.SetDefaultExpectTimeout((float)Eventually.Patience.TotalMilliseconds);
            if (_firefox is not { IsConnected: true })
            {
                _firefox = await _playwright.Firefox.LaunchAsync(new BrowserTypeLaunchOptions
                {
                    Channel = "moz-firefox",
                    ExecutablePath = path,
                    Timeout = 60_000
                });
            }
            return _firefox;
        }
        finally
        {
            _gate.Release();
        }
    }
}

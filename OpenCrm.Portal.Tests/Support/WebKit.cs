using System.Diagnostics;
using System.Globalization;
using OpenQA.Selenium;
using OpenQA.Selenium.Remote;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>A WebKit, the engine of Safari, with a screen of its own. One driver process holds one session, so each test starts its own.</summary>
public sealed class WebKit : IAsyncDisposable
{
    private readonly Process _screen, _driver;
    private readonly Process? _browser;
    private readonly RemoteWebDriver _window;
    private readonly Uri _baseAddress;

    private WebKit(Process screen, Process driver, RemoteWebDriver window, Uri baseAddress)
    {
        (_screen, _driver, _window, _baseAddress) = (screen, driver, window, baseAddress);
        // If a crash of the tests kills only the driver, the browser would run for ever.
        _browser = ChildOf(driver);
        if (_browser is not null) Reaper.Kill(_browser);
    }

    public IWebDriver Window => _window;

    public Uri Address => new(_window.Url);

    /// <param name="baseAddress">The address that paths such as <c>GotoAsync("/login")</c> are relative to.</param>
    public static async Task<WebKit> StartAsync(Uri baseAddress)
    {
        var (driverPath, browserPath, screenPath) = Needs.WebKit();
        var screen = await StartScreenAsync(screenPath);
        var port = FreePort.Next();
        var start = new ProcessStartInfo(driverPath, [string.Create(CultureInfo.InvariantCulture, $"--port={port}")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true
        };
        start.Environment["DISPLAY"] = screen.Display;
        // Without a desktop there is no message bus and no accelerated drawing.
        start.Environment["GTK_A11Y"] = "none";
        start.Environment["LIBGL_ALWAYS_SOFTWARE"] = "1";
        start.Environment["WEBKIT_DISABLE_COMPOSITING_MODE"] = "1";
        var driver = Process.Start(start)!;
        Reaper.Kill(driver);
        driver.OutputDataReceived += (_, _) => { };
        driver.ErrorDataReceived += (_, _) => { };
        driver.BeginOutputReadLine();
        driver.BeginErrorReadLine();
        try
        {
            var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
            await AnswersAsync(address);
            return new WebKit(
                screen.Process, driver,
                await Task.Run(() => new RemoteWebDriver(address, new Options(browserPath).ToCapabilities(), TimeSpan.FromSeconds(90))),
                baseAddress);
        }
        catch
        {
            End(driver);
            End(screen.Process);
            throw;
        }
    }

    public Task GotoAsync(string address) => WithCircuitAsync(() => _window.Navigate().GoToUrl(new Uri(_baseAddress, address)));

    public Task ReloadAsync() => WithCircuitAsync(_window.Navigate().Refresh);

    /// <summary>Leaves the portal for an empty page.</summary>
    public Task LeaveAsync() => Task.Run(() => _window.Navigate().GoToUrl("about:blank"));

    public Task BackAsync() => Task.Run(_window.Navigate().Back);

    public Task ForwardAsync() => Task.Run(_window.Navigate().Forward);

    public Task WaitForCircuitAsync() => FindAsync(By.CssSelector("html[data-circuit=up]"));

    /// <summary>Waits for the first matching element that is displayed, and returns it.</summary>
    public Task<IWebElement> FindAsync(By by) => WaitAsync(_ => _window.FindElements(by).FirstOrDefault(IsShown), by.ToString());

    public Task<IWebElement> FieldAsync(string label) =>
        FindAsync(By.XPath($"//*[@id = //label[normalize-space() = \"{label}\"]/@for and not(@disabled)]"));

    public async Task FillAsync(string label, string value)
    {
        var field = await FieldAsync(label);
        await Task.Run(() =>
        {
            field.Clear();
            field.SendKeys(value);
        });
    }

    /// <summary>Presses a button or link; one in a popup comes before one in the page behind it.</summary>
    public async Task PressAsync(string name)
    {
        const string named = "[normalize-space() = \"{0}\" or @aria-label = \"{0}\"]";
        var by = string.Format(CultureInfo.InvariantCulture, $"(//button{named} | //a{named} | //summary{named})[not(@disabled)]", name);
        // The page may be drawn anew between finding the element and pressing it.
        await Eventually.TrueAsync(
            () => Task.Run(() =>
            {
                try
                {
                    if (_window.FindElements(By.XPath(by)).FirstOrDefault(IsShown) is not { } found) return false;
                    found.Click();
                    return true;
                }
                catch (WebDriverException e) when (e is StaleElementReferenceException or ElementNotInteractableException)
                {
                    return false;
                }
            }),
            $"{name} can be pressed\n{Text()}");
    }

    /// <summary>Presses until the menu is open: a page that is drawn anew at that moment closes it.</summary>
    public Task OpenMenuAsync(string menu, string item) => Eventually.TrueAsync(
        async () =>
        {
            if (Shows(item)) return true;
            await PressAsync(menu);
            return Shows(item);
        },
        $"the menu {menu} is open");

    private bool Shows(string item) => _window.FindElements(By.XPath($"//button[normalize-space() = \"{item}\"]")).Any(IsShown);

    public Task SeesAsync(string text) => WaitAsync(_ => Text().Contains(text, StringComparison.Ordinal) ? text : null, $"the text \"{text}\"");

    /// <summary>Returns all text that is displayed.</summary>
    public string Text() => _window.FindElement(By.TagName("body")).Text;

    /// <summary>Opens a window of its own: a tab sometimes stays behind the first one, where nothing is drawn and no click arrives.</summary>
    public async Task NewWindowAsync(string address)
    {
        await Task.Run(() => _window.SwitchTo().NewWindow(WindowType.Window));
        await GotoAsync(address);
        await WaitAsync(
            _ => _window.ExecuteScript("return document.visibilityState") as string is "visible" ? "visible" : null,
            "the new window is in front");
    }

    public static Task<byte[]> PictureOfAsync(IWebElement element) => Task.Run(() => ((ITakesScreenshot)element).GetScreenshot().AsByteArray);

    /// <summary>Saves a screenshot for a test that fails; if that fails too, the test's own error stays visible.</summary>
    public async Task SaveFailureAsync(string name)
    {
        try
        {
            await SaveScreenshotAsync(name);
        }
        catch (WebDriverException e)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"No picture: {e.Message}");
        }
    }

    public async Task SaveScreenshotAsync(string name)
    {
        var folder = Path.Combine(PublishedPortal.RepositoryRoot, "TestResults", "screenshots");
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), await Task.Run(() => _window.GetScreenshot().AsByteArray));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.Run(_window.Quit);
        }
        catch (WebDriverException)
        {
            // The driver has already ended.
        }
        _window.Dispose();
        if (_browser is not null) End(_browser);
        End(_driver);
        End(_screen);
    }

    private async Task WithCircuitAsync(Action load)
    {
        await Task.Run(load);
        await WaitForCircuitAsync();
    }

    private async Task<T> WaitAsync<T>(Func<IWebDriver, T?> look, string what) where T : class
    {
        try
        {
            return await Eventually.FoundAsync(() => Task.Run(() =>
            {
                try
                {
                    return look(_window);
                }
                catch (WebDriverException e) when (e is StaleElementReferenceException or NoSuchElementException)
                {
                    return null;
                }
            }), what);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{_window.Url}\n{Text()}", late);
        }
    }

    private static bool IsShown(IWebElement element) => element.TagName == "html" || element.Displayed;

    private static async Task AnswersAsync(Uri driver)
    {
        using var client = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(driver, "/status"));
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the driver answers");
    }

    private static async Task<(Process Process, string Display)> StartScreenAsync(string path)
    {
        var process = Process.Start(new ProcessStartInfo(path, ["-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Reaper.Kill(process);
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Eventually.Patience);
        return (process, ":" + await process.StandardOutput.ReadLineAsync(limit.Token));
    }

    private static Process? ChildOf(Process parent)
    {
        var children = $"/proc/{parent.Id}/task/{parent.Id}/children";
        return File.Exists(children) && File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, ..]
            ? Process.GetProcessById(int.Parse(first, CultureInfo.InvariantCulture))
            : null;
    }

    private static void End(Process process)
    {
        var id = process.Id;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.WaitForExit(TimeSpan.FromSeconds(10));
        process.Dispose();
        Reaper.Spare(id);
    }

    private sealed class Options : DriverOptions
    {
        private static readonly string[] Arguments = ["--automation"];

        public Options(string browser)
        {
            BrowserName = "MiniBrowser";
            AcceptInsecureCertificates = true;
            AddAdditionalOption("webkitgtk:browserOptions", new Dictionary<string, object> { ["binary"] = browser, ["args"] = Arguments });
        }

        public override ICapabilities ToCapabilities() => GenerateDesiredCapabilities(true).AsReadOnly();
    }
}

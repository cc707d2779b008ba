using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Measures the download of the whole user list from the published portal: rows a second, and memory beyond that of the idle portal.
/// </summary>
internal sealed class UserExportBenchmark(TextWriter report)
{
    public async Task RunAsync(PortalProcess portal)
    {
        var cookie = await SignInAsync(portal);
        using var client = portal.CreateClient();
        client.Timeout = TimeSpan.FromMinutes(10);
        for (var run = 1; run <= 3; run++)
        {
            var idle = ReadKiB(portal.ProcessId, "VmRSS");
            // Resets the peak of the process's memory.
            await File.WriteAllTextAsync($"/proc/{portal.ProcessId}/clear_refs", "5");
            using var request = new HttpRequestMessage(HttpMethod.Get, PortalUrls.UsersExport);
            request.Headers.Add("Cookie", cookie);
            var clock = Stopwatch.StartNew();
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (answer.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"The download answered {answer.StatusCode}");
            var (lines, bytes) = await CountAsync(await answer.Content.ReadAsStreamAsync());
            var seconds = clock.Elapsed.TotalSeconds;
            var peak = ReadKiB(portal.ProcessId, "VmHWM");
            await report.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"CSV download {run}: {lines - 1:N0} rows, {bytes / 1048576.0:0} MiB in {seconds:0.0} s, {(lines - 1) / seconds:N0} rows/s; "
                + $"memory {idle / 1024.0:0} MiB idle, at most {(peak - idle) / 1024.0:0} MiB more"));
        }
    }

    /// <summary>Signs in as a person does, in a browser, and returns its cookies.</summary>
    private static async Task<string> SignInAsync(PortalProcess portal)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = FoundTools.Chromium ?? throw new InvalidOperationException("Chromium is not installed"),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(portal.BaseAddress, PortalUrls.SignIn).ToString());
        await page.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.GetByLabel("Username or email").FillAsync(PortalSettings.FirstAdministrator.Username);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(PortalSettings.FirstAdministrator.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account menu") }).WaitForAsync();
        return string.Join("; ", (await page.Context.CookiesAsync()).Select(cookie => $"{cookie.Name}={cookie.Value}"));
    }

    private static async Task<(long Lines, long Bytes)> CountAsync(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var (lines, bytes) = (0L, 0L);
        for (int read; (read = await stream.ReadAsync(buffer)) > 0; bytes += read)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return (lines, bytes);
    }

    private static long ReadKiB(int process, string what) =>
        long.Parse(
            File.ReadLines($"/proc/{process}/status")
                .First(line => line.StartsWith(what + ":", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
}

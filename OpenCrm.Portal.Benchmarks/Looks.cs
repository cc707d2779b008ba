using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>Takes screenshots of every page and state of a portal, so that two versions can be compared pixel by pixel.</summary>
internal static partial class Looks
{
    private const int DemoUsers = 60;
    private const string DemoPassword = "demo-password.txt";

    /// <summary>Saves the screenshots of the published portal in a folder.</summary>
    /// <param name="data">A data folder that the first run fills and every run copies, because the made-up users have other names each time.</param>
    public static async Task<int> TakeAsync(TextWriter report, string folder, string data)
    {
        if (FoundTools.Chromium is not { } chromium)
        {
            await report.WriteLineAsync("No Chromium on this machine.");
            return 1;
        }
        Directory.CreateDirectory(folder);
        if (!File.Exists(Path.Combine(data, DemoPassword)))
            await FillAsync(data);
        var copy = Reaper.NewFolder("looks");
        Copy(data, copy);

        await using var fresh = await PortalProcess.StartAsync(new PortalSettings { Administrator = null });
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { DataFolder = copy });
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
        var walk = new LookWalk(report, browser, folder, fresh, portal, await File.ReadAllTextAsync(Path.Combine(copy, DemoPassword)));
        return await walk.RunAsync() ? 0 : 1;
    }

    private static async Task FillAsync(string data)
    {
        Directory.CreateDirectory(data);
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { DataFolder = Path.GetFullPath(data) });
        var made = (await portal.RunCommandAsync(["demo", "--users", $"{DemoUsers}"])).OutputOrThrow("demo");
        await portal.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(data, DemoPassword), PasswordLine().Match(made).Groups[1].Value);
    }

    private static void Copy(string from, string to)
    {
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }

    [GeneratedRegex(@"[Pp]assword[^\r\n]*?(\S{20,})")]
    private static partial Regex PasswordLine();
}

using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>Takes screenshots of every page and state of a portal, so that two versions can be compared pixel by pixel.</summary>
internal static partial class Looks
{
    private const int DemoUsers = 60, DemoSeed = 7;
    private const string DemoPassword = "demo-password.txt";

    private static readonly string[] Languages = ["en", "de"];

    /// <summary>So few, so that the walk can reach the limit. It has fewer wrong answers on its way there.</summary>
    private const int SignInFailures = 30;

    /// <summary>Saves the screenshots of the published portal in a folder, every state in every shape.</summary>
    /// <param name="report">Where it is told what was done.</param>
    /// <param name="folder">Made if it is not there.</param>
    /// <param name="data">A data folder that the first run fills and every run copies.</param>
    public static Task<int> TakeAsync(TextWriter report, string folder, string data) =>
        WithBrowserAsync(report, browser => WalkAsync(report, browser, folder, data, _ => LookShape.All));

    /// <summary>
    /// Takes what is kept in the repository, says how it differs from what was kept before, and puts it in its place. What a walk that was not
    /// complete did not reach stays as it was.
    /// </summary>
    /// <returns>1 where anything differs or the walk was not complete.</returns>
    public static Task<int> KeepAsync(TextWriter report, string kept, string data) => WithBrowserAsync(report, async browser =>
    {
        // Left there, so that somebody can look at a walk that failed.
        var (taken, now) = (Path.Combine(Path.GetTempPath(), "opencrm-looks-taken"), Reaper.NewFolder("screens"));
        if (Directory.Exists(taken)) Directory.Delete(taken, recursive: true);
        var complete = await WalkAsync(report, browser, taken, data, LookShape.KeptOf);
        var page = await browser.NewPageAsync();
        foreach (var file in Directory.GetFiles(taken, "*.png"))
        {
            var small = await LookSqueeze.ToWebpAsync(page, await File.ReadAllBytesAsync(file), most: 150_000);
            await File.WriteAllBytesAsync(Path.Combine(now, Path.ChangeExtension(Path.GetFileName(file), "webp")), small);
        }
        Directory.CreateDirectory(kept);
        var different = await LookComparison.FindAsync(report, page, kept, now, Path.Combine(Path.GetTempPath(), "opencrm-looks-differences"));
        foreach (var name in different)
        {
            var (from, to) = (Path.Combine(now, name), Path.Combine(kept, name));
            if (File.Exists(from)) File.Copy(from, to, overwrite: true);
            else if (complete) File.Delete(to);
        }
        return complete && different.Count == 0;
    });

    /// <summary>Takes the pictures of the help article anew, in every language and both themes.</summary>
    public static Task<int> HelpAsync(TextWriter report, string webRoot, string data) => WithBrowserAsync(report, async browser =>
    {
        await FillAsync(data);
        foreach (var language in Languages)
        {
            var (copy, clock) = Copy(data);
            await using var portal = await PortalProcess.StartAsync(At(copy, clock));
            if (!await new HelpWalk(browser, portal, new LookClock(clock), language, webRoot).RunAsync(report))
                return false;
        }
        return true;
    });

    internal static BrowserTypeLaunchOptions Quietly(string chromium) =>
        new() { ExecutablePath = chromium, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] };

    private static async Task<int> WithBrowserAsync(TextWriter report, Func<IBrowser, Task<bool>> takeAsync)
    {
        if (FoundTools.Chromium is not { } chromium)
        {
            await report.WriteLineAsync("No Chromium on this machine.");
            return 1;
        }
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(Quietly(chromium));
        return await takeAsync(browser) ? 0 : 1;
    }

    private static async Task<bool> WalkAsync(
        TextWriter report, IBrowser browser, string folder, string data, Func<string, LookShape[]> shapesOf)
    {
        Directory.CreateDirectory(folder);
        await FillAsync(data);
        var (copy, clock) = Copy(data);
        await using var fresh = await PortalProcess.StartAsync(At(Reaper.NewFolder("looks"), clock) with { Administrator = null });
        await using var portal = await PortalProcess.StartAsync(At(copy, clock).With("Limits:SignInFailures", $"{SignInFailures}"));
        var password = await File.ReadAllTextAsync(Path.Combine(copy, DemoPassword));
        return await new LookWalk(report, browser, folder, shapesOf, fresh, portal, new LookClock(clock), password).RunAsync();
    }

    private static PortalSettings At(string folder, string clock) =>
        new PortalSettings { DataFolder = folder }
            .With("DOTNET_STARTUP_HOOKS", typeof(Looks).Assembly.Location)
            .With(LookClock.Variable, clock);

    /// <summary>Makes the company once: its people are the same each time, and their first count is done before anybody looks at Home.</summary>
    private static async Task FillAsync(string data)
    {
        if (File.Exists(Path.Combine(data, DemoPassword)))
            return;
        Directory.CreateDirectory(data);
        var folder = Path.GetFullPath(data);
        await using var portal = await PortalProcess.StartAsync(At(folder, Path.Combine(folder, "no-clock")));
        var made = (await portal.RunCommandAsync(["demo", "--users", $"{DemoUsers}", "--seed", $"{DemoSeed}"])).OutputOrThrow("demo");
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(folder, "portal.db")};Pooling=False"))
        {
            await database.OpenAsync();
            await Eventually.TrueAsync(() => IsCountedAsync(database), "the days are counted", TimeSpan.FromMinutes(3));
            await using var rollout = database.CreateCommand();
            rollout.CommandText = Rollout;
            await rollout.ExecuteNonQueryAsync();
        }
        await portal.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(data, DemoPassword), PasswordLine().Match(made).Groups[1].Value);
    }

    private static async Task<bool> IsCountedAsync(SqliteConnection database)
    {
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM DayFigures WHERE UsersCountedAt IS NOT NULL AND WithMfa + WithoutMfa > 1";
        return (long)(await command.ExecuteScalarAsync())! > 0;
    }

    /// <summary>Gives the days before today the counts that a company has which sets MFA up bit by bit.</summary>
    private const string Rollout =
        """
        WITH RECURSIVE Ago(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM Ago WHERE N < 60),
        Today AS (SELECT * FROM DayFigures ORDER BY Day DESC LIMIT 1)
        INSERT INTO DayFigures (Day, TakenAt, CountedAt, SignIns, Refusals, UsersCountedAt, WithMfa, WithoutMfa)
        SELECT date(Today.Day, '-' || N || ' days'), TakenAt - N * 864000000000, CountedAt, 0, 0, UsersCountedAt,
            WithMfa - WithMfa * N * N / 4000, WithoutMfa + WithMfa * N * N / 4000
        FROM Today, Ago WHERE true
        ON CONFLICT (Day) DO UPDATE SET
            UsersCountedAt = excluded.UsersCountedAt, WithMfa = excluded.WithMfa, WithoutMfa = excluded.WithoutMfa
        """;

    /// <returns>A copy of the data, and the file of a clock beside it.</returns>
    private static (string Folder, string Clock) Copy(string data)
    {
        var copy = Reaper.NewFolder("looks");
        Copy(data, copy);
        return (copy, Path.Combine(copy, "clock"));
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

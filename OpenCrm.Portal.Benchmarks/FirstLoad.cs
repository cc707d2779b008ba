using System.Diagnostics;
using System.Globalization;
using System.Net;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>Measures how long the portal takes from a cold start to its sign-in page, and how many bytes that page sends.</summary>
internal static class FirstLoad
{
    private const int Starts = 5;

    public static async Task RunAsync(TextWriter report)
    {
        // Publishing must not be part of the measured time.
        await PublishedPortal.FolderAsync();
        await using var cluster = new PostgresCluster();

        await ReportStartsAsync(report, "SQLite", new PortalSettings());
        if (FoundTools.PostgresBinaries is not null)
            await ReportStartsAsync(report, "PostgreSQL", PortalSettings.OnPostgres(await cluster.CreateDatabaseAsync()));
        if (FoundTools.Chromium is { } chromium)
            await ReportBytesAsync(report, chromium);
    }

    private static async Task ReportStartsAsync(TextWriter report, string database, PortalSettings settings)
    {
        await using var portal = new PortalProcess(settings);
        // The first start makes the database and the first administrator; every later one is what an operator waits for.
        var first = await StartAsync(portal);
        List<double> starts = [];
        for (var i = 0; i < Starts; i++)
            starts.Add(await StartAsync(portal));
        starts.Sort();
        await report.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"cold start to {PortalUrls.SignIn}, {database,-10}  min {starts[0],5:0} ms  median {starts[Starts / 2],5:0} ms  "
            + $"max {starts[^1],5:0} ms  (empty database {first:0} ms)"));
    }

    private static async Task<double> StartAsync(PortalProcess portal)
    {
        using var client = portal.CreateClient();
        var watch = Stopwatch.StartNew();
        await portal.StartUnwatchedAsync();
        await Eventually.TrueAsync(() => ServesAsync(portal, client), $"{PortalUrls.SignIn} is served", TimeSpan.FromSeconds(60));
        var time = watch.Elapsed.TotalMilliseconds;
        await portal.KillAsync();
        return time;
    }

    private static async Task<bool> ServesAsync(PortalProcess portal, HttpClient client)
    {
        if (!portal.IsRunning)
            throw new InvalidOperationException($"The portal ended:\n{portal.Output}");
        try
        {
            using var answer = await client.GetAsync(new Uri(PortalUrls.SignIn, UriKind.Relative));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task ReportBytesAsync(TextWriter report, string chromium)
    {
        await using var portal = await PortalProcess.StartAsync();
        foreach (var (kind, bytes, requests) in await WireBytes.OfFirstLoadAsync(chromium, new Uri(portal.BaseAddress, PortalUrls.SignIn)))
            await report.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"first load of {PortalUrls.SignIn}, {kind,-11}  {bytes / 1024.0,7:0.0} KiB  {requests,3} requests"));
    }
}

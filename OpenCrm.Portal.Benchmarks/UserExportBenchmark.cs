using System.Diagnostics;
using System.Net;
using OpenCrm.Portal.Benchmarks.Circuits;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Goal 5: the download of the whole user list from the published portal: seconds, and memory beyond that of the idle portal.
/// </summary>
internal sealed class UserExportBenchmark(Report report)
{
    public async Task RunAsync(Uri portal, int process)
    {
        var visitor = new Visitor(portal);
        await using var page = await Circuit.OpenAsync(visitor, PortalUrls.SignIn);
        await PortalServer.SignInAsync(page, PortalServer.Administrator);
        var (seconds, memory, rows) = (new Runs(), new Runs(), 0L);
        for (var run = 1; run <= 3; run++)
        {
            var idle = ProcessFigures.ResidentMiB(process);
            // Resets the peak of the process's memory.
            await File.WriteAllTextAsync($"/proc/{process}/clear_refs", "5");
            using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(portal, PortalUrls.UsersExport));
            request.Headers.Add("Cookie", visitor.Cookies);
            var clock = Stopwatch.StartNew();
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (answer.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"The download answered {answer.StatusCode}");
            var (lines, bytes) = await CountAsync(await answer.Content.ReadAsStreamAsync());
            rows = lines - 1;
            seconds.Add(clock.Elapsed.TotalSeconds);
            memory.Add(ProcessFigures.PeakMiB(process) - idle);
            await report.SayAsync(
                $"CSV download {run}: {rows:N0} rows, {bytes / 1048576} MiB in {Figure.Number(clock.Elapsed.TotalSeconds)} s; memory "
                + $"{Figure.Number(idle)} MiB idle, at most {Figure.Number(memory.All[^1])} MiB more");
        }
        await report.AddAsync(new(5, $"CSV of {rows:N0} rows, the slowest of three", seconds.Spread.Most, "s", Measure: Measure.AtMost, Limit: 15));
        await report.AddAsync(new(5, "its memory beyond the idle portal", memory.Spread.Most, "MiB", Measure: Measure.AtMost, Limit: 64));
    }

    private static async Task<(long Lines, long Bytes)> CountAsync(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var (lines, bytes) = (0L, 0L);
        for (int read; (read = await stream.ReadAsync(buffer)) > 0; bytes += read)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return (lines, bytes);
    }
}

using System.Diagnostics;
using System.Globalization;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// Writes what each start costs to the file <c>PORTAL_TEST_TIMES</c>, one line each: name, seconds, seconds of processor time. <c>.ci/slowest</c>
/// sums them up. Work that runs at the same time is counted too.
/// </summary>
public sealed class StartTimes : IDisposable
{
    private static readonly string? Kept = Environment.GetEnvironmentVariable("PORTAL_TEST_TIMES");
    private static readonly Lock Gate = new();

    private readonly string what;
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly TimeSpan used = Own();

    private StartTimes(string what) => this.what = what;

    /// <summary>The process that is started; null for a start in this process.</summary>
    public Process? Started { get; set; }

    public static StartTimes Of(string what) => new(what);

    public void Dispose()
    {
        if (Kept is null) return;
        var processor = Started is null ? Own() - used : Started.HasExited ? TimeSpan.Zero : Started.TotalProcessorTime;
        var line = string.Create(CultureInfo.InvariantCulture, $"{what}\t{Stopwatch.GetElapsedTime(began).TotalSeconds:0.000}\t{processor.TotalSeconds:0.000}\n");
        lock (Gate) File.AppendAllText(Kept, line);
    }

    private static TimeSpan Own() => Kept is null ? TimeSpan.Zero : Environment.CpuUsage.TotalTime;
}

using System.Diagnostics;
using System.Globalization;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// What each start cost, a line each in the file <c>PORTAL_TEST_TIMES</c>: which, seconds, seconds of processor. <c>.ci/slowest</c> sums them up. What runs beside it is counted with it.
/// </summary>
public sealed class StartTimes : IDisposable
{
    private static readonly string? Kept = Environment.GetEnvironmentVariable("PORTAL_TEST_TIMES");
    private static readonly Lock Gate = new();

    private readonly string what;
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly TimeSpan used = Own();

    private StartTimes(string what) => this.what = what;

    /// <summary>The process that is started, if it is not this one.</summary>
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

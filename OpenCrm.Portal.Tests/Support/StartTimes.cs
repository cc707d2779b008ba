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

    private readonly string _what;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly TimeSpan _used = Own();

    private StartTimes(string what) => _what = what;

    /// <summary>The process that is started; null for a start in this process.</summary>
    public Process? Started { get; set; }

    public static StartTimes Of(string what) => new(what);

    public void Dispose()
    {
        if (Kept is null) return;
        var processor = Started is null ? Own() - _used : Started.HasExited ? TimeSpan.Zero : Started.TotalProcessorTime;
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{_what}\t{Stopwatch.GetElapsedTime(_began).TotalSeconds:0.000}\t{processor.TotalSeconds:0.000}\n");
        lock (Gate) File.AppendAllText(Kept, line);
    }

    private static TimeSpan Own() => Kept is null ? TimeSpan.Zero : Environment.CpuUsage.TotalTime;
}

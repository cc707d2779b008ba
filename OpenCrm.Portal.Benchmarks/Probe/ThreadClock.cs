using System.Runtime.InteropServices;

namespace OpenCrm.Portal.Benchmarks.Probe;

/// <summary>Processor time of the current thread: what a piece of work costs, whatever else the machine does.</summary>
internal static class ThreadClock
{
    private const int OfThread = 3;

    public static TimeSpan Now()
    {
        _ = clock_gettime(OfThread, out var time);
        return TimeSpan.FromTicks(time.Seconds * TimeSpan.TicksPerSecond + time.Nanoseconds / 100);
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int clock_gettime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds, Nanoseconds;
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Figures;

/// <summary>Where and of what the figures are.</summary>
/// <param name="Load">Programs that wanted a core in the minute before: more than a little says that the times are not of a quiet machine.</param>
internal sealed record Machine(string Processor, int Cores, double MemoryGiB, string System, string Runtime, string Commit, double Load)
{
    public static async Task<Machine> ReadAsync()
    {
        var git = await CommandLineTool.RunAsync("git", ["-C", PublishedPortal.RepositoryRoot, "rev-parse", "--short", "HEAD"]);
        return new(
            First("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
            Environment.ProcessorCount,
            Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30), 1),
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            git.ExitCode == 0 ? git.Output.Trim() : "unknown",
            LoadNow());
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Cores} × {Processor}, {MemoryGiB} GiB, {Runtime}, commit {Commit}, load before {Load:0.00}");

    private static double LoadNow() =>
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : 0;

    private static string? First(string file, string name) =>
        File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
}

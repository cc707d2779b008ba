using System.Globalization;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>What the kernel says about a process and its children: also of servers that are no .NET.</summary>
internal static class ProcessFigures
{
    private const double TicksPerSecond = 100;

    public static double PeakMiB(params int[] roots) => Tree(roots).Sum(process => ReadKiB(process, "VmHWM")) / 1024.0;

    public static double ResidentMiB(params int[] roots) => Tree(roots).Sum(process => ReadKiB(process, "VmRSS")) / 1024.0;

    /// <summary>Milliseconds of processor time, in steps of ten.</summary>
    public static double Processor(params int[] roots) =>
        Tree(roots).Select(Stat).OfType<string[]>()
            .Sum(fields => fields.Skip(11).Take(4).Sum(field => double.Parse(field, CultureInfo.InvariantCulture))) * 1000 / TicksPerSecond;

    private static List<int> Tree(int[] roots)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) ? process : 0)
            .Where(process => process > 0)
            .Select(process => (Process: process, Parent: Stat(process) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0))
            .ToLookup(pair => pair.Parent, pair => pair.Process);
        List<int> tree = [.. roots.Distinct()];
        for (var i = 0; i < tree.Count; i++) tree.AddRange(children[tree[i]].Except(tree));
        return tree;
    }

    /// <summary>The fields after the name, which may hold blanks; null when the process has ended.</summary>
    private static string[]? Stat(int process)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{process}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long ReadKiB(int process, string what)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(what + ":", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

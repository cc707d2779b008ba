using OpenCrm.Portal.Benchmarks.Circuits;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>
/// Goal 6: what an open page keeps on the managed heap, measured after full collections, before and after the build of 27 November 2026; and what it
/// does while nobody touches it.
/// </summary>
internal static class CircuitsGoal
{
    /// <summary>Seconds over which idle circuits are watched.</summary>
    private const int Watched = 10;

    public static async Task RunAsync(Goal goal)
    {
        var count = goal.Options.Number("circuits", 200, 3);
        var portal = await goal.PortalAsync(goal.Options.Number("users", 1000, 30));
        var earlier = await goal.EarlierAsync(1000);
        var (page, list) = (await MeasureAsync(goal, portal, count, Front), await MeasureAsync(goal, portal, count, UserListAsync));
        (Kept Page, Kept List)? before = earlier is null
            ? null
            : (await MeasureAsync(goal, earlier, count, Front), await MeasureAsync(goal, earlier, count, UserListAsync));
        await goal.Report.AddAsync(new(
            6, $"sign-in page, managed memory a circuit ({count} of them)", page.KiB, "KiB", null, earlier?.Name, before?.Page.KiB, Measure.AtMost,
            250));
        await goal.Report.AddAsync(new(
            6, $"user list, managed memory a circuit ({count} signed-in ones)", list.KiB, "KiB", null, earlier?.Name, before?.List.KiB,
            Measure.AtMost, 500));
        await goal.Report.AddAsync(new(
            6, "the same, against the build of before", list.KiB, "KiB", null, earlier?.Name, before?.List.KiB, Measure.RatioAtMost, 0.6));
        await goal.Report.AddAsync(new(
            6, "work items a second of an idle circuit on the user list", list.WorkItems, "/s", null, earlier?.Name, before?.List.WorkItems));
    }

    private static Task<Circuit> Front(PortalServer portal, Visitor visitor) => Circuit.OpenAsync(visitor, portal.SignInPath);

    private static async Task<Circuit> UserListAsync(PortalServer portal, Visitor visitor)
    {
        var circuit = await Circuit.OpenAsync(visitor, PortalUrls.Users);
        await circuit.FindAsync(
            page => page.Find(all => all.Find(node => node.Attributes.GetValueOrDefault("href")?.StartsWith(PortalUrls.Users + "/",
                StringComparison.Ordinal)
                is true && node.Nearest(above => above.Tag == "table") is not null)),
            "A row of the user list");
        return circuit;
    }

    /// <summary>One browser signs in; all circuits are tabs of its session, as cheap to open as can be.</summary>
    private static async Task<Kept> MeasureAsync(
        Goal goal, PortalServer portal, int count, Func<PortalServer, Visitor, Task<Circuit>> openAsync)
    {
        var visitor = new Visitor(portal.Address);
        if (openAsync != Front)
        {
            await using var first = await Circuit.OpenAsync(visitor, portal.SignInPath);
            await PortalServer.SignInAsync(first, PortalServer.Administrator);
        }
        for (var warm = 0; warm < Math.Min(count, 5); warm++) await (await openAsync(portal, visitor)).DisposeAsync();
        await portal.RestAsync();
        var empty = await portal.ReadAsync(collect: true);
        List<Circuit> open = [];
        try
        {
            for (var i = 0; i < count; i++) open.Add(await openAsync(portal, visitor));
            await portal.RestAsync();
            var full = await portal.ReadAsync(collect: true);
            await portal.RestAsync();
            var began = await portal.ReadAsync();
            await Task.Delay(TimeSpan.FromSeconds(goal.Options.Tiny ? 1 : Watched));
            var ended = await portal.ReadAsync();
            var kept = new Kept(
                (full.Managed - empty.Managed) / 1024.0 / count, (full.Resident - empty.Resident) / 1024.0 / count,
                (ended.WorkItems - began.WorkItems) / (double)(goal.Options.Tiny ? 1 : Watched) / count);
            await goal.Report.SayAsync(
                $"{portal.Name,-10} {open[0].Address.AbsolutePath,-18} {Figure.Number(kept.KiB)} KiB managed, "
                + $"{Figure.Number(kept.ResidentKiB)} KiB resident a circuit; "
                + $"{Figure.Number((full.Timers - empty.Timers) / (double)count)} timers, {Figure.Number(kept.WorkItems)} work items/s idle; "
                + $"{Figure.Number(open.Average(circuit => circuit.Received) / 1024)} KiB in {open.Average(circuit => circuit.Batches):0.0} batches");
            return kept;
        }
        finally
        {
            await Task.WhenAll(open.Select(circuit => circuit.DisposeAsync().AsTask()));
        }
    }

    private sealed record Kept(double KiB, double ResidentKiB, double WorkItems);
}

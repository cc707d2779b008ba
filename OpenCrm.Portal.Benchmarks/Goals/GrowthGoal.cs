using System.Diagnostics;
using OpenCrm.Portal.Benchmarks.Circuits;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>Goal 14: the same pages with few users and with many, on PostgreSQL; the two portals take turns.</summary>
internal static class GrowthGoal
{
    public static async Task RunAsync(Goal goal)
    {
        var (few, many) = (goal.Options.Number("few", 10_000, 20), goal.Options.Number("many", 1_000_000, 40));
        var (rounds, each) = (goal.Options.Number("rounds", 5, 1), goal.Options.Number("each", 8, 1));
        List<Contestant> all = [new(await goal.PortalAsync(few, true)), new(await goal.PortalAsync(many, true))];
        for (var round = 0; round <= rounds; round++)
            foreach (var one in all)
                await one.TakeTurnAsync(each, counts: round > 0);
        foreach (var what in all[0].Milliseconds.Keys)
        {
            var (small, large) = (all[0].Milliseconds[what], all[1].Milliseconds[what]);
            await goal.Report.AddAsync(new(
                14, $"{what} with {many:N0} users, elapsed", large.Median, "ms", large.Spread, $"{few:N0} users", small.Median, Measure.RatioAtMost,
                1.2));
        }
        await goal.Report.AddAsync(new(
            14, "sign-in, list, Home and audit trail together, server CPU", all[1].Processor.Median, "ms", all[1].Processor.Spread, $"{few:N0} users",
            all[0].Processor.Median, Measure.RatioAtMost, 1.2));
    }

    private sealed class Contestant(PortalServer portal)
    {
        private int _next;

        public Dictionary<string, Runs> Milliseconds { get; } = new()
        {
            ["sign-in"] = new(),
            ["user list"] = new(),
            ["Home"] = new(),
            ["audit trail"] = new(),
        };

        public Runs Processor { get; } = new();

        public async Task TakeTurnAsync(int each, bool counts)
        {
            var before = await portal.RestAsync();
            for (var i = 0; i < each; i++) await VisitAsync(counts);
            var after = await portal.RestAsync();
            if (counts) Processor.Add((after.Processor - before.Processor) / each);
        }

        private async Task VisitAsync(bool counts)
        {
            await using (var person = await TimeAsync("sign-in", counts, () => portal.SignInAsync(portal.People[_next++ % portal.People.Count])))
            {
                // Only its sign-in counts.
            }
            await using var circuit = await portal.SignInAsync(PortalServer.Administrator);
            await TimeAsync("user list", counts, () => ShowAsync(circuit, PortalUrls.Users, "Users"));
            await TimeAsync("audit trail", counts, () => ShowAsync(circuit, PortalUrls.AuditTrail, "Audit trail"));
            await TimeAsync("Home", counts, async () =>
            {
                await circuit.GoAsync(PortalUrls.Home);
                return await circuit.FindAsync(page => page.Find(all =>
                    all.Exists(node => node.Tag == "table") ? null : all.Find(node => node.Tag == "h1")), "The heading of Home");
            });
        }

        /// <summary>Goes to a page and waits for the first row of its table.</summary>
        private static async Task<PageNode> ShowAsync(Circuit circuit, string path, string table)
        {
            await circuit.GoAsync(path);
            return await circuit.FindAsync(page => page.Find(all => all.Find(node =>
                node.Tag == "tr" && node.Attributes.GetValueOrDefault("aria-hidden") is null
                    && node.Nearest(above => above.Tag == "tbody") is not null
                && node.Nearest(above => above.Attributes.GetValueOrDefault("aria-label") == table) is not null)), $"A row of {table}");
        }

        private async Task<T> TimeAsync<T>(string what, bool counts, Func<Task<T>> act)
        {
            var began = Stopwatch.GetTimestamp();
            var result = await act();
            if (counts) Milliseconds[what].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            return result;
        }
    }
}

using System.Diagnostics;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>Goal 11: from starting the process to a served sign-in page, on both databases, beside the template; they take turns.</summary>
internal static class ColdStartGoal
{
    public static async Task RunAsync(Goal goal)
    {
        var rounds = goal.Options.Number("rounds", 7, 1);
        List<(string Database, MeasuredServer Server, Runs Wall, Runs Processor)> all = [("SQLite", await goal.PortalAsync(10, false), new(), new())];
        if (FoundTools.PostgresBinaries is not null && !goal.Options.Tiny) all.Add(("PostgreSQL", await goal.PortalAsync(10, true), new(), new()));
        if (await goal.TemplateAsync(withCodes: false) is { } template) all.Add((template.Name, template, new(), new()));
        foreach (var one in all) await one.Server.StopAsync();
        for (var round = 0; round <= rounds; round++)
            foreach (var (_, server, wall, processor) in all)
            {
                var began = Stopwatch.GetTimestamp();
                await server.StartUnreadyAsync(watched: false);
                while (!await server.ServesSignInAsync()) await Task.Delay(4);
                var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                if (round > 0)
                {
                    wall.Add(took);
                    processor.Add(ProcessFigures.Processor(server.ProcessId));
                }
                await server.StopAsync();
            }
        var other = all.Find(one => one.Server is TemplateServer);
        foreach (var (database, server, wall, processor) in all.Where(one => one.Server is PortalServer))
        {
            await goal.Report.AddAsync(new(
                11, $"cold start to a served sign-in page, {database}", wall.Median, "ms", wall.Spread, other.Server?.Name, other.Wall?.Median,
                Measure.RatioAtMost, 1));
            await goal.Report.AddAsync(new(
                11, $"the same, processor time", processor.Median, "ms", processor.Spread, other.Server?.Name, other.Processor?.Median));
        }
    }
}

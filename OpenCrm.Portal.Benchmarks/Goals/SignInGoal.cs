using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>
/// Goal 1: what a complete sign-in costs the server, its hash included and without: new browser, page, circuit, password, first page. Portal,
/// template
/// and the portal of before take turns of ten.
/// </summary>
internal static class SignInGoal
{
    public static async Task RunAsync(Goal goal)
    {
        var (rounds, each) = (goal.Options.Number("rounds", 5, 1), goal.Options.Number("each", 10, 1));
        var withCodes = goal.Options.Has("code");
        var portal = await goal.PortalAsync(goal.Options.Number("users", 1000, 20));
        var template = await goal.TemplateAsync(withCodes);
        var earlier = await goal.EarlierAsync(1000);
        var needed = each * Math.Min(rounds + 1, 3);
        if (withCodes)
            foreach (var server in new[] { portal, earlier }.OfType<PortalServer>())
                await server.EnrolAsync(needed);
        List<Contestant> all = [.. new MeasuredServer?[] { portal, template,
            earlier }.OfType<MeasuredServer>().Select(server => new Contestant(server))];
        await using (var driver = await SignInDriver.OfAsync(goal.Options))
        {
            // The first round is left out: it compiles what the others use.
            for (var round = 0; round <= rounds; round++)
                foreach (var one in all)
                    await one.TakeTurnAsync(driver, each, needed, counts: round > 0);
            foreach (var one in all)
                await goal.Report.SayAsync(
                    $"{one.Server.Name,-10} total {Text(one.Total)}, hash {Text(one.Hash)}, beyond the hash {Text(one.Beyond)} ms of processor time "
                    + $"a sign-in; {Figure.Number(one.Hashes.Median)} hashes each; peak {Figure.Number(one.Server.PeakMiB())} MiB; by {driver.Name}");
        }
        var how = withCodes ? "password and code" : "password";
        var mine = all[0];
        var other = all.Find(one => one.Server is TemplateServer);
        var before = all.Find(one => one.Server == earlier && earlier is not null);
        await goal.Report.AddAsync(new(
            1, $"complete sign-in with {how}, server CPU", mine.Total.Median, "ms", mine.Total.Spread, other?.Server.Name, other?.Total.Median,
            Measure.RatioAtMost, 0.6));
        await goal.Report.AddAsync(new(
            1, $"the same beyond the hash", mine.Beyond.Median, "ms", mine.Beyond.Spread, before?.Server.Name, before?.Beyond.Median,
            Measure.RatioAtMost, 0.6));
        await goal.Report.AddAsync(new(
            1, "the same beyond the hash", mine.Beyond.Median, "ms", mine.Beyond.Spread, other?.Server.Name, other?.Beyond.Median));
        await goal.Report.AddAsync(new(1, "its hash", mine.Hash.Median, "ms", mine.Hash.Spread, other?.Server.Name, other?.Hash.Median));
        await goal.Report.AddAsync(new(
            12, "peak memory after these sign-ins", mine.Server.PeakMiB(), "MiB", null, other?.Server.Name, other?.Server.PeakMiB(),
            Measure.RatioAtMost, 1.0));
    }

    private static string Text(Runs runs) =>
        $"{Figure.Number(runs.Median)} ({Figure.Number(runs.Spread.Least)}–{Figure.Number(runs.Spread.Most)})";

    private sealed class Contestant(MeasuredServer server)
    {
        private int _next;

        public MeasuredServer Server => server;

        public Runs Total { get; } = new();

        public Runs Hash { get; } = new();

        public Runs Beyond { get; } = new();

        public Runs Hashes { get; } = new();

        public async Task TakeTurnAsync(SignInDriver driver, int each, int people, bool counts)
        {
            var before = await server.RestAsync();
            for (var i = 0; i < each; i++) await driver.SignInAsync(server, server.People[_next++ % Math.Min(people, server.People.Count)]);
            var after = await server.RestAsync();
            if (!counts) return;
            var (total, hash) = ((after.Processor - before.Processor) / each, (after.Hashing - before.Hashing) / each);
            Total.Add(total);
            Hash.Add(hash);
            Beyond.Add(total - hash);
            Hashes.Add((after.Hashes - before.Hashes) / (double)each);
        }
    }
}

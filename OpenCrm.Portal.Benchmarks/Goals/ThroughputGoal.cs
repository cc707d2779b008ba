using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>
/// Goals 2 and 12: how many complete sign-ins a second, password and code, with several at once; and the most memory that this takes. Portal and
/// template take turns.
/// </summary>
internal static class ThroughputGoal
{
    public static async Task RunAsync(Goal goal)
    {
        var (rounds, parallel, seconds) = (
            goal.Options.Number("rounds", 3, 1), goal.Options.Number("parallel", 8, 2), goal.Options.Number("seconds", 7, 1));
        var portal = await goal.PortalAsync(goal.Options.Number("users", 5000, 30));
        await portal.EnrolAsync(goal.Options.Number("people", 3000, 10));
        List<Contestant> all = [new(portal)];
        if (await goal.TemplateAsync(withCodes: true) is { } template) all.Add(new(template));
        for (var round = 0; round < rounds; round++)
            foreach (var one in all)
                await one.TakeTurnAsync(parallel, TimeSpan.FromSeconds(seconds));
        foreach (var one in all)
            await goal.Report.SayAsync(
                $"{one.Server.Name,-10} {Figure.Number(one.Rate.Median)}/s; p50 {Figure.Number(one.Milliseconds.At(50))}, p95 "
                + $"{Figure.Number(one.Milliseconds.At(95))} ms; processor {Figure.Number(one.Total.Median)} ms each, of it hash {Figure.Number(one.Hash.Median)}; "
                + $"peak {Figure.Number(one.Server.PeakMiB())} MiB; {one.Faults}");
        var (mine, other) = (all[0], all.Count > 1 ? all[1] : null);
        await goal.Report.AddAsync(new(
            2, $"sign-ins with code a second, {parallel} at once", mine.Rate.Median, "/s", mine.Rate.Spread, other?.Server.Name, other?.Rate.Median,
            Measure.RatioAtLeast, 2));
        await goal.Report.AddAsync(new(
            2, "the same at equal hash: processor time beyond the hash", mine.Beyond, "ms", null, other?.Server.Name, other?.Beyond));
        await goal.Report.AddAsync(new(
            2, "the same at equal hash: the template's hash in place of the own", mine.RateWith(other?.Hash.Median), "/s", null, other?.Server.Name,
            other?.RateWith(other.Hash.Median), Measure.RatioAtLeast, 1.15));
        await goal.Report.AddAsync(new(
            12, "peak memory under this load", mine.Server.PeakMiB(), "MiB", null, other?.Server.Name, other?.Server.PeakMiB(), Measure.RatioAtMost, 1));
    }

    private sealed class Contestant(MeasuredServer server)
    {
        private int _next;

        public MeasuredServer Server => server;

        public Runs Rate { get; } = new();

        public Runs Total { get; } = new();

        public Runs Hash { get; } = new();

        public Runs Milliseconds { get; } = new();

        public string Faults { get; private set; } = "";

        public double Beyond => Total.Median - Hash.Median;

        /// <summary>What all cores could do a second with a hash that costs so much.</summary>
        public double RateWith(double? hash) => Environment.ProcessorCount * 1000 / (Beyond + (hash ?? Hash.Median));

        public async Task TakeTurnAsync(int parallel, TimeSpan measured)
        {
            await server.RestAsync();
            List<Probe.Reading> readings = [];
            var people = server.People.Count(person => person.Key is not null);
            var load = await Load.RunAsync(
                parallel, TimeSpan.FromSeconds(2), measured,
                async _ =>
                {
                    await using var circuit = await server.SignInAsync(server.People[(int)((uint)Interlocked.Increment(ref _next) % (uint)people)]);
                },
                async () => readings.Add(await server.ReadAsync()));
            Rate.Add(load.Rate);
            Total.Add((readings[1].Processor - readings[0].Processor) / load.Done);
            Hash.Add((readings[1].Hashing - readings[0].Hashing) / load.Done);
            Milliseconds.AddRange(load.Milliseconds.All);
            Faults = load.Faults;
        }
    }
}

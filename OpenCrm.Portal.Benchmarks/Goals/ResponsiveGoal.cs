using System.Diagnostics;
using OpenCrm.Portal.Benchmarks.Circuits;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>Goal 3: while many sign in, how long somebody else waits for the sign-in page, and somebody signed in for a click.</summary>
internal static class ResponsiveGoal
{
    public static async Task RunAsync(Goal goal)
    {
        var (rounds, parallel, seconds) = (
            goal.Options.Number("rounds", 3, 1), goal.Options.Number("parallel", 16, 2), goal.Options.Number("seconds", 8, 1));
        var portal = await goal.PortalAsync(goal.Options.Number("users", 5000, 30));
        await portal.EnrolAsync(goal.Options.Number("people", 2000, 100));
        var template = await goal.TemplateAsync(withCodes: true);
        List<Contestant> all = [new(portal)];
        if (template is not null) all.Add(new(template));
        for (var round = 0; round < rounds; round++)
            foreach (var one in all)
                await one.TakeTurnAsync(parallel, TimeSpan.FromSeconds(seconds));
        foreach (var one in all)
            await goal.Report.SayAsync(
                $"{one.Server.Name,-10} {Figure.Number(one.Rate.Median)} sign-ins/s; "
                + $"page p50 {Figure.Number(one.Page.At(50))}, p95 {Figure.Number(one.Page.At(95))} ms of {one.Page.Count}; "
                + $"click p50 {Figure.Number(one.Click.At(50))}, p95 {Figure.Number(one.Click.At(95))} ms of {one.Click.Count}; {one.Faults}");
        var (mine, other) = (all[0], all.Count > 1 ? all[1] : null);
        await goal.Report.AddAsync(new(
            3, $"sign-in page while {parallel} sign in, p95", mine.Page.At(95), "ms", null, other?.Server.Name, other?.Page.At(95), Measure.AtMost,
            30));
        await goal.Report.AddAsync(new(
            3, $"click of somebody signed in meanwhile, p95", mine.Click.At(95), "ms", null, other?.Server.Name, other?.Click.At(95),
            Measure.AtMost, 30));
    }

    private sealed class Contestant(MeasuredServer server)
    {
        private int _next = System.Security.Cryptography.RandomNumberGenerator.GetInt32(server.People.Count);

        public MeasuredServer Server => server;

        public Runs Page { get; } = new();

        public Runs Click { get; } = new();

        public Runs Rate { get; } = new();

        public string Faults { get; private set; } = "";

        public async Task TakeTurnAsync(int parallel, TimeSpan measured)
        {
            await server.RestAsync();
            await using var clicker = await Clicker.OpenAsync(server);
            using var end = new CancellationTokenSource();
            var warm = TimeSpan.FromSeconds(2);
            var looking = RepeatAsync(Page, warm, async () =>
            {
                var began = Stopwatch.GetTimestamp();
                await new Visitor(server.Address).GetAsync(server.SignInPath);
                return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }, end.Token);
            var clicking = RepeatAsync(Click, warm, clicker.ClickAsync, end.Token);
            var load = await Load.RunAsync(parallel, warm, measured, async _ =>
            {
                var person = server.People[(int)((uint)Interlocked.Increment(ref _next) % (uint)People)];
                await using var circuit = await server.SignInAsync(person);
            });
            await end.CancelAsync();
            await Task.WhenAll(looking, clicking);
            Rate.Add(load.Rate);
            Faults = load.Faults;
        }

        private int People => server.People.Count(person => person.Key is not null);

        private static async Task RepeatAsync(Runs into, TimeSpan warm, Func<Task<double>> once, CancellationToken end)
        {
            var clock = Stopwatch.StartNew();
            while (!end.IsCancellationRequested)
            {
                var took = await once();
                if (clock.Elapsed > warm) into.Add(took);
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }
}

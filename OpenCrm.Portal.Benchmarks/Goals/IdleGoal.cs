using System.Diagnostics;
using OpenCrm.Portal.Benchmarks.Circuits;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>Goal 7: thousands of open pages that nobody touches; what they hold, how a click fares beside them, and how fast one is
/// revoked.</summary>
internal static class IdleGoal
{
    private const double Extrapolated = 20000;

    public static async Task RunAsync(Goal goal)
    {
        var (count, sessions) = (goal.Options.Number("circuits", 5000, 2), goal.Options.Number("sessions", 100, 1));
        var portal = await goal.PortalAsync(goal.Options.Number("users", 5000, 30));
        var empty = await portal.ReadAsync(collect: true);
        List<(Visitor Visitor, List<Circuit> Tabs)> people = [];
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, sessions), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, _) =>
            {
                var person = await OpenAsync(portal, portal.People[number], count / sessions);
                lock (people) people.Add(person);
            });
            await portal.RestAsync();
            var full = await portal.ReadAsync(collect: true);
            await using var clicker = await Clicker.OpenAsync(portal);
            var clicks = new Runs();
            for (var i = 0; i < goal.Options.Number("clicks", 300, 5); i++) clicks.Add(await clicker.ClickAsync());
            await portal.RestAsync();
            var (began, clock) = (await portal.ReadAsync(), Stopwatch.StartNew());
            await Task.Delay(TimeSpan.FromSeconds(goal.Options.Tiny ? 1 : 10));
            var idle = (await portal.ReadAsync()).Processor - began.Processor;
            var seconds = clock.Elapsed.TotalSeconds;
            var revoked = new Runs();
            foreach (var (visitor, tabs) in people) revoked.Add(await RevokeAsync(visitor, tabs));
            var open = people.Sum(person => person.Tabs.Count);
            var each = (full.Resident - empty.Resident) / (double)open;
            await goal.Report.AddAsync(new(
                7, $"memory of the process with {open} idle circuits", full.Resident / (double)(1 << 30), "GiB", Measure: Measure.AtMost,
                Limit: 2.5));
            await goal.Report.AddAsync(new(7, "managed memory a circuit", (full.Managed - empty.Managed) / 1024.0 / open, "KiB"));
            await goal.Report.AddAsync(new(
                7, $"extrapolated from that to {Extrapolated:0} circuits", (empty.Resident + each * Extrapolated) / (1 << 30), "GiB"));
            await goal.Report.AddAsync(new(7, "a click beside them, p95", clicks.At(95), "ms", Measure: Measure.AtMost, Limit: 50));
            await goal.Report.AddAsync(new(
                7, $"an ended session until its open page shows it, p99 of {revoked.Count}", revoked.At(99), "ms", Measure: Measure.AtMost,
                Limit: 300));
            await goal.Report.AddAsync(new(7, "processor time of all idle circuits", idle / seconds / 10, "% of a core"));
        }
        finally
        {
            await Task.WhenAll(people.SelectMany(person => person.Tabs).Select(tab => tab.DisposeAsync().AsTask()));
        }
    }

    /// <summary>One browser with so many tabs on Home.</summary>
    private static async Task<(Visitor, List<Circuit>)> OpenAsync(PortalServer portal, Person person, int tabs)
    {
        var visitor = new Visitor(portal.Address);
        List<Circuit> open = [await Circuit.OpenAsync(visitor, portal.SignInPath)];
        await PortalServer.SignInAsync(open[0], person);
        while (open.Count < tabs)
        {
            var tab = await Circuit.OpenAsync(visitor, PortalUrls.Home);
            await tab.FindAsync(page => page.ButtonLike("Account menu"), "The account menu");
            open.Add(tab);
        }
        return (visitor, open);
    }

    /// <summary>Ends the session from the browser's side, as signing out does, and waits until the last of its tabs shows it.</summary>
    private static async Task<double> RevokeAsync(Visitor visitor, List<Circuit> tabs)
    {
        var began = Stopwatch.GetTimestamp();
        await visitor.PostSessionAsync(PortalUrls.SessionEnd, ticket: null);
        await tabs[^1].FindAsync(page => page.Field("Username or email"), "The sign-in form in an ended session's page");
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}

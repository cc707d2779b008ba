using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>
/// Goals 2 and 12: how many complete sign-ins a second, password and code, with several at once; and the most memory that this takes. Portal,
/// template and, with <c>--peers</c>, sign-in servers of others take turns.
/// </summary>
internal static class ThroughputGoal
{
    /// <summary>The peers, with the least ratio of the portal's rate to theirs at equal hash.</summary>
    private static readonly Dictionary<string, double> AtEqualHash = new Dictionary<string, double>
    {
        [TemplateServer.DefaultName] = 1.15,
        ["glewlwyd"] = 1.05,
        ["LemonLDAP::NG"] = 1.4,
        ["better-auth"] = 1.9,
    };

    public static async Task RunAsync(Goal goal)
    {
        var (rounds, parallel, seconds) = (
            goal.Options.Number("rounds", 3, 1), goal.Options.Number("parallel", 8, 2), goal.Options.Number("seconds", 7, 1));
        var portal = await goal.PortalAsync(goal.Options.Number("users", 5000, 30));
        await portal.EnrolAsync(goal.Options.Number("people", 3000, 100));
        List<SignInTarget> all = [SignInTarget.Of(portal)];
        if (await goal.TemplateAsync(withCodes: true) is { } template) all.Add(SignInTarget.Of(template));
        if (goal.Options.Has("peers"))
        {
            all.Add(SignInTarget.Of(await goal.AddAsync(PeerServer.GlewlwydAsync()), PeerHash.Glewlwyd()));
            all.Add(SignInTarget.Of(await goal.AddAsync(PeerServer.LemonLdapAsync()), 0));
            all.Add(SignInTarget.Of(await goal.AddAsync(PeerServer.BetterAuthAsync(await goal.NewDatabaseAsync())),
                await PeerHash.BetterAuthAsync()));
        }
        for (var round = 0; round < rounds; round++)
            foreach (var one in all)
                await one.TakeTurnAsync(parallel, TimeSpan.FromSeconds(seconds));
        foreach (var one in all) await goal.Report.SayAsync(one.ToString());

        var (mine, others) = (all[0], all.Skip(1).ToList());
        var first = others.Find(other => other.Name == TemplateServer.DefaultName);
        await goal.Report.AddAsync(new(
            2, $"sign-ins with code a second, {parallel} at once", mine.Rate.Median, "/s", mine.Rate.Spread, first?.Name, first?.Rate.Median,
            Measure.RatioAtLeast, 2));
        foreach (var other in others)
            await goal.Report.AddAsync(new(
                2, $"the same at equal hash ({Figure.Number(mine.Hash.Median)} ms, by what each costs beyond its own)",
                mine.RateWith(mine.Hash.Median), "/s",
                null, other.Name, other.RateWith(mine.Hash.Median), Measure.RatioAtLeast, AtEqualHash[other.Name]));
        foreach (var other in others.Where(other => other != first))
            await goal.Report.AddAsync(new(2, "the same, each with its own hash", mine.Rate.Median, "/s", null, other.Name, other.Rate.Median));
        await goal.Report.AddAsync(new(
            2, "processor time of such a sign-in", mine.Total.Median, "ms", mine.Total.Spread, first?.Name, first?.Total.Median));
        await goal.Report.AddAsync(new(
            12, "peak memory under this load", mine.PeakMiB, "MiB", null, first?.Name, first?.PeakMiB, Measure.RatioAtMost, 1));
    }
}

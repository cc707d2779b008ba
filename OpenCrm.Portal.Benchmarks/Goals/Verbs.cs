namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>The verbs, each with the goals that it measures (README.md), in the order in which <c>all</c> runs them.</summary>
internal static class Verbs
{
    public static readonly IReadOnlyDictionary<string, Func<Goal, Task>> All = new Dictionary<string, Func<Goal, Task>>
    {
        ["sign-in"] = SignInGoal.RunAsync,
        ["throughput"] = ThroughputGoal.RunAsync,
        ["responsive"] = ResponsiveGoal.RunAsync,
        ["user-list"] = UserListGoal.RunAsync,
        ["export"] = UserListGoal.ExportAsync,
        ["circuits"] = CircuitsGoal.RunAsync,
        ["idle"] = IdleGoal.RunAsync,
        ["events"] = EventsGoal.RunAsync,
        ["first-load"] = FirstLoadGoal.RunAsync,
        ["interactive"] = InteractiveGoal.RunAsync,
        ["mail"] = MailGoal.RunAsync,
        ["growth"] = GrowthGoal.RunAsync,
        ["cold-start"] = ColdStartGoal.RunAsync,
    };
}

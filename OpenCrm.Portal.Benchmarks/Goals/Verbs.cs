namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>The verbs, each with the goal that it measures (README.md).</summary>
internal static class Verbs
{
    public static readonly IReadOnlyDictionary<string, Func<Goal, Task>> All = new Dictionary<string, Func<Goal, Task>>
    {
        ["sign-in"] = SignInGoal.RunAsync,
        ["throughput"] = ThroughputGoal.RunAsync,
        ["responsive"] = ResponsiveGoal.RunAsync,
        ["circuits"] = CircuitsGoal.RunAsync,
        ["idle"] = IdleGoal.RunAsync,
        ["events"] = EventsGoal.RunAsync,
        ["first-load"] = FirstLoadGoal.RunAsync,
        ["interactive"] = InteractiveGoal.RunAsync,
        ["cold-start"] = ColdStartGoal.RunAsync,
        ["mail"] = MailGoal.RunAsync,
        ["growth"] = GrowthGoal.RunAsync,
    };
}

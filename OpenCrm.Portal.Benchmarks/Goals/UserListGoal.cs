using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>Goals 4 and 5: the user list and its download, with a million users unless said otherwise.</summary>
internal static class UserListGoal
{
    public static Task RunAsync(Goal goal)
    {
        var users = goal.Options.Number("users", 1_000_000, 400);
        var postgres = !goal.Options.Tiny && goal.Options.Text("database") is null or "Postgres";
        return new UserListBenchmark(
            goal.Report, users, postgres, goal.Options.Number("runs", 40, 1),
            goal.Options.Text("only") ?? (goal.Options.Tiny ? "sort Username" : "")).RunAsync();
    }

    /// <summary>The download alone.</summary>
    public static async Task ExportAsync(Goal goal)
    {
        var portal = await goal.PortalAsync(goal.Options.Number("users", 1_000_000, 400), FoundTools.PostgresBinaries is not null);
        await new UserExportBenchmark(goal.Report).RunAsync(portal.Address, portal.ProcessId);
    }
}

using System.Diagnostics;
using System.Text.Json;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Benchmarks;

/// <summary>The verbs of OpenCrm.Portal.Benchmarks still do what they are for: run with tiny numbers, whose figures say nothing.</summary>
public sealed class BenchmarkVerbTests
{
    private static readonly IReadOnlyDictionary<string, int> GoalOfVerb = new Dictionary<string, int>
    {
        ["sign-in"] = 1,
        ["throughput"] = 2,
        ["responsive"] = 3,
        ["user-list"] = 4,
        ["export"] = 5,
        ["circuits"] = 6,
        ["idle"] = 7,
        ["events"] = 8,
        ["first-load"] = 9,
        ["interactive"] = 10,
        ["cold-start"] = 11,
        ["mail"] = 13,
        ["growth"] = 14,
    };

    [Fact]
    public async Task Every_verb_measures_its_goal_and_keeps_the_figure_with_the_machine()
    {
        Needs.PublishedPortal();
        Needs.Chromium();
        Needs.Postgres();
        var results = Reaper.NewFolder("figures");
        var program = Path.Combine(
            PublishedPortal.RepositoryRoot, "OpenCrm.Portal.Benchmarks", "bin", Configuration(), "net10.0", "OpenCrm.Portal.Benchmarks.dll");
        var start = new ProcessStartInfo("dotnet", [program, "all", "--tiny"]);
        start.Environment["BENCHMARK_RESULTS"] = results;
        start.Environment["PORTAL_PUBLISHED"] = await PublishedPortal.FolderAsync();
        var said = await CommandLineTool.RunAsync(start, patience: TimeSpan.FromMinutes(5));
        Assert.True(said.ExitCode == 0, $"{said.Output}\n{said.Errors}");

        foreach (var (verb, goal) in GoalOfVerb)
        {
            using var kept = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(results, verb + ".json")));
            Assert.True(kept.RootElement.GetProperty("Machine").GetProperty("Cores").GetInt32() > 0);
            Assert.Contains(kept.RootElement.GetProperty("Figures").EnumerateArray(), figure =>
                figure.GetProperty("Goal").GetInt32() == goal && figure.GetProperty("Value").GetDouble() > 0);
        }
        // Memory has no verb of its own: it is read while people sign in.
        Assert.Contains("goal 12 |", said.Output, StringComparison.Ordinal);
    }

    /// <summary>That of the tests: both are built together.</summary>
    private static string Configuration() => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
}

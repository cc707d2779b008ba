using OpenCrm.Portal.Benchmarks;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Goals;
using OpenCrm.Portal.Tests.Support;

var looksData = Environment.GetEnvironmentVariable("LOOKS_DATA") ?? "/tmp/opencrm-looks-data";

switch (args)
{
    case ["all", ..]:
        await using (var goal = new Goal(new VerbOptions(args[1..])) { Report = await NewReportAsync("all") })
            foreach (var (name, run) in Verbs.All)
            {
                goal.Report = await NewReportAsync(name);
                await goal.Report.SayAsync($"== {name}");
                await run(goal);
                await goal.Report.KeepAsync();
            }
        return 0;
    case [var verb, ..] when Verbs.All.TryGetValue(verb, out var run):
        await using (var goal = new Goal(new VerbOptions(args[1..])) { Report = await NewReportAsync(verb) })
        {
            await run(goal);
            await goal.Report.KeepAsync();
        }
        return 0;
    case ["table"]:
        await FigureTable.WriteAsync(Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal.Benchmarks", "README.md"));
        return 0;
    case ["nodes"]:
        await CostModel.WriteAsync();
        return 0;
    case ["looks", "take", var folder]:
        return await Looks.TakeAsync(Console.Out, folder, looksData);
    case ["looks", "screens"]:
        return await Looks.KeepAsync(Console.Out, Path.Combine(PublishedPortal.RepositoryRoot, "docs", "screens"), looksData);
    case ["looks", "help"]:
        return await Looks.HelpAsync(Console.Out, Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal", "wwwroot"), looksData);
    case ["looks", "compare", var before, var after]:
        return await LookComparison.RunAsync(Console.Out, before, after, after.TrimEnd('/') + "-differences");
    default:
        await Console.Error.WriteLineAsync(
            "Usage: dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- "
            + $"{string.Join(" | ", Verbs.All.Keys)} | all | table | nodes | "
            + "looks screens | looks help | looks take FOLDER | looks compare BEFORE AFTER");
        return 2;
}

async Task<Report> NewReportAsync(string verb) =>
    new(Console.Out, await Machine.ReadAsync(), verb, string.Join(' ', args[0] == "all" ? [verb, .. args[1..]] : args));

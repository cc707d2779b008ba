using OpenCrm.Portal.Benchmarks;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Goals;
using OpenCrm.Portal.Tests.Support;

var looksData = Environment.GetEnvironmentVariable("LOOKS_DATA") ?? "/tmp/opencrm-looks-data";

switch (args)
{
    case [var verb, ..] when Verbs.All.TryGetValue(verb, out var run):
        var report = new Report(Console.Out, await Machine.ReadAsync(), verb, string.Join(' ', args));
        await using (var goal = new Goal(new VerbOptions(args[1..]), report)) await run(goal);
        await report.KeepAsync();
        return 0;
    case ["user-list", var count, var database] when int.TryParse(count, out var users) && users > 0 && database is "Postgres" or "Sqlite":
        await new UserListBenchmark(Console.Out, users, postgres: database == "Postgres").RunAsync();
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
            + $"{string.Join(" | ", Verbs.All.Keys)} | user-list USERS Postgres|Sqlite | "
            + "looks screens | looks help | looks take FOLDER | looks compare BEFORE AFTER");
        return 2;
}

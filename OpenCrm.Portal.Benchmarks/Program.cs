using OpenCrm.Portal.Benchmarks;

switch (args)
{
    case ["first-load"]:
        await FirstLoad.RunAsync(Console.Out);
        return 0;
    case ["user-list", var count, var database] when int.TryParse(count, out var users) && users > 0 && database is "Postgres" or "Sqlite":
        await new UserListBenchmark(Console.Out, users, postgres: database == "Postgres").RunAsync();
        return 0;
    default:
        await Console.Error.WriteLineAsync("Usage: dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- first-load | user-list USERS Postgres|Sqlite");
        return 2;
}

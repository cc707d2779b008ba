using OpenCrm.Portal.Benchmarks;

switch (args)
{
    case ["first-load"]:
        await FirstLoad.RunAsync(Console.Out);
        return 0;
    default:
        await Console.Error.WriteLineAsync("Usage: dotnet run -c Release --project OpenCrm.Portal.Benchmarks -- first-load");
        return 2;
}

using System.Diagnostics;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>The portal as it is delivered: the output of <c>dotnet publish</c>, not of the build.</summary>
public static partial class PublishedPortal
{
    private static readonly Lazy<Task<string>> Published = new(PublishAsync);

    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    public static Task<string> FolderAsync() => Published.Value;

    /// <summary>Returns the start of one portal process; <paramref name="arguments"/> are a command, or empty for the server.</summary>
    public static async Task<ProcessStartInfo> StartInfoAsync(IReadOnlyDictionary<string, string> configuration, IEnumerable<string> arguments)
    {
        var folder = await FolderAsync();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "OpenCrm.Portal.dll"), .. arguments])
        {
            // The working directory is the content root, where wwwroot and appsettings.json are.
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(IsConfiguration).ToList())
            start.Environment.Remove(inherited);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        foreach (var (key, value) in configuration)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        Hurry(start);
        return start;
    }

    /// <summary>Implemented where a portal answers only a few requests; the benchmarks measure it as it is.</summary>
    static partial void Hurry(ProcessStartInfo start);

    private static bool IsConfiguration(string variable) =>
        variable.Contains("__", StringComparison.Ordinal)
        || variable.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || variable.StartsWith("DOTNET_ENVIRONMENT", StringComparison.OrdinalIgnoreCase);

    private static async Task<string> PublishAsync()
    {
        if (Environment.GetEnvironmentVariable("PORTAL_PUBLISHED") is { Length: > 0 } ready)
            return Path.GetFullPath(ready);
        var folder = Reaper.NewFolder("published");
        var start = new ProcessStartInfo(
            "dotnet",
            ["publish", Path.Combine(RepositoryRoot, "OpenCrm.Portal"), "-c", "Release", "-o", folder, "-tl:off", "-nodeReuse:false"]);
        start.Environment["UseSharedCompilation"] = "false";
        (await CommandLineTool.RunAsync(start, patience: TimeSpan.FromMinutes(5))).OutputOrThrow("dotnet publish");
        return folder;
    }

    private static string FindRepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "OpenCrm.Portal.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No OpenCrm.Portal.sln above {AppContext.BaseDirectory}");
    }
}

using System.Diagnostics;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>
/// Builds what the portal is compared with, once for each version of the SDK, and keeps it in <c>BENCHMARK_BUILDS</c> (a folder beside the temporary
/// files unless said otherwise).
/// </summary>
internal static class TemplateBuild
{
    private static string Kept =>
        Environment.GetEnvironmentVariable("BENCHMARK_BUILDS") is { Length: > 0 } given ? given : Path.Combine(Path.GetTempPath(),
            "opencrm-benchmark-builds");

    /// <summary>Publishes <c>dotnet new blazor</c> with these options as it comes.</summary>
    /// <returns>A copy of its own, deleted at the end: the template writes into its folder.</returns>
    public static async Task<string> CopyAsync(string name, params string[] options)
    {
        var sdk = (await CommandLineTool.RunAsync("dotnet", ["--version"])).OutputOrThrow("dotnet --version").Trim();
        var published = await BuiltAsync($"{name}-{sdk}", async (folder, result) =>
        {
            await RunAsync("dotnet", folder, ["new", "blazor", "-n", name, "-o", name, .. options]);
            await RunAsync("dotnet", Path.Combine(folder, name), ["publish", "-c", "Release", "-o", result, "-tl:off", "-nodeReuse:false"]);
        });
        var copy = Reaper.NewFolder("template");
        (await CommandLineTool.RunAsync("cp", ["-r", published + "/.", copy])).OutputOrThrow("cp");
        return copy;
    }

    /// <summary>Publishes the portal of an earlier commit, compiled ahead of time as the image is.</summary>
    public static Task<string> EarlierAsync(string commit) => BuiltAsync(commit, async (folder, result) =>
    {
        await RunAsync("bash", PublishedPortal.RepositoryRoot, "-c", $"git archive {commit} | tar -x -C '{folder}'");
        await RunAsync(
            "dotnet", folder, "publish", "OpenCrm.Portal", "-c", "Release", "--use-current-runtime", "-p:PublishReadyToRun=true",
            "--no-self-contained",
            "-o", result, "-tl:off", "-nodeReuse:false");
    });

    private static async Task<string> BuiltAsync(string name, Func<string, string, Task> build)
    {
        var result = Path.Combine(Kept, name);
        if (Directory.Exists(result)) return result;
        // Beside its place and then renamed: a build that was stopped leaves nothing that looks whole.
        var work = Directory.CreateDirectory(Path.Combine(Kept, $"{name}.{Environment.ProcessId}")).FullName;
        await build(work, Path.Combine(work, "published"));
        Directory.Move(Path.Combine(work, "published"), result);
        Directory.Delete(work, recursive: true);
        return result;
    }

    private static async Task RunAsync(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder };
        start.Environment["UseSharedCompilation"] = "false";
        (await CommandLineTool.RunAsync(start, patience: TimeSpan.FromMinutes(10))).OutputOrThrow($"{program} {string.Join(' ', arguments)}");
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Figures;

/// <summary>All figures of one verb's last run, as they are kept.</summary>
internal sealed record Kept(string Verb, string Command, DateTimeOffset At, Machine Machine, IReadOnlyList<Figure> Figures);

/// <summary>Prints each figure of a verb in one line, and keeps them in one JSON file.</summary>
internal sealed class Report(TextWriter output, Machine machine, string verb, string command)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        // Figures that a run had no sample for.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly List<Figure> _figures = [];

    /// <summary>The folder of the kept figures: beside this code, or where <c>BENCHMARK_RESULTS</c> says.</summary>
    public static string Folder =>
        Environment.GetEnvironmentVariable("BENCHMARK_RESULTS") is { Length: > 0 } given
            ? given
            : Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal.Benchmarks", "results");

    public async Task AddAsync(Figure figure)
    {
        _figures.Add(figure);
        await output.WriteLineAsync(figure.ToString());
    }

    /// <summary>Says something that is no figure.</summary>
    public Task SayAsync(string line) => output.WriteLineAsync(line);

    public async Task KeepAsync()
    {
        Directory.CreateDirectory(Folder);
        var kept = new Kept(verb, command, TimeProvider.System.GetUtcNow(), machine, _figures);
        await File.WriteAllTextAsync(Path.Combine(Folder, verb + ".json"), JsonSerializer.Serialize(kept, Json) + "\n");
        await output.WriteLineAsync($"machine: {machine}");
    }

    public static IReadOnlyList<Kept> ReadAll() =>
        Directory.Exists(Folder)
            ? [.. Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(file =>
                JsonSerializer.Deserialize<Kept>(File.ReadAllText(file), Json)!)]
            : [];
}

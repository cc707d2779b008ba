using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenCrm.Portal.Tests.Support;
using Xunit.v3;

[assembly: NoServerFaults]

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// Fails a test in which a portal logged something that it never should: an unhandled exception in a circuit, which ends somebody's page, or a query
/// for which the database may give different answers at different times. Neither shows in the page that the test looks at.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class NoServerFaultsAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        var faults = ServerFaults.Take(test.UniqueID);
        Assert.True(faults.Count == 0, $"The portal logged:\n{string.Join('\n', faults)}");
    }
}

/// <summary>
/// Faults that portals have logged, and the test to which they belong. Those of hosts that are started for a whole class belong to the test that is
/// running.
/// </summary>
internal static class ServerFaults
{
    private const string Circuits = "Microsoft.AspNetCore.Components.Server";

    private static readonly JsonSerializerOptions Written = new() { Converters = { new JsonStringEnumConverter() } };

    private static readonly ConcurrentQueue<(string? Test, string Fault)> Found = new();

    private static readonly int[] Queries =
    [
        CoreEventId.FirstWithoutOrderByAndFilterWarning.Id,
        CoreEventId.RowLimitingOperationWithoutOrderByWarning.Id,
        RelationalEventId.MultipleCollectionIncludeWarning.Id,
    ];

    /// <summary>The id of the running test; null while a fixture is created.</summary>
    public static string? CurrentTest => TestContext.Current.Test?.UniqueID;

    public static void Note(string? test, string fault) => Found.Enqueue((test, fault));

    public static IReadOnlyList<string> Take(string test)
    {
        List<string> taken = [];
        for (var left = Found.Count; left > 0 && Found.TryDequeue(out var next); left--)
        {
            if (next.Test is null || next.Test == test) taken.Add(next.Fault);
            else Found.Enqueue(next);
        }
        return taken;
    }

    /// <summary>Returns the faults in the output of a portal in another process: one line of JSON each.</summary>
    public static IEnumerable<string> In(IReadOnlyList<string> console) =>
        console.Where(line => Read(line) is { } entry && IsFault(entry.LogLevel, entry.Category, entry.EventId));

    public static bool IsFault(LogLevel level, string category, EventId id) =>
        (level >= LogLevel.Error && category.StartsWith(Circuits, StringComparison.Ordinal))
        || (level >= LogLevel.Warning && category.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) && Queries.Contains(id.Id));

    private static Entry? Read(string line)
    {
        if (!line.StartsWith('{')) return null;
        try
        {
            return JsonSerializer.Deserialize<Entry>(line, Written);
        }
        catch (JsonException)
        {
            // The output of another program, or a line that a kill cut off.
            return null;
        }
    }

    private sealed record Entry(int EventId, LogLevel LogLevel, string Category);
}

/// <summary>Listens to a host inside the test process.</summary>
internal sealed class ServerFaultWatch(string? test) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Listener(test, categoryName);

    public void Dispose()
    {
        // There is nothing to dispose.
    }

    private sealed class Listener(string? test, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (ServerFaults.IsFault(logLevel, category, eventId))
                ServerFaults.Note(test, $"{category}[{eventId.Id}] {formatter(state, exception)}\n{exception}");
        }
    }
}

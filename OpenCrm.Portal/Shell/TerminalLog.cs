using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Lets the log be read at a terminal. Where standard output goes anywhere else it stays JSON, one object a line, as <c>appsettings.json</c> says.
/// Not a launch profile: with one, <c>dotnet run</c> writes a line of its own into the output of each command.
/// </summary>
internal static class TerminalLog
{
    /// <summary>The environment and the command line come later, so what they say about the log still counts.</summary>
    public static void AddTerminalLog(this ConfigurationManager configuration)
    {
        if (Console.IsOutputRedirected) return;
        var sources = ((IConfigurationBuilder)configuration).Sources;
        var own = sources.ToList().FindIndex(source => source is JsonConfigurationSource { Path: "appsettings.json" });
        sources.Insert(own + 1, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:Console:FormatterName"] = "simple",
                ["Logging:Console:FormatterOptions:TimestampFormat"] = "HH:mm:ss.fff ",
                ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "false",
            },
        });
    }
}

using System.Diagnostics;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Runs a script of Support/node with the packages that <c>npm ci</c> installed.</summary>
internal static class NodeScript
{
    public static Task<ToolResult> RunAsync(string script, params string[] arguments)
    {
        var (program, modules) = Needs.Node();
        var start = new ProcessStartInfo(program, [Path.Combine(AppContext.BaseDirectory, "Support", "node", script), .. arguments]);
        start.Environment["NODE_PATH"] = modules;
        return CommandLineTool.RunAsync(start);
    }
}

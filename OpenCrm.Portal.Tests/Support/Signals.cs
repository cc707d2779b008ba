using System.Diagnostics;
using System.Globalization;

namespace OpenCrm.Portal.Tests.Support;

internal static class Signals
{
    public static async Task SendAsync(Process process, string signal)
    {
        if (!process.HasExited)
            await CommandLineTool.RunAsync("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
    }

    /// <summary>Ends a process that <see cref="Reaper"/> would kill, and waits until it is gone.</summary>
    public static async Task EndAsync(Process process, string signal)
    {
        await SendAsync(process, signal);
        await process.WaitForExitAsync();
        Reaper.Spare(process.Id);
        process.Dispose();
    }
}

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
}

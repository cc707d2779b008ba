using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>Postfix's own test server: takes every mail as fast as it comes, throws it away, and counts.</summary>
internal sealed partial class SmtpDrain : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _said;
    private long? _taken;

    private SmtpDrain(Process process) => (_process, _said) = (process, process.StandardOutput.ReadToEndAsync());

    public static SmtpDrain Start(int port)
    {
        const string program = "/usr/sbin/smtp-sink";
        if (!File.Exists(program)) throw new InvalidOperationException("Postfix is not installed: its smtp-sink is missing");
        var start = new ProcessStartInfo(program, ["-c", "-u", "nobody", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "1000"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        Reaper.Kill(process);
        return new(process);
    }

    /// <summary>Ends it.</summary>
    /// <returns>How many mails it took.</returns>
    public async Task<long> EndAsync()
    {
        if (_taken is { } known) return known;
        await Signals.SendAsync(_process, "INT");
        await _process.WaitForExitAsync();
        Reaper.Spare(_process.Id);
        var counted = Messages().Matches(await _said);
        _taken = counted.Count == 0 ? 0 : long.Parse(counted[^1].Groups[1].Value, CultureInfo.InvariantCulture);
        return _taken.Value;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"mesg=(\d+)")]
    private static partial Regex Messages();
}

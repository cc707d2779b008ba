using System.Diagnostics;
using System.Globalization;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>A real HAProxy on a loopback address of its own, which tells the next hop where a request came from.</summary>
public sealed class HaProxy : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private HaProxy(Process process, string folder, Uri address) => (_process, _folder, Address) = (process, folder, address);

    /// <summary>The address at which it listens.</summary>
    public Uri Address { get; }

    /// <summary>What it printed, to explain why a test waited in vain.</summary>
    public ProcessOutput Output { get; } = new();

    /// <param name="target">The next hop: another proxy, or the portal.</param>
    /// <param name="from">The loopback address that the next hop sees as this proxy's.</param>
    /// <param name="frontend">Further lines of its frontend section, such as one that sets a header.</param>
    public static async Task<HaProxy> StartAsync(Uri target, string from, params string[] frontend)
    {
        var (folder, port) = (Reaper.NewFolder("haproxy"), FreePort.Next());
        var configuration = Path.Combine(folder, "haproxy.cfg");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $"""
            global
                maxconn 200
            defaults
                mode http
                option forwardfor
                timeout connect 5s
                timeout client 30s
                timeout server 30s
                timeout tunnel 1h
            frontend in
                bind 127.0.0.1:{port}
                {string.Join("\n    ", frontend)}
                default_backend out
            backend out
                server next 127.0.0.1:{target.Port} source {from}

            """));
        var start = new ProcessStartInfo(Needs.HaProxy(), ["-db", "-f", configuration])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        var proxy = new HaProxy(Process.Start(start)!, folder, new($"http://localhost:{port}"));
        Reaper.Kill(proxy._process);
        proxy.Output.ReadFrom(proxy._process);
        try
        {
            await Eventually.TrueAsync(proxy.AnswersAsync, "HAProxy answers");
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Signals.EndAsync(_process, "KILL");
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        if (_process.HasExited) throw new InvalidOperationException($"HAProxy ended with exit status {_process.ExitCode}:\n{Output}");
        return await LoopbackNetwork.ListensAsync(Address.Port);
    }
}

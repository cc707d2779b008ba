using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// A line to the server that counts what comes back over it. The browser's own tools tell the length of a socket's frames only after they were
/// inflated.
/// </summary>
internal sealed class WireTap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _server;
    private readonly Task _accepting;
    private long _received;

    public WireTap(Uri server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Bytes that the server has sent.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Chromium's argument that leads the server's own address over this line.</summary>
    public string ChromiumArgument => string.Create(
        CultureInfo.InvariantCulture,
        $"--host-resolver-rules=MAP {_server.Host}:{_server.Port} 127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> lines = [];
        try
        {
            while (true) lines.Add(JoinAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the measurement.
        }
        await Task.WhenAll(lines);
    }

    private async Task JoinAsync(TcpClient browser)
    {
        using var here = browser;
        using var there = new TcpClient();
        try
        {
            await there.ConnectAsync(_server.Host, _server.Port, _end.Token);
            await Task.WhenAny(CopyAsync(here, there, counts: false), CopyAsync(there, here, counts: true));
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException)
        {
            // The browser learns it from its closed line.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, bool counts)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _end.Token) is var length and > 0)
            {
                if (counts) Interlocked.Add(ref _received, length);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, length), _end.Token);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One end is gone, and with it the line.
        }
    }
}

using System.Diagnostics;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// The cable between browser and portal. While it is cut, open connections are reset and new ones refused: a browser's own "offline" mode leaves open
/// WebSockets alive.
/// </summary>
public sealed class CuttableProxy : IAsyncDisposable
{
    private readonly int _port = FreePort.Next();
    private readonly ConcurrentDictionary<Socket, Socket> _connections = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;

    public CuttableProxy(int portalPort)
    {
        PortalPort = portalPort;
        Restore();
    }

    /// <summary>Where the cable leads to. A portal that was started anew in the test process has another port.</summary>
    public int PortalPort { get; set; }

    /// <summary>Whether each request is answered with 502, as by a reverse proxy whose portal is away.</summary>
    public bool AnswersBadGateway { get; set; }

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{_port}"));

    public int OpenConnections => _connections.Count;

    public void Cut()
    {
        _listener?.Stop();
        _listener = null;
        foreach (var (browserSide, portalSide) in _connections)
        {
            Reset(browserSide);
            Reset(portalSide);
        }
        _connections.Clear();
    }

    public void Restore()
    {
        if (_listener is not null)
            return;
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public async Task CutForAsync(TimeSpan time)
    {
        var cut = Stopwatch.StartNew();
        Cut();
        await Eventually.TrueAsync(() => cut.Elapsed >= time, "the connection is back");
        Restore();
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync(TcpListener open)
    {
        try
        {
            while (true)
                _ = ForwardAsync(await open.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The cable was cut.
        }
    }

    private async Task ForwardAsync(Socket browserSide)
    {
        using var fromBrowser = browserSide;
        using var toPortal = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        fromBrowser.NoDelay = true;
        _connections[fromBrowser] = toPortal;
        try
        {
            if (AnswersBadGateway)
            {
                await fromBrowser.ReceiveAsync(new byte[16 * 1024]);
                await fromBrowser.SendAsync("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                fromBrowser.Shutdown(SocketShutdown.Both);
                return;
            }
            await toPortal.ConnectAsync(IPAddress.Loopback, PortalPort);
            await Task.WhenAll(CopyAsync(fromBrowser, toPortal), CopyAsync(toPortal, fromBrowser));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // One side went away; closing the sockets below informs the other.
        }
        finally
        {
            _connections.TryRemove(fromBrowser, out _);
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var read && read > 0)
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
        }
        finally
        {
            // Also when this side was reset: otherwise the other side would notice only when it sends something.
            if (to.Connected) to.Shutdown(SocketShutdown.Send);
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already closed.
        }
        socket.Dispose();
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// A proxy under an attacker's control. Each request that passes, the WebSocket's included, names another host in every header that can name one,
/// except Host itself.
/// </summary>
public sealed partial class HostRewritingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _host;
    private readonly Task _accepting;
    private int _rewritten;

    public HostRewritingProxy(string host)
    {
        _host = host;
        _listener.Start();
        Address = new Uri($"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>The portal's port.</summary>
    public int Target { get; set; }

    /// <summary>The number of requests that were passed on with the foreign host.</summary>
    public int Rewritten => Volatile.Read(ref _rewritten);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> passing = [];
        try
        {
            while (true) passing.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient browser)
    {
        try
        {
            using var near = browser;
            using var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, Target, _stop.Token);
            await using var ours = near.GetStream();
            await using var theirs = far.GetStream();
            await Task.WhenAny(CopyAsync(ours, theirs, Rewrite), CopyAsync(theirs, ours, bytes => bytes));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of the two sides closed its connection.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Func<byte[], byte[]> change)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, _stop.Token) is var read and > 0) await to.WriteAsync(change(buffer[..read]), _stop.Token);
    }

    // A browser sends the head of a request in one piece. Frames of a WebSocket are masked, so they contain no such line.
    private byte[] Rewrite(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        if (!HostLine().IsMatch(text)) return bytes;
        Interlocked.Increment(ref _rewritten);
        return Encoding.Latin1.GetBytes(HostLine().Replace(
            text,
            line => $"{line.Value}X-Forwarded-Host: {_host}\r\nForwarded: host={_host};proto=https\r\n",
            1));
    }

    [GeneratedRegex(@"\r\nHost: localhost:\d+\r\n")]
    private static partial Regex HostLine();
}

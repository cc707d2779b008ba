using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>
/// Bodies and headers that strangers send to the published portal are bounded, whether their length is declared or not (case A25 of docs/threats.md).
/// </summary>
public sealed class RequestLimitsTests(StandingPortal standing) : IClassFixture<StandingPortal>
{
    private const int Mebibyte = 1024 * 1024;

    public static TheoryData<string> Posts => ["/session", "/session/end", "/_blazor/negotiate", "/_blazor/disconnect", "/login"];

    /// <summary>Red with Kestrel's own limit of 30 MB: the peak of memory grows by some hundred megabytes.</summary>
    [Theory, MemberData(nameof(Posts))]
    public async Task Eight_bodies_of_29_megabytes_at_once_leave_memory_where_it_was(string address)
    {
        // A portal of its own: memory that other tests made it hold would count here.
        await using var portal = await PortalProcess.StartAsync();
        foreach (var chunked in new[] { false, true })
        {
            // The first requests load the code; only what the bodies add is measured.
            await SendManyAsync(portal, address, 64 * 1024, chunked);
            var before = Memory(portal.ProcessId);
            await SendManyAsync(portal, address, 29_000_000, chunked);
            Assert.InRange(Memory(portal.ProcessId) - before, long.MinValue, 60L * Mebibyte);
        }
        using var client = portal.CreateClient();
        using var alive = await client.GetAsync(PortalUrls.Live);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    /// <summary>Red when the body is read before it is refused: no body is ever sent here, and the answer has to come all the same.</summary>
    [Theory]
    [InlineData("/session", 1025)]
    [InlineData("/session/end", 1025)]
    [InlineData("/login", 16 * 1024 + 1)]
    [InlineData("/_blazor/disconnect", 30_000_000)]
    public async Task A_body_that_is_told_to_be_too_long_is_refused_in_words_before_a_byte_of_it_is_read(string address, int length)
    {
        var portal = standing.Portal;
        Assert.Contains(
            Texts.Http_TooLong,
            await AskAsync(portal, $"POST {address}", $"Content-Length: {length}\r\nContent-Type: application/json\r\n", ""),
            StringComparison.Ordinal);
    }

    /// <summary>Red when only a declared length is checked.</summary>
    [Theory]
    [InlineData("/session")]
    [InlineData("/session/end")]
    public async Task A_body_of_untold_length_is_refused_at_the_byte_that_is_too_many(string address)
    {
        var portal = standing.Portal;
        // The last chunk is never sent, so a server that waits for it would wait for ever.
        var answer = await AskAsync(
            portal,
            $"POST {address}",
            "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n",
            $"401\r\n{new string(' ', 0x401)}\r\n");
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains(Texts.Http_TooLong, answer, StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 400",
            await AskAsync(
                portal, $"POST {address}",
                "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n", $"400\r\n{new string(' ', 0x400)}\r\n0\r\n\r\n"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_are_bounded_and_those_that_do_not_come_end_the_connection()
    {
        var portal = standing.Portal;
        Assert.StartsWith(
            "HTTP/1.1 431",
            await AskAsync(portal, "GET /login", string.Concat(Enumerable.Repeat($"X-Long: {new string('x', 4000)}\r\n", 5)), ""),
            StringComparison.Ordinal);
        using var socket = await ConnectAsync(portal);
        await socket.SendAsync("GET /login HTTP/1.1\r\nHost: localhost\r\n"u8.ToArray());
        Assert.Contains("408", await ReadToEndAsync(socket).WaitAsync(TimeSpan.FromSeconds(45)), StringComparison.Ordinal);
    }

    /// <summary>A slow body is waited for only as long as its size explains.</summary>
    [Fact]
    public async Task A_body_that_does_not_come_ends_the_connection()
    {
        var portal = standing.Portal;
        using var socket = await ConnectAsync(portal);
        await socket.SendAsync(
            "POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"u8.ToArray());
        Assert.Contains("408", await ReadToEndAsync(socket).WaitAsync(TimeSpan.FromSeconds(45)), StringComparison.Ordinal);
    }

    /// <summary>
    /// A circuit is not a body. Over HTTP/2, where a WebSocket is the body of a request, it carries more than a body may hold, and stays open while
    /// it is silent.
    /// </summary>
    [Fact]
    public async Task A_circuit_over_HTTP_2_is_not_bounded_by_the_limits_of_bodies()
    {
        var folder = Reaper.NewFolder("tls");
        var certificate = Path.Combine(folder, "portal.pfx");
        using var made = SelfMade();
        await File.WriteAllBytesAsync(certificate, made.Export(X509ContentType.Pkcs12));
        var port = FreePort.Next();
        var address = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}");
        var others = new Dictionary<string, string> { ["Kestrel:Certificates:Default:Path"] = certificate };
        await using var portal = new PortalProcess(new PortalSettings { PublicUrl = address, Others = others });
        others["ASPNETCORE_URLS"] = $"{portal.DirectAddress.ToString().TrimEnd('/')};{address}";
        await portal.StartAgainAsync();
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == made.Thumbprint
            }
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.SetRequestHeader("Origin", address);
        await socket.ConnectAsync(new Uri(address.Replace("https", "wss", StringComparison.Ordinal) + "/_blazor"), invoker, CancellationToken.None);
        var received = new byte[4096];
        await socket.SendAsync(
            Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"),
            WebSocketMessageType.Text,
            endOfMessage: true,
            CancellationToken.None);
        Assert.Equal("{}\u001e", Encoding.UTF8.GetString(received, 0, (await socket.ReceiveAsync(received, CancellationToken.None)).Count));

        // SignalR's ping message: three bytes, the first of which is the length of the rest.
        var pings = Enumerable.Repeat(new byte[] { 2, 0x91, 6 }, 1000).SelectMany(ping => ping).ToArray();
        for (var sent = 0; sent < 100; sent++) await socket.SendAsync(pings, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        // The portal's own ping comes after fifteen seconds, so the socket has survived that silence.
        var answer = await socket.ReceiveAsync(received, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(45));

        Assert.Equal((WebSocketMessageType.Binary, WebSocketState.Open), (answer.MessageType, socket.State));
        Assert.Equal(pings[..3], received[..answer.Count]);
    }

    private static X509Certificate2 SelfMade()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }

    private static Task SendManyAsync(PortalProcess portal, string address, int length, bool chunked) =>
        Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SendAsync(portal, address, length, chunked))));

    /// <summary>Sends until everything is sent or the portal closes the connection.</summary>
    private static async Task SendAsync(PortalProcess portal, string address, int length, bool chunked)
    {
        using var socket = await ConnectAsync(portal);
        var origin = portal.BaseAddress.ToString().TrimEnd('/');
        var head = $"POST {address} HTTP/1.1\r\nHost: {portal.BaseAddress.Authority}\r\nOrigin: {origin}\r\nContent-Type: application/json\r\n"
            + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {length}\r\n\r\n");
        var piece = Encoding.ASCII.GetBytes(new string('a', 0x10000));
        try
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(head));
            for (var sent = 0; sent < length; sent += piece.Length)
            {
                if (chunked) await socket.SendAsync("10000\r\n"u8.ToArray());
                await socket.SendAsync(piece);
                if (chunked) await socket.SendAsync("\r\n"u8.ToArray());
            }
            if (chunked) await socket.SendAsync("0\r\n\r\n"u8.ToArray());
            socket.Shutdown(SocketShutdown.Send);
            await ReadToEndAsync(socket);
        }
        catch (SocketException)
        {
            // The portal closed the connection.
        }
    }

    /// <summary>Returns the whole answer to one request. Nothing is sent after <paramref name="body"/>, and the sending side stays open.</summary>
    private static async Task<string> AskAsync(PortalProcess portal, string what, string headers, string body)
    {
        using var socket = await ConnectAsync(portal);
        var origin = portal.BaseAddress.ToString().TrimEnd('/');
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"{what} HTTP/1.1\r\nHost: {portal.BaseAddress.Authority}\r\nOrigin: {origin}\r\nConnection: close\r\n{headers}\r\n{body}"));
        return await ReadToEndAsync(socket).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task<Socket> ConnectAsync(PortalProcess portal)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(portal.DirectAddress.Host, portal.DirectAddress.Port);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var answer = new ArrayBufferWriter<byte>();
        try
        {
            while (await socket.ReceiveAsync(answer.GetMemory(4096)) is > 0 and var read) answer.Advance(read);
        }
        catch (SocketException)
        {
            // The portal closed the connection after the answer.
        }
        return Encoding.UTF8.GetString(answer.WrittenSpan);
    }

    /// <summary>Returns the peak memory of the process in bytes.</summary>
    private static long Memory(int process) =>
        long.Parse(
            File.ReadLines($"/proc/{process}/status")
                .Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) * 1024;
}

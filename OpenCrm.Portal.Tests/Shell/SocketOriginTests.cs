using System.Net;
using System.Net.WebSockets;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>A16: who may open a circuit.</summary>
public sealed class SocketOriginTests
{
    [Fact]
    public async Task Only_the_portal_s_own_pages_open_a_circuit()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { PublicUrl = "https://portal.northwind.test" });
        var port = portal.BaseAddress.Port;
        foreach (var origin in new[]
                 {
                     "https://evil.test", "null", null, "https://sub.portal.northwind.test", "http://portal.northwind.test", "https://portal.northwind.test:8443",
                     $"http://localhost:{port + 1}", $"http://evil.localhost:{port}", $"http://localhost.evil.test:{port}",
                 })
            Assert.Equal(HttpStatusCode.Forbidden, await OpenAsync(port, origin));
        foreach (var origin in new[] { "https://portal.northwind.test", $"http://localhost:{port}", $"http://127.0.0.1:{port}" })
            Assert.Equal(HttpStatusCode.SwitchingProtocols, await OpenAsync(port, origin));
    }

    [Fact]
    public async Task A_name_that_was_rebound_to_this_machine_opens_none_even_as_its_own_origin()
    {
        await using var portal = await PortalProcess.StartAsync();
        var port = portal.BaseAddress.Port;
        Assert.Equal(HttpStatusCode.Forbidden, await OpenAsync(port, $"http://evil.test:{port}", host: $"evil.test:{port}"));
    }

    [Fact]
    public async Task Nothing_but_a_web_socket_carries_a_circuit()
    {
        await using var portal = await PortalProcess.StartAsync();
        using var client = portal.CreateClient();
        using var events = new HttpRequestMessage(HttpMethod.Get, "/_blazor?id=x");
        events.Headers.Add("Origin", portal.BaseAddress.ToString().TrimEnd('/'));
        events.Headers.Add("Accept", "text/event-stream");
        using var answer = await client.SendAsync(events);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> OpenAsync(int port, string? origin, string? host = null)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        if (host is not null) socket.Options.SetRequestHeader("Host", host);
        try
        {
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/_blazor"), CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // Refused: the status tells how.
        }
        return socket.HttpStatusCode;
    }
}

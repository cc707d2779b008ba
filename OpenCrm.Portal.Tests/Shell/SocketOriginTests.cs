using System.Net;
using System.Net.WebSockets;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>Who may open a circuit (case A16 of docs/threats.md).</summary>
public sealed class SocketOriginTests(StandingPortal standing) : IClassFixture<StandingPortal>
{
    [Fact]
    public async Task Only_the_portal_s_own_pages_open_a_circuit()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { PublicUrl = "https://portal.northwind.test" });
        var port = portal.BaseAddress.Port;
        foreach (var origin in new[]
                 {
                     "https://evil.test", "null", null,
                     "https://sub.portal.northwind.test", "http://portal.northwind.test", "https://portal.northwind.test:8443",
                     $"http://localhost:{port + 1}", $"http://evil.localhost:{port}", $"http://localhost.evil.test:{port}",
                 })
            Assert.Equal(HttpStatusCode.Forbidden, await OpenAsync(port, origin));
        foreach (var origin in new[] { "https://portal.northwind.test", $"http://localhost:{port}", $"http://127.0.0.1:{port}" })
            Assert.Equal(HttpStatusCode.SwitchingProtocols, await OpenAsync(port, origin));
    }

    [Fact]
    public async Task A_name_that_was_rebound_to_this_machine_opens_none_even_as_its_own_origin()
    {
        var portal = standing.Portal;
        var port = portal.BaseAddress.Port;
        // Under that name nothing is served at all; under the right name, the WebSocket is refused because of its origin.
        Assert.Equal(HttpStatusCode.BadRequest, await OpenAsync(port, $"http://evil.test:{port}", host: $"evil.test:{port}"));
        Assert.Equal(HttpStatusCode.Forbidden, await OpenAsync(port, $"http://evil.test:{port}"));
    }

    [Fact]
    public async Task Nothing_but_a_web_socket_carries_a_circuit()
    {
        var portal = standing.Portal;
        using var client = portal.CreateClient();
        using var events = new HttpRequestMessage(HttpMethod.Get, "/_blazor?id=x");
        events.Headers.Add("Origin", portal.BaseAddress.ToString().TrimEnd('/'));
        events.Headers.Add("Accept", "text/event-stream");
        using var answer = await client.SendAsync(events);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    /// <summary>Firefox and WebKit hide the origin of a beacon, but send a header saying that it comes from the same origin.</summary>
    [Fact]
    public async Task A_page_that_leaves_is_heard_without_an_origin_but_only_from_the_portal_s_own_pages()
    {
        var portal = standing.Portal;
        Assert.NotEqual(HttpStatusCode.Forbidden, await PostAsync(portal, "/_blazor/disconnect", "null", "same-origin"));
        foreach (var site in new[] { "cross-site", "same-site", "none", null })
            Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(portal, "/_blazor/disconnect", "null", site));
        // This holds for no other address and no other origin.
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(portal, "/_blazor/negotiate?negotiateVersion=1", "null", "same-origin"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(portal, "/_blazor/disconnect", "https://evil.test", "same-origin"));
        Assert.Equal(HttpStatusCode.Forbidden, await OpenAsync(portal.BaseAddress.Port, "null", site: "same-origin"));
    }

    // Without TLS no browser sends Sec-Fetch-Site, and Safari before 16.4 never does. If such requests were refused, the page would never start.
    [Fact]
    public async Task A_browser_that_says_nothing_of_the_site_still_gets_what_every_page_asks_first_but_no_circuit()
    {
        var portal = standing.Portal;
        using var client = portal.CreateClient();
        foreach (var (site, expected) in new[]
        {
            (null, HttpStatusCode.OK), ("same-origin", HttpStatusCode.OK),
            ("cross-site", HttpStatusCode.Forbidden), ("same-site", HttpStatusCode.Forbidden)
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/_blazor/initializers");
            if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
            using var answer = await client.SendAsync(request);
            Assert.Equal(expected, answer.StatusCode);
        }
        using var negotiate = await client.PostAsync(new Uri("/_blazor/negotiate?negotiateVersion=1", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Forbidden, negotiate.StatusCode);
    }

    [Fact]
    public async Task A_refusal_names_the_public_address_and_the_log_says_once_which_setting_it_is()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { PublicUrl = "https://portal.northwind.test" });
        using var client = portal.CreateClient();
        for (var n = 0; n < 5; n++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
            request.Headers.Add("Origin", "https://old-name.northwind.test");
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal("{\"publicAddress\":\"https://portal.northwind.test\"}", await answer.Content.ReadAsStringAsync());
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        }
        await Eventually.TrueAsync(() => Refusals().Count > 0, "a line in the log");
        var line = Assert.Single(Refusals());
        Assert.Contains("https://portal.northwind.test", line, StringComparison.Ordinal);
        Assert.Contains("Portal:PublicUrl", line, StringComparison.Ordinal);

        List<string> Refusals() => [.. portal.Output.Lines.Where(l => l.Contains("https://old-name.northwind.test", StringComparison.Ordinal))];
    }

    private static async Task<HttpStatusCode> PostAsync(PortalProcess portal, string path, string origin, string? site)
    {
        using var client = portal.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add("Origin", origin);
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
        request.Content = new MultipartFormDataContent { { new StringContent("nobody"), "circuitId" } };
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> OpenAsync(int port, string? origin, string? host = null, string? site = null)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        if (site is not null) socket.Options.SetRequestHeader("Sec-Fetch-Site", site);
        if (host is not null) socket.Options.SetRequestHeader("Host", host);
        try
        {
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/_blazor"), CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // Refused; the status says how.
        }
        return socket.HttpStatusCode;
    }
}

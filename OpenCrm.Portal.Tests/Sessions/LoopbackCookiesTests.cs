using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Sessions;

/// <summary>Each combination of public address, Host, peer and proxy headers (docs/threats.md, "Cookie on loopback").</summary>
public sealed class LoopbackCookiesTests
{
    private const string PeerHeader = "Test-Peer";

    private static readonly (string Address, bool Plain)[] PublicAddresses =
    [
        ("http://localhost:5000", true), ("http://127.0.0.1:5000", true), ("http://[::1]:5000", true),
        ("https://localhost:5001", false), ("https://portal.northwind.test", false),
        ("http://portal.northwind.test", false), ("http://localhost.northwind.test", false),
    ];

    private static readonly (string Host, bool Plain)[] Hosts =
    [
        ("localhost:5000", true), ("127.0.0.1:5000", true), ("[::1]:5000", true), ("LOCALHOST", true),
        ("portal.northwind.test", false), ("evil.localhost", false), ("192.0.2.1", false)
    ];

    private static readonly (string Peer, bool Plain)[] Peers =
    [
        ("127.0.0.1", true), ("::1", true), ("127.9.9.9", true), ("192.0.2.1", false), ("2001:db8::1", false), ("none", false)
    ];

    private static readonly string?[] ProxyHeaders =
        [null, "Forwarded", "X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Port", "Via"];

    [Fact]
    public async Task One_cookie_without_prefix_and_Secure_stands_instead_of_the_other_only_on_this_machine_itself()
    {
        await using var portal = await StartAsync();
        using var client = Client(portal);
        var plain = 0;
        foreach (var publicAddress in PublicAddresses)
        {
            portal.Services.GetRequiredService<IConfiguration>()["Portal:PublicUrl"] = publicAddress.Address;
            foreach (var host in Hosts)
                foreach (var peer in Peers)
                    foreach (var header in ProxyHeaders)
                    {
                        var expected = publicAddress.Plain && host.Plain && peer.Plain && header is null;
                        using var answer = await SendAsync(client, HttpMethod.Get, PortalUrls.SessionAntiforgery, host.Host, peer.Peer, header);
                        string[] set = answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [];
                        // A request for a name that is not the portal's own gets no cookie of either kind.
                        if (answer.StatusCode == HttpStatusCode.BadRequest)
                        {
                            Assert.True(!expected && set.Length == 0, $"{publicAddress} {host} {peer} {header}: {string.Join(" | ", set)}");
                            continue;
                        }
                        Assert.True(
                            set.Length == 1 && IsAsItShould(set[0], "antiforgery", expected),
                            $"{publicAddress} {host} {peer} {header}: {string.Join(" | ", set)}");
                        if (expected) plain++;
                    }
        }
        Assert.Equal(3 * 4 * 3, plain);
    }

    [Theory]
    [InlineData("http://localhost:5000", true)]
    [InlineData("https://portal.northwind.test", false)]
    public async Task Every_cookie_follows_the_rule_and_only_the_one_it_names_is_read(string publicAddress, bool plain)
    {
        await using var portal = await StartAsync();
        portal.Services.GetRequiredService<IConfiguration>()["Portal:PublicUrl"] = publicAddress;
        using var client = Client(portal);

        var set = await CookiesAsync(client, PortalUrls.SignIn);
        var browser = Assert.Single(set, IsOfBrowser);
        Assert.All(set, cookie => Assert.True(IsAsItShould(cookie, cookie == browser ? "browser" : "antiforgery", plain), cookie));
        using (var page = await SendAsync(client, HttpMethod.Get, PortalUrls.SignIn))
            Assert.Contains($"data-cookie-prefix=\"{(plain ? "" : "__Host-")}\"", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // A cookie is read only by the name that the rule gives: with the other name, a page load brings a new one.
        var value = Value(browser);
        Assert.DoesNotContain(await CookiesAsync(client, PortalUrls.SignIn, cookie: Named("browser", plain, value)), IsOfBrowser);
        Assert.Contains(await CookiesAsync(client, PortalUrls.SignIn, cookie: Named("browser", !plain, value)), IsOfBrowser);
        Assert.Contains("data-theme=\"dark\"", await ReadPageAsync(client, Named("theme", plain, "dark")), StringComparison.Ordinal);
        Assert.Contains("data-theme=\"light\"", await ReadPageAsync(client, Named("theme", !plain, "dark")), StringComparison.Ordinal);

        var session = Assert.Single(await SignInAsync(portal, client, plain), cookie => cookie.Contains("session=", StringComparison.Ordinal));
        Assert.True(IsAsItShould(session, "session", plain), session);
        Assert.Contains("Account menu", await ReadPageAsync(client, Named("session", plain, Value(session))), StringComparison.Ordinal);
        Assert.DoesNotContain("Account menu", await ReadPageAsync(client, Named("session", !plain, Value(session))), StringComparison.Ordinal);
        // The right name does not help either where the request came through a proxy.
        using (var through = await SendAsync(client, HttpMethod.Get, PortalUrls.Account, cookie: $"session={Value(session)}", header: "Via"))
            Assert.DoesNotContain("Account menu", await through.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // The cookie is deleted by the name with which it was set.
        var ended = Assert.Single(await PostAsync(client, PortalUrls.SessionEnd, "{}", plain, Named("session", plain, Value(session))));
        Assert.StartsWith(Named("session", plain, ""), ended, StringComparison.Ordinal);
        Assert.Contains("expires=Thu, 01 Jan 1970", ended, StringComparison.Ordinal);
    }

    /// <summary>Headers of a known proxy are removed from the request when they are applied, so the rule has to look at them before.</summary>
    [Fact]
    public async Task A_known_proxy_on_this_machine_that_says_localhost_gets_the_strict_cookie()
    {
        await using var portal = await StartAsync(
            new PortalSettings { PublicUrl = "http://localhost:5000" }.With("ReverseProxy:KnownNetworks:0", "127.0.0.0/8"));
        using var client = Client(portal);
        using var request = Request(HttpMethod.Get, PortalUrls.SignIn, "localhost:5000", "127.0.0.1", null, null);
        request.Headers.Add("X-Forwarded-For", "127.0.0.1");
        request.Headers.Add("X-Forwarded-Proto", "http");
        request.Headers.Add("X-Forwarded-Host", "localhost:5000");
        using var answer = await client.SendAsync(request);
        Assert.True(IsAsItShould(Assert.Single(answer.Headers.GetValues("Set-Cookie"), IsOfBrowser), "browser", plain: false));
    }

    private static Task<PortalHost> StartAsync(PortalSettings? settings = null) =>
        PortalHost.StartAsync(
            settings ?? new PortalSettings { PublicUrl = "http://localhost:5000" },
            replace: services => services.AddSingleton<IStartupFilter, Peer>());

    /// <summary>Creates a client without a cookie jar: each request sends the cookies that the test names.</summary>
    private static HttpClient Client(PortalHost portal) => ((TestServer)portal.Services.GetRequiredService<IServer>()).CreateClient();

    private static async Task<IReadOnlyList<string>> SignInAsync(PortalHost portal, HttpClient client, bool plain)
    {
        var admin = PortalSettings.FirstAdministrator;
        await using var visitor = CircuitVisitor.At(portal);
        var proved = (OpenCrm.Portal.SignIn.SignInOutcome.Proved)await visitor.PasswordAsync(admin.Username, admin.Password);
        return await PostAsync(client, PortalUrls.Session, $"{{\"ticket\":\"{proved.Ticket}\"}}", plain, Named("browser", plain, visitor.Browser));
    }

    private static async Task<IReadOnlyList<string>> PostAsync(HttpClient client, string path, string json, bool plain, string cookie)
    {
        using var made = await SendAsync(client, HttpMethod.Get, PortalUrls.SessionAntiforgery, cookie: cookie);
        var token = System.Text.Json.JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement;
        var antiforgery = Value(Assert.Single(made.Headers.GetValues("Set-Cookie")));
        using var request = Request(
            HttpMethod.Post, path, "localhost:5000", "127.0.0.1", null, $"{cookie}; {Named("antiforgery", plain, antiforgery)}");
        request.Headers.Add(token.GetProperty("header").GetString()!, token.GetProperty("token").GetString());
        request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return [.. answer.Headers.GetValues("Set-Cookie")];
    }

    private static async Task<string> ReadPageAsync(HttpClient client, string cookie)
    {
        using var page = await SendAsync(client, HttpMethod.Get, PortalUrls.Account, cookie: cookie);
        return await page.Content.ReadAsStringAsync();
    }

    private static async Task<IReadOnlyList<string>> CookiesAsync(
        HttpClient client, string path, string host = "localhost:5000", string peer = "127.0.0.1", string? header = null, string? cookie = null)
    {
        using var answer = await SendAsync(client, HttpMethod.Get, path, host, peer, header, cookie);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set] : [];
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path,
        string host = "localhost:5000", string peer = "127.0.0.1", string? header = null, string? cookie = null)
    {
        using var request = Request(method, path, host, peer, header, cookie);
        return await client.SendAsync(request);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string host, string peer, string? header, string? cookie)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Host = host;
        request.Headers.Add(PeerHeader, peer);
        if (header is not null) request.Headers.TryAddWithoutValidation(header, "1.1 localhost");
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        return request;
    }

    private static bool IsOfBrowser(string cookie) => cookie.Contains("browser=", StringComparison.Ordinal);

    private static bool IsAsItShould(string cookie, string name, bool plain) =>
        cookie.StartsWith(Named(name, plain, ""), StringComparison.Ordinal)
        && cookie.Contains("secure", StringComparison.OrdinalIgnoreCase) != plain
        && cookie.Contains("httponly", StringComparison.OrdinalIgnoreCase)
        && cookie.Contains("path=/", StringComparison.OrdinalIgnoreCase)
        && cookie.Contains("samesite=", StringComparison.OrdinalIgnoreCase);

    private static string Named(string name, bool plain, string value) => $"{(plain ? "" : "__Host-")}{name}={value}";

    private static string Value(string cookie) =>
        cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..cookie.IndexOf(';', StringComparison.Ordinal)];

    /// <summary>Sets the address that a connection comes from; a test server has none.</summary>
    private sealed class Peer : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((http, then) =>
            {
                http.Connection.RemoteIpAddress = IPAddress.TryParse(http.Request.Headers[PeerHeader], out var peer) ? peer : null;
                return then(http);
            });
            next(app);
        };
    }
}

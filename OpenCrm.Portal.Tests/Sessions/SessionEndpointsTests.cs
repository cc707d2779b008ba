using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Sessions;

/// <summary>The two endpoints that change something accept nothing from other sites (case A15 of docs/threats.md).</summary>
public sealed class SessionEndpointsTests(StandingPortal standing) : IClassFixture<StandingPortal>
{
    [Fact]
    public async Task Without_an_antiforgery_token_nothing_is_changed()
    {
        var portal = standing.Portal;
        using var client = portal.CreateClient();
        foreach (var address in new[] { "/session", "/session/end" })
        {
            using var bare = await client.PostAsJsonAsync(address, new { ticket = "x" });
            Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
            using var get = await client.GetAsync(address);
            Assert.True(get.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotFound, $"GET {address}: {get.StatusCode}");
        }
    }

    [Fact]
    public async Task A_ticket_that_nobody_issued_sets_no_cookie()
    {
        var portal = standing.Portal;
        using var client = Client(portal);
        using var answer = await client.SendAsync(await WithTokenAsync(client, JsonContent.Create(new { ticket = new string('A', 43) })));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.False(
            answer.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(c => c.Contains("session=", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("text/plain", "{\"ticket\":\"x\"}")]
    [InlineData("application/x-www-form-urlencoded", "ticket=x")]
    [InlineData("application/json", "{")]
    [InlineData("application/json", "[]")]
    public async Task Only_a_well_formed_JSON_body_is_read(string type, string body)
    {
        var portal = standing.Portal;
        using var client = Client(portal);
        using var answer = await client.SendAsync(await WithTokenAsync(client, new StringContent(body, Encoding.UTF8, type)));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static async Task<HttpRequestMessage> WithTokenAsync(HttpClient client, HttpContent content)
    {
        using var page = await client.GetAsync("/login");
        using var answer = await client.GetAsync("/session/antiforgery");
        var antiforgery = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var request = new HttpRequestMessage(HttpMethod.Post, "/session") { Content = content };
        var cookies = page.Headers.GetValues("Set-Cookie").Concat(answer.Headers.GetValues("Set-Cookie"));
        request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => cookie.Split(';')[0])));
        request.Headers.Add(antiforgery.GetProperty("header").GetString()!, antiforgery.GetProperty("token").GetString());
        return request;
    }

    /// <summary>
    /// Creates a client whose cookies the test sets: a cookie container keeps Secure ones back from plain HTTP, while a browser sends them to
    /// localhost.
    /// </summary>
    private static HttpClient Client(PortalProcess portal) =>
        new(new HttpClientHandler { UseCookies = false }) { BaseAddress = portal.DirectAddress };
}

using System.Net;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>The headers of every answer, on a portal over plain HTTP on localhost (ASVS 3.4).</summary>
public sealed class HeadersTests(StandingPortal standing) : IClassFixture<StandingPortal>
{
    [Fact]
    public async Task Every_kind_of_answer_carries_the_security_headers_and_names_no_server()
    {
        var portal = standing.Portal;
        using var client = portal.CreateClient();
        foreach (var address in new[]
        {
            "/", "/login", "/no-such-page", "/OpenCrm.Portal.styles.css", "/_framework/blazor.web.js", "/health/live", "/session/antiforgery"
        })
        {
            using var answer = await client.GetAsync(address);
            Assert.False(answer.Headers.Contains("Server"), address);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            string[] parts = ["default-src 'none'", "script-src 'self';", "object-src 'none'", "frame-ancestors 'none'", "form-action 'self'"];
            foreach (var part in parts)
                Assert.Contains(part, policy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pages_are_kept_by_no_cache_and_unknown_ones_are_not_found()
    {
        var portal = standing.Portal;
        using var client = portal.CreateClient();
        using var page = await client.GetAsync("/login");
        Assert.True(page.Headers.CacheControl!.NoStore);
        using var unknown = await client.GetAsync("/no-such-page");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("<h1", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_probes_answer_before_and_after_set_up()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { Administrator = null });
        using var client = portal.CreateClient();
        foreach (var probe in new[] { "/health/live", "/health/ready" })
        {
            using var answer = await client.GetAsync(probe);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }
}

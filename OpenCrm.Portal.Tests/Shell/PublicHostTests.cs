using System.Net;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>Which names the portal answers to, and where its redirects lead (cases A12 and A19 of docs/threats.md).</summary>
public sealed class PublicHostTests(PublicHostTests.NorthwindPortal standing, PublicHostTests.NewPortal beforeSetUp)
    : IClassFixture<PublicHostTests.NorthwindPortal>, IClassFixture<PublicHostTests.NewPortal>
{
    private const string Public = "https://portal.northwind.test";

    /// <summary>
    /// Red without the check of the name: the sign-in page is served under the foreign name, and its circuit is refused without an explanation.
    /// </summary>
    [Theory]
    [InlineData("evil.test")]
    [InlineData("portal.northwind.test.evil.test")]
    [InlineData("sub.portal.northwind.test")]
    [InlineData("192.0.2.7:8080")]
    [InlineData("localhost.evil.test")]
    public async Task A_foreign_name_gets_a_page_that_names_the_right_address(string host)
    {
        // A portal of its own, because the log reports only the first such name.
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { PublicUrl = Public });
        foreach (var path in new[] { "/", "/login", "/OpenCrm.Portal.styles.css", "/settings/users/export.csv", "/no-such-page" })
        {
            using var answer = await GetAsync(portal, path, host);
            var page = await answer.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains($"href=\"{Public}/\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("evil.test", page, StringComparison.Ordinal);
            Assert.True(answer.Headers.CacheControl!.NoStore);
            Assert.True(answer.Headers.Contains("Content-Security-Policy"));
        }
        await portal.Output.WaitForAsync(
            new($"(was asked for as {System.Text.RegularExpressions.Regex.Escape(host)} and refused: "
                + "its public address is https://portal\\.northwind\\.test)"));
    }

    /// <summary>A page that was opened while its name was right keeps trying to connect; only this answer tells it where the portal is now.</summary>
    [Fact]
    public async Task A_page_that_stands_under_a_name_that_is_foreign_by_now_is_told_the_right_address()
    {
        var portal = standing.Portal;
        using var client = portal.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1")
        {
            Headers = { Host = "old.northwind.test" }
        };
        request.Headers.Add("Origin", "https://old.northwind.test");
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal($"{{\"publicAddress\":\"{Public}\"}}", await answer.Content.ReadAsStringAsync());
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData("portal.northwind.test")]
    [InlineData("PORTAL.northwind.test:8443")]
    [InlineData("localhost")]
    [InlineData("127.0.0.1:5000")]
    [InlineData("[::1]:5000")]
    public async Task The_public_name_and_this_machine_s_own_are_answered_whatever_port_a_proxy_left(string host)
    {
        var portal = standing.Portal;
        using var answer = await GetAsync(portal, "/login", host);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Probes_come_by_number()
    {
        var portal = standing.Portal;
        foreach (var probe in new[] { PortalUrls.Live, PortalUrls.Ready })
        {
            using var answer = await GetAsync(portal, probe, "10.244.0.17:8080");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("portal.northwind.test")]
    [InlineData("localhost")]
    public async Task Redirects_name_no_scheme_host_or_port(string host)
    {
        var portal = beforeSetUp.Portal;
        foreach (var path in new[] { "/", "/login?returnUrl=%2Faccount", "/settings/users" })
        {
            using var answer = await GetAsync(portal, path, host);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.Equal(PortalUrls.Setup, Assert.Single(answer.Headers.GetValues("Location")));
        }
    }

    private static async Task<HttpResponseMessage> GetAsync(PortalProcess portal, string path, string host)
    {
        using var client = portal.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        return await client.SendAsync(request);
    }

    /// <summary>A portal whose public address is on another machine.</summary>
    public sealed class NorthwindPortal : StandingPortal
    {
        protected override PortalSettings Settings => new() { PublicUrl = Public };
    }

    /// <summary>The same portal before anybody has set it up.</summary>
    public sealed class NewPortal : StandingPortal
    {
        protected override PortalSettings Settings => new() { Administrator = null, PublicUrl = Public };
    }
}

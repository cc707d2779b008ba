using System.Net;
using System.Text;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>The configurations in docs/proxies.md, each in the real proxy that it is for. Run by <c>.ci/test edges</c>.</summary>
[Trait("Category", "Edges")]
public sealed class DocumentedProxiesTests(Browser browser)
{
    [Theory]
    [InlineData("nginx")]
    [InlineData("HAProxy")]
    [InlineData("Caddy")]
    [InlineData("Apache")]
    public async Task A_portal_is_set_up_and_signed_in_to_through_it_under_the_public_address(string name)
    {
        await using var proxy = DocumentedProxy.Reserve();
        var settings = new PortalSettings { Administrator = null, PublicUrl = proxy.Address.ToString().TrimEnd('/') }
            .With("ReverseProxy:KnownNetworks", "127.0.0.1");
        await using var portal = await PortalProcess.StartAsync(settings);
        await proxy.StartAsync(name, portal.DirectAddress);

        using var client = LoopbackNetwork.ClientAt("127.0.0.9", proxy.Address);
        using (var answer = await client.GetAsync("/"))
        {
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.Equal(new Uri(proxy.Address, PortalUrls.Setup), new Uri(proxy.Address, answer.Headers.Location!));
        }

        var tab = await browser.NewPageAsync(proxy.Address, options: o => o.IgnoreHTTPSErrors = true);
        var visitor = new Visitor(tab);
        await tab.GotoAsync("/");
        await visitor.SetUpAsync(await portal.SetupCodeAsync(), "Northwind", PortalSettings.FirstAdministrator);
        await visitor.SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        Assert.All(await tab.Context.CookiesAsync(), cookie => Assert.True(cookie.Secure, cookie.Name));

        // A forwarded address that the client itself claims is not believed; the address that counts is the one that the proxy saw.
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        using (var refused = await client.PostAsync("/session", new StringContent("{}", Encoding.UTF8, "application/json")))
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        await portal.Output.WaitForAsync(new(@"(Refused: Antiforgery.*client 127\.0\.0\.9\))"));

        // The portal restarts behind its proxy, and the page finds it again.
        await portal.StopAsync();
        await portal.StartAgainAsync();
        await tab.WaitForCircuitAsync();
        await visitor.SignOutAsync();

        Assert.DoesNotContain(
            portal.Output.Lines,
            line => line.Contains("KnownNetworks", StringComparison.Ordinal) || line.Contains("Portal:PublicUrl", StringComparison.Ordinal));
    }
}

using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Shell.Http;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>
/// Whose <c>X-Forwarded-*</c> headers are believed, with real HAProxies on loopback addresses of their own (ASVS 4.1.3 and 15.3.4).
/// </summary>
public sealed class KnownProxiesTests
{
    private const string Setting = "ReverseProxy:KnownNetworks";

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.0.0.5", "10.0.0.5/32")]
    [InlineData("10.0.0.5/8", "10.0.0.0/8")]
    [InlineData("::1", "::1/128")]
    [InlineData("10.0.0.0/8, 192.168.1.7", "10.0.0.0/8 192.168.1.7/32")]
    [InlineData(" 10.0.0.0/8   fd00::/8\n", "10.0.0.0/8 fd00::/8")]
    [InlineData("", "")]
    public void One_value_holds_networks_and_addresses(string value, string expected) => Assert.Equal(expected, Read(new() { [Setting] = value }));

    [Fact]
    public void A_list_holds_them_too() =>
        Assert.Equal("10.0.0.0/8 ::1/128", Read(new() { [$"{Setting}:0"] = "10.0.0.0/8", [$"{Setting}:1"] = "::1" }));

    [Theory]
    [InlineData("10")]
    [InlineData("10.0.0.0/33")]
    [InlineData("proxy.example.test")]
    [InlineData("10.0.0.0-10.0.0.9")]
    public void What_is_neither_is_named(string value) =>
        Assert.Contains(
            $"{Setting} holds '{value}'",
            Assert.Throws<StartRefusedException>(() => Read(new() { [Setting] = $"127.0.0.1, {value}" })).Message,
            StringComparison.Ordinal);

    /// <summary>Red when the exception is not caught: such a value ends the process with status 134 and a stack trace of 223 lines.</summary>
    [Fact]
    public async Task A_wrong_value_stops_the_start_with_one_line()
    {
        await using var portal = new PortalProcess(new PortalSettings().With(Setting, "10.0.0.300"));
        await portal.StartUnwatchedAsync();

        Assert.Equal(1, await portal.WaitForExitAsync());
        var said = Assert.Single(portal.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("ReverseProxy:KnownNetworks holds '10.0.0.300'", said, StringComparison.Ordinal);
    }

    /// <summary>Red with the library's limit of one hop: every client seems to come from the inner proxy.</summary>
    [Theory]
    [InlineData("127.0.0.2, 127.0.0.3", "127.0.0.9")]
    [InlineData("127.0.0.3", "127.0.0.2")]
    [InlineData("", "127.0.0.3")]
    public async Task The_client_is_who_came_to_the_outermost_known_proxy(string known, string expected)
    {
        var seen = new SeenPeers();
        await using var portal = await PortalHost.StartAsync(
            new PortalSettings().With(Setting, known),
            listens: true,
            services => services.AddSingleton<IStartupFilter>(seen));
        await using var inner = await HaProxy.StartAsync(portal.BaseAddress, from: "127.0.0.3");
        await using var outer = await HaProxy.StartAsync(inner.Address, from: "127.0.0.2");
        using var client = LoopbackNetwork.ClientAt("127.0.0.9", outer.Address);
        // The client's own claim lies behind the last known hop, so it is not believed.
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");

        using var answer = await client.GetAsync(PortalUrls.SignIn);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expected, seen.Last);
    }

    [Fact]
    public async Task A_proxy_that_is_not_known_is_told_once()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var proxy = await HaProxy.StartAsync(portal.DirectAddress, from: "127.0.0.2");
        using var client = LoopbackNetwork.ClientAt("127.0.0.9", proxy.Address);
        for (var n = 0; n < 3; n++) (await client.GetAsync(PortalUrls.SignIn)).Dispose();

        await portal.Output.WaitForAsync(new("(X-Forwarded-\\* headers come from 127\\.0\\.0\\.2, which is not in ReverseProxy:KnownNetworks)"));
        Assert.Single(portal.Output.Lines, line => line.Contains("headers come from", StringComparison.Ordinal));
    }

    private static string Read(Dictionary<string, string?> settings) =>
        string.Join(' ', KnownProxies.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));

    /// <summary>Wraps the whole pipeline, and notes which client address everything inside has seen.</summary>
    private sealed class SeenPeers : IStartupFilter
    {
        public string? Last { get; private set; }

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (HttpContext http, RequestDelegate inner) =>
            {
                await inner(http);
                Last = http.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped
                    ? mapped.MapToIPv4().ToString()
                    : http.Connection.RemoteIpAddress?.ToString();
            });
            next(app);
        };
    }
}

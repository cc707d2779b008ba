using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using OpenCrm.Portal.Data;
using IPNetwork = System.Net.IPNetwork;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Believes <c>X-Forwarded-*</c> headers of known reverse proxies only, over all known hops (ASVS 4.1.3, 15.3.4). Otherwise an attacker could give
/// each guess a client address of its own. Any other peer counts as the client itself, whatever its headers say.
/// </summary>
internal static partial class KnownProxies
{
    private const string Setting = "ReverseProxy:KnownNetworks";

    /// <summary>How many unknown peers are logged: each once, and no more of them than an operator reads.</summary>
    private const int MostWarnings = 10;

    private static readonly char[] Separators = [',', ';', ' ', '\t', '\r', '\n'];

    private static readonly string[] Forwarded = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"];

    /// <summary>Reads the setting: a list, or one value with commas or spaces; networks or bare addresses.</summary>
    /// <exception cref="StartRefusedException">A value is neither a network nor an address.</exception>
    internal static IReadOnlyList<IPNetwork> Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Setting);
        return [.. section.GetChildren().Select(child => child.Value).Prepend(section.Value)
            .SelectMany(value => (value ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(Parse)];
    }

    internal static void AddKnownProxies(this IServiceCollection services, IConfiguration configuration)
    {
        var known = Read(configuration);
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            // Hops are followed from the nearest outward, as long as each is known. With a limit of one, everybody behind two proxies would have the
            // address of a proxy.
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in known) options.KnownIPNetworks.Add(network);
        });
    }

    internal static void UseKnownProxies(this WebApplication app)
    {
        var known = Read(app.Configuration);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(KnownProxies).FullName!);
        var warned = new ConcurrentDictionary<IPAddress, bool>();
        app.Use((http, next) =>
        {
            if (Forwarded.Any(http.Request.Headers.ContainsKey) && http.Connection.RemoteIpAddress is { } peer && !IsKnown(known, peer)
                && warned.Count < MostWarnings && warned.TryAdd(peer, true))
                LogUnknown(log, peer.ToString());
            return next(http);
        });
        // Without a known proxy no header is believed. The middleware itself would take an empty list to mean "everybody".
        if (known.Count > 0) app.UseForwardedHeaders();
    }

    private static bool IsKnown(IReadOnlyList<IPNetwork> known, IPAddress peer)
    {
        var address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return known.Any(network => network.Contains(address));
    }

    private static IPNetwork Parse(string value)
    {
        if (IPNetwork.TryParse(value, out var network)) return network;
        // "10" would be read as 0.0.0.10, so an address must be written in full.
        if (value.IndexOfAny(['.', ':']) >= 0 && IPAddress.TryParse(value, out var address))
            return new(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
        throw new StartRefusedException(
            $"{Setting} holds '{value}', which is neither a network such as 10.0.0.0/8 nor an address such as 10.0.0.5.");
    }

    [LoggerMessage(LogLevel.Warning,
        "X-Forwarded-* headers come from {Peer}, which is not in ReverseProxy:KnownNetworks, and are not believed: "
        + "if it is your reverse proxy, add its address there, else everybody behind it counts as one client")]
    private static partial void LogUnknown(ILogger log, string peer);
}

using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using OpenCrm.Portal.Data;
using IPNetwork = System.Net.IPNetwork;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// The reverse proxies whose <c>X-Forwarded-*</c> is believed, over all known hops (ASVS 4.1.3, 15.3.4). Whoever is not among them is the client itself, whatever it says:
/// else a guesser gives each guess an address of its own.
/// </summary>
internal static partial class KnownProxies
{
    private const string Setting = "ReverseProxy:KnownNetworks";

    /// <summary>Peers that are told of; each once, and no more of them than an operator reads.</summary>
    private const int MostWarnings = 10;

    private static readonly char[] Separators = [',', ';', ' ', '\t', '\r', '\n'];

    private static readonly string[] Forwarded = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"];

    /// <summary>Reads the setting: a list, or one value with commas or spaces; networks or bare addresses.</summary>
    /// <exception cref="StartRefusedException">A value is neither.</exception>
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
            // From the nearest hop outward, as long as each is known; with a limit of one the inner of two proxies would be everybody's address.
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
        var told = new ConcurrentDictionary<IPAddress, bool>();
        app.Use((http, next) =>
        {
            if (Forwarded.Any(http.Request.Headers.ContainsKey) && http.Connection.RemoteIpAddress is { } peer && !IsKnown(known, peer)
                && told.Count < MostWarnings && told.TryAdd(peer, true))
                LogUnknown(log, peer.ToString());
            return next(http);
        });
        // Without a known proxy nobody is believed; the middleware itself would take an empty list for "everybody".
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
        // "10" would be read as 0.0.0.10: an address is written whole.
        if (value.IndexOfAny(['.', ':']) >= 0 && IPAddress.TryParse(value, out var address))
            return new(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
        throw new StartRefusedException(
            $"{Setting} holds '{value}', which is neither a network such as 10.0.0.0/8 nor an address such as 10.0.0.5.");
    }

    [LoggerMessage(LogLevel.Warning, "X-Forwarded-* headers come from {Peer}, which is not in ReverseProxy:KnownNetworks, and are not believed: if it is your reverse proxy, add its address there, else everybody behind it counts as one client")]
    private static partial void LogUnknown(ILogger log, string peer);
}

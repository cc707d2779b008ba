using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// The address that people and mailed links use: configured, else what set-up stored, else the loopback address the portal listens on. Never a request's Host
/// (spec 3.2).
/// </summary>
public sealed class PublicAddress(IConfiguration configuration, IServer server)
{
    private static readonly string[] LoopbackNames = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary><c>Portal:PublicUrl</c>; it wins, and the settings page shows it read-only.</summary>
    public string? Configured => configuration["Portal:PublicUrl"] is { Length: > 0 } url ? url.TrimEnd('/') : null;

    /// <summary>The base of links, without a slash at the end.</summary>
    public async Task<string> BaseAsync(UnitOfWork work, CancellationToken cancel = default) =>
        Configured ?? (await work.SettingsAsync<GeneralSettings>(cancel)).PublicUrl?.TrimEnd('/') ?? (LoopbackUrls() is [var first, ..] ? first : null) ?? "http://localhost";

    /// <summary>Where it can be reached on this machine, by name.</summary>
    public IReadOnlyList<string> LoopbackUrls() =>
        [.. (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            .Select(address => Uri.TryCreate(address.Replace("*", "localhost", StringComparison.Ordinal).Replace("+", "localhost", StringComparison.Ordinal), UriKind.Absolute, out var uri) ? uri : null)
            .OfType<Uri>()
            .Select(uri => $"{uri.Scheme}://localhost:{uri.Port}")];

    /// <summary>An absolute http(s) address without path, query or user; plain http only on this machine.</summary>
    public static bool IsValid(string? url) =>
        url?.Length <= GeneralSettings.PublicUrlLength
        && Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && IsLoopbackName(uri.Host)))
        && uri.AbsolutePath == "/" && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0
        && !url.Any(char.IsWhiteSpace) && IncomingText.IsName(url);

    /// <summary>Plain http on this machine: nothing that is sent to it leaves the machine.</summary>
    public static bool IsPlainOnThisMachine(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && IsLoopbackName(uri.Host);

    /// <summary>A name that only ever means this machine; a name that merely resolves to it does not count (DNS rebinding).</summary>
    public static bool IsLoopbackName(string host) => LoopbackNames.Contains(host, StringComparer.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}

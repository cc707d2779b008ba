using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// The address that people and mailed links use: configured, else what set-up stored, else the loopback address the portal listens on. Never a request's Host
/// (spec 3.2). A changed one waits beside the one in use until a system administrator has opened a page there (spec 4.2): a typo shuts nobody out.
/// </summary>
public sealed class PublicAddress(IConfiguration configuration, IServer server, UnitsOfWork units, TimeProvider time)
{
    private static readonly string[] LoopbackNames = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>How long names that were read are taken for good: each request asks, static files as well, and a change must be felt within seconds (spec 8.4).</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(3);

    private volatile KnownNames _known = new([], default);

    /// <summary><c>Portal:PublicUrl</c>; it wins, and the settings page shows it read-only.</summary>
    public string? Configured => configuration["Portal:PublicUrl"] is { Length: > 0 } url ? url.TrimEnd('/') : null;

    /// <summary>The base of links, without a slash at the end.</summary>
    public async Task<string> BaseAsync(UnitOfWork work, CancellationToken cancel = default) =>
        Configured ?? (await work.SettingsAsync<GeneralSettings>(cancel)).PublicUrl?.TrimEnd('/') ?? (LoopbackUrls() is [var first, ..] ? first : null) ?? "http://localhost";

    /// <inheritdoc cref="BaseAsync(UnitOfWork, CancellationToken)" />
    public async Task<string> BaseAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        return await BaseAsync(work, cancel);
    }

    /// <summary>Every address from which people may come: the one in use first, then one that waits.</summary>
    public async Task<IReadOnlyList<string>> AcceptedAsync(CancellationToken cancel = default)
    {
        if (Configured is { } configured) return [configured];
        await using var work = await units.ReadAsync(cancel);
        var general = await work.SettingsAsync<GeneralSettings>(cancel);
        return [.. new[] { await BaseAsync(work, cancel), general.PendingPublicUrl }.OfType<string>().Select(url => url.TrimEnd('/'))];
    }

    /// <summary>
    /// Whether the portal answers under this name: this machine's own, or that of an accepted address. The port is not looked at, because proxies lose it. Until set-up has
    /// stored an address there is no right one, and set-up itself says what to configure.
    /// </summary>
    public async Task<bool> IsOwnHostAsync(HostString host, CancellationToken cancel = default)
    {
        if (IsLoopbackName(host.Host)) return true;
        if (Configured is { } configured) return IsHostOf(configured, host);
        var known = _known;
        if (time.GetUtcNow() - known.At < Remembered && known.Urls.Any(url => IsHostOf(url, host))) return true;
        try
        {
            await using var work = await units.ReadAsync(cancel);
            var general = await work.SettingsAsync<GeneralSettings>(cancel);
            if (general.SetUpAt is null) return true;
            _known = known = new([.. new[] { general.PublicUrl, general.PendingPublicUrl }.OfType<string>()], time.GetUtcNow());
        }
        catch (Exception away) when (known.Urls.Count > 0 && Outage.IsOne(away))
        {
            // What was known last still holds: files need no database, and the page that says so comes from further in.
        }
        return known.Urls.Any(url => IsHostOf(url, host));
    }

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

    /// <summary>Two addresses of one origin: scheme, host and port.</summary>
    public static bool IsSameOrigin(string url, Uri other) =>
        Uri.TryCreate(url, UriKind.Absolute, out var own)
        && (own.Scheme, own.Port) == (other.Scheme, other.Port)
        && string.Equals(own.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static bool IsHostOf(string url, HostString host) =>
        host.HasValue && Uri.TryCreate(url, UriKind.Absolute, out var own)
        && Uri.TryCreate($"{own.Scheme}://{host.ToUriComponent()}", UriKind.Absolute, out var asked)
        && string.Equals(own.IdnHost.TrimEnd('.'), asked.IdnHost.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    private sealed record KnownNames(IReadOnlyList<string> Urls, DateTimeOffset At);

    /// <summary>A name that only ever means this machine; a name that merely resolves to it does not count (DNS rebinding).</summary>
    public static bool IsLoopbackName(string host) => LoopbackNames.Contains(host, StringComparer.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}

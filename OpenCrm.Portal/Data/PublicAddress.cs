using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// The address that people and mailed links use: the configured one, else the one stored at set-up, else the loopback address on which the portal
/// listens. Never a request's Host, which an attacker can choose. A changed address is accepted beside the one in use until a system administrator
/// has opened a page at it: a typing error locks nobody out (docs/spec.md 4.2).
/// </summary>
public sealed class PublicAddress(IConfiguration configuration, IServer server, UnitsOfWork units, TimeProvider time)
{
    private static readonly string[] LoopbackNames = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>
    /// How long an answer is reused. Every request asks, also strangers' and those for static files, so the database is not read each time; but a
    /// change must take effect within seconds.
    /// </summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(3);

    private volatile KnownAddresses? _known;
    private int _changes;

    /// <summary>The setting <c>Portal:PublicUrl</c>, or null. It takes precedence, and the settings page then shows the address read-only.</summary>
    public string? Configured => configuration["Portal:PublicUrl"] is { Length: > 0 } url ? url.TrimEnd('/') : null;

    /// <summary>
    /// Returns the portal's addresses under the given settings. Only here is decided between the configured, the stored and the waiting address.
    /// </summary>
    public PortalAddresses Of(GeneralSettings general) => Configured is { } configured
        ? new(configured, Waiting: null)
        : new(general.PublicUrl?.TrimEnd('/') ?? (LoopbackUrls() is [var first, ..] ? first : "http://localhost"),
            general.PendingPublicUrl?.TrimEnd('/'));

    /// <summary>Returns the base of links, without a slash at the end.</summary>
    public async Task<string> ReadBaseAsync(UnitOfWork work, CancellationToken cancel = default) =>
        Configured ?? Of(await work.ReadSettingsAsync<GeneralSettings>(cancel)).InUse;

    /// <summary>Returns every address that people may use: the one in use first, then the one that waits.</summary>
    public async Task<IReadOnlyList<string>> ReadAcceptedAsync(CancellationToken cancel = default) =>
        Configured is { } configured ? [configured] : Of(await units.ReadSettingsAsync<GeneralSettings>(cancel)).Accepted;

    /// <summary>
    /// Returns the right address for a request that came by a wrong name. The portal answers under the loopback names and under those of the accepted
    /// addresses; the port is not compared, because proxies lose it. Before set-up has stored an address there is no right one, and set-up itself
    /// says what to configure.
    /// </summary>
    /// <returns>Null: the portal answers under this name.</returns>
    public async Task<string?> FindInsteadOfAsync(HostString host, CancellationToken cancel = default)
    {
        if (IsLoopbackName(host.Host)) return null;
        if (Configured is { } configured) return IsHostOf(configured, host) ? null : configured;
        var known = _known;
        if (known is null || !IsFresh(known))
        {
            try
            {
                // Read before the settings, so that a change saved during the reading makes the result stale.
                var (at, changes) = (time.GetUtcNow(), Volatile.Read(ref _changes));
                var general = await units.ReadSettingsAsync<GeneralSettings>(cancel);
                if (general.SetUpAt is null) return null;
                _known = known = new(Of(general), at, changes);
            }
            catch (Exception away) when (known is not null && Outage.IsOne(away))
            {
                // The last known addresses still hold: files need no database, and the page that reports the outage comes later in the pipeline.
            }
        }
        return known.Addresses.Accepted.Any(url => IsHostOf(url, host)) ? null : known.Addresses.InUse;
    }

    /// <summary>Call after an address was saved: this node then reads it again at the next request, the others within seconds.</summary>
    public void Forget() => Interlocked.Increment(ref _changes);

    /// <summary>Returns the addresses at which the portal is reached on this machine, by the name localhost.</summary>
    public IReadOnlyList<string> LoopbackUrls() =>
        [.. (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            .Select(address => address.Replace("*", "localhost", StringComparison.Ordinal).Replace("+", "localhost", StringComparison.Ordinal))
            .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null)
            .OfType<Uri>()
            .Select(uri => $"{uri.Scheme}://localhost:{uri.Port}")];

    /// <summary>Whether it is an absolute http(s) address without path, query or user; plain http only on this machine.</summary>
    public static bool IsValid(string? url) =>
        url?.Length <= GeneralSettings.PublicUrlLength
        && Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && IsLoopbackName(uri.Host)))
        && uri.AbsolutePath == "/" && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0
        && !url.Any(char.IsWhiteSpace) && IncomingText.IsName(url);

    /// <summary>Whether it is plain http on this machine: nothing that is sent there leaves the machine.</summary>
    public static bool IsPlainOnThisMachine(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && IsLoopbackName(uri.Host);

    /// <summary>Whether two addresses have one origin: scheme, host and port.</summary>
    public static bool IsSameOrigin(string url, Uri other) =>
        Uri.TryCreate(url, UriKind.Absolute, out var own)
        && (own.Scheme, own.Port) == (other.Scheme, other.Port)
        && string.Equals(own.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a request came by the host name of this address, also in its other spelling (xn--…). The port is not compared, because proxies lose
    /// it.
    /// </summary>
    public static bool IsHostOf(string url, HostString host) =>
        host.HasValue && Uri.TryCreate(url, UriKind.Absolute, out var own)
        && Uri.TryCreate($"{own.Scheme}://{host.ToUriComponent()}", UriKind.Absolute, out var asked)
        && string.Equals(own.IdnHost.TrimEnd('.'), asked.IdnHost.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the known addresses may still be used. If the clock was set back they may not, or they would last too long.</summary>
    private bool IsFresh(KnownAddresses known) =>
        time.GetUtcNow() is var now && now >= known.At && now - known.At < Remembered && known.Changes == Volatile.Read(ref _changes);

    /// <summary>Whether the name can only mean this machine. A name that merely resolves to it does not count (DNS rebinding).</summary>
    public static bool IsLoopbackName(string host) =>
        LoopbackNames.Contains(host, StringComparer.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));

    /// <param name="At">When it was read.</param>
    /// <param name="Changes">How many changes this node had saved by then.</param>
    private sealed record KnownAddresses(PortalAddresses Addresses, DateTimeOffset At, int Changes);
}

/// <summary>The portal's addresses under its settings, without a slash at the end.</summary>
/// <param name="InUse">The address that people should use and that links start with.</param>
/// <param name="Waiting">A changed address that is not known to work yet; null = none.</param>
public sealed record PortalAddresses(string InUse, string? Waiting)
{
    /// <summary>The addresses that people may use, the one in use first.</summary>
    public IReadOnlyList<string> Accepted => Waiting is null ? [InUse] : [InUse, Waiting];
}

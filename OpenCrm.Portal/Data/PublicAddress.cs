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

    /// <summary>How long what was read answers, yes and no: each request asks, static files as well, strangers too, and a change must be felt within seconds (spec 8.4).</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(3);

    private volatile KnownAddresses? _known;
    private int _changes;

    /// <summary><c>Portal:PublicUrl</c>; it wins, and the settings page shows it read-only.</summary>
    public string? Configured => configuration["Portal:PublicUrl"] is { Length: > 0 } url ? url.TrimEnd('/') : null;

    /// <summary>Which addresses the portal has by these settings: here alone is weighed what is configured, stored and waiting.</summary>
    public PortalAddresses Of(GeneralSettings general) => Configured is { } configured
        ? new(configured, Waiting: null)
        : new(general.PublicUrl?.TrimEnd('/') ?? (LoopbackUrls() is [var first, ..] ? first : "http://localhost"), general.PendingPublicUrl?.TrimEnd('/'));

    /// <summary>The base of links, without a slash at the end.</summary>
    public async Task<string> ReadBaseAsync(UnitOfWork work, CancellationToken cancel = default) => Configured ?? Of(await work.ReadSettingsAsync<GeneralSettings>(cancel)).InUse;

    /// <inheritdoc cref="ReadBaseAsync(UnitOfWork, CancellationToken)" />
    public async Task<string> ReadBaseAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        return await ReadBaseAsync(work, cancel);
    }

    /// <summary>Every address from which people may come: the one in use first, then one that waits.</summary>
    public async Task<IReadOnlyList<string>> ReadAcceptedAsync(CancellationToken cancel = default) =>
        Configured is { } configured ? [configured] : Of(await units.ReadSettingsAsync<GeneralSettings>(cancel)).Accepted;

    /// <summary>
    /// The right address for whoever came by a wrong name. The portal answers under this machine's own names and those of the accepted addresses; the port is not looked at,
    /// because proxies lose it. Until set-up has stored an address there is no right one, and set-up itself says what to configure.
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
                // Before the reading: what is saved during it counts as not read.
                var (at, changes) = (time.GetUtcNow(), Volatile.Read(ref _changes));
                var general = await units.ReadSettingsAsync<GeneralSettings>(cancel);
                if (general.SetUpAt is null) return null;
                _known = known = new(Of(general), at, changes);
            }
            catch (Exception away) when (known is not null && Outage.IsOne(away))
            {
                // What was known last still holds: files need no database, and the page that says so comes from further in.
            }
        }
        return known.Addresses.Accepted.Any(url => IsHostOf(url, host)) ? null : known.Addresses.InUse;
    }

    /// <summary>An address was saved: this node reads anew at the next request, the others within seconds.</summary>
    public void Forget() => Interlocked.Increment(ref _changes);

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

    /// <summary>Whether a request came by the name of this address, also in its other spelling (xn--…). The port is not looked at: proxies lose it.</summary>
    public static bool IsHostOf(string url, HostString host) =>
        host.HasValue && Uri.TryCreate(url, UriKind.Absolute, out var own)
        && Uri.TryCreate($"{own.Scheme}://{host.ToUriComponent()}", UriKind.Absolute, out var asked)
        && string.Equals(own.IdnHost.TrimEnd('.'), asked.IdnHost.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    /// <summary>A clock that was set back makes nothing last longer.</summary>
    private bool IsFresh(KnownAddresses known) =>
        time.GetUtcNow() is var now && now >= known.At && now - known.At < Remembered && known.Changes == Volatile.Read(ref _changes);

    /// <summary>A name that only ever means this machine; a name that merely resolves to it does not count (DNS rebinding).</summary>
    public static bool IsLoopbackName(string host) => LoopbackNames.Contains(host, StringComparer.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));

    /// <param name="At">When it was read.</param>
    /// <param name="Changes">How many changes this node had saved by then.</param>
    private sealed record KnownAddresses(PortalAddresses Addresses, DateTimeOffset At, int Changes);
}

/// <summary>The addresses of the portal as its settings say, without a slash at the end.</summary>
/// <param name="InUse">Where people belong, and what links start with.</param>
/// <param name="Waiting">A changed one that is not known to work yet (spec 4.2); null = none.</param>
public sealed record PortalAddresses(string InUse, string? Waiting)
{
    /// <summary>From where people may come: the one in use first.</summary>
    public IReadOnlyList<string> Accepted => Waiting is null ? [InUse] : [InUse, Waiting];
}

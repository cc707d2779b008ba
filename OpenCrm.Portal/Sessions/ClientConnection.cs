using Microsoft.AspNetCore.Components.Server.Circuits;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// The browser at the other end of this circuit: address, description, origin and pre-session cookie as its connection brought them. Read once, while the connection opens:
/// later <see cref="HttpContext"/> is stale, not null.
/// </summary>
public sealed class ClientConnection
{
    public ClientConnection(IHttpContextAccessor accessor)
    {
        if (accessor.HttpContext is not { } http) return;
        Address = AddressOf(http);
        Origin = OriginOf(http);
        UserAgent = IncomingText.Cleaned(http.Request.Headers.UserAgent.ToString(), PortalSessionConfiguration.UserAgentLength);
        BrowserHash = BrowserCookie.Read(http) is { } token ? SecretToken.Hash(token) : null;
    }

    public string? Address { get; }

    /// <summary>The client's address as it is counted and shown.</summary>
    public static string? AddressOf(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : null;

    public string? UserAgent { get; }

    /// <summary>
    /// Where the browser has the page from: of a circuit's socket it is one of the accepted ones. No script of a page can change it, unlike the base address, which is an
    /// argument of the page's own.
    /// </summary>
    public Uri? Origin { get; }

    /// <summary>The one origin that the request names; null if it names none, or several.</summary>
    public static Uri? OriginOf(HttpContext http) =>
        http.Request.Headers.Origin is [var given] && Uri.TryCreate(given, UriKind.Absolute, out var origin) ? origin : null;

    /// <summary>Null when the browser takes no cookies: then nobody can be signed in.</summary>
    public byte[]? BrowserHash { get; }

    /// <summary>Whoever sits there, before signing in.</summary>
    public Caller.Nobody Nobody => new() { Address = Address };
}

/// <summary>Makes the connection's facts be read while it opens.</summary>
internal sealed class ClientConnectionReader : CircuitHandler
{
#pragma warning disable CA1801, IDE0060 // The constructor of ClientConnection does the reading.
    public ClientConnectionReader(ClientConnection connection) { }
#pragma warning restore CA1801, IDE0060
}

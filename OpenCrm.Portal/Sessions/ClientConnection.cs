using Microsoft.AspNetCore.Components.Server.Circuits;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// The browser at the other end of this circuit: address, description and pre-session cookie as its connection brought them. Read once, while the connection opens: later
/// <see cref="HttpContext"/> is stale, not null.
/// </summary>
public sealed class ClientConnection
{
    public ClientConnection(IHttpContextAccessor accessor)
    {
        if (accessor.HttpContext is not { } http) return;
        Address = AddressOf(http);
        UserAgent = IncomingText.Cleaned(http.Request.Headers.UserAgent.ToString(), PortalSessionModel.UserAgentLength);
        BrowserHash = BrowserCookie.Read(http) is { } token ? SecretToken.Hash(token) : null;
    }

    public string? Address { get; }

    /// <summary>The client's address as it is counted and shown.</summary>
    public static string? AddressOf(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : null;

    public string? UserAgent { get; }

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

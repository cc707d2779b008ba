using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Net.Http.Headers;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// The browser at the other end of this circuit: address, description, origin and pre-session cookie, as its connection brought them. They are read
/// once, while the connection opens, because later <see cref="HttpContext"/> is stale, not null.
/// </summary>
public sealed class ClientConnection : IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    public ClientConnection(IHttpContextAccessor accessor)
    {
        Gone = _gone.Token;
        if (accessor.HttpContext is not { } http) return;
        Address = AddressOf(http);
        Origin = OriginOf(http);
        UserAgent = IncomingText.Cleaned(http.Request.Headers.UserAgent.ToString(), PortalSessionConfiguration.UserAgentLength);
        AcceptLanguage = http.Request.Headers[HeaderNames.AcceptLanguage];
        Language = http.Request.Cookies[CookieNames.Language];
        BrowserHash = BrowserCookie.Read(http) is { } token ? SecretToken.Hash(token) : null;
    }

    public string? Address { get; }

    /// <summary>Cancelled when the circuit ends, because the tab was closed or stayed away: nobody waits for an answer any more.</summary>
    public CancellationToken Gone { get; }

    /// <summary>Returns the client's address as the limits count it and the pages show it.</summary>
    public static string? AddressOf(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : null;

    public string? UserAgent { get; }

    /// <summary>The languages that the browser prefers, as it lists them.</summary>
    public string? AcceptLanguage { get; }

    /// <summary>The cookie with the last reader's choice of a language.</summary>
    public string? Language { get; }

    /// <summary>
    /// The origin from which the browser loaded the page; a circuit's connection only opens from an accepted one. Unlike the base address, which the
    /// page itself passes in, no script of the page can change it.
    /// </summary>
    public Uri? Origin { get; }

    /// <summary>Returns the one origin that the request names; null if it names none, or several.</summary>
    public static Uri? OriginOf(HttpContext http) =>
        http.Request.Headers.Origin is [var given] && Uri.TryCreate(given, UriKind.Absolute, out var origin) ? origin : null;

    /// <summary>SHA-256 of the pre-session cookie. Null when the browser takes no cookies: then nobody can be signed in.</summary>
    public byte[]? BrowserHash { get; }

    /// <summary>The person at this browser as a caller who is not signed in.</summary>
    public Caller.Nobody Nobody => new() { Address = Address };

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }
}

/// <summary>Makes the container read the connection's facts while the connection opens.</summary>
internal sealed class ClientConnectionReader : CircuitHandler
{
#pragma warning disable CA1801, IDE0060 // The constructor of ClientConnection does the reading.
    public ClientConnectionReader(ClientConnection connection) { }
#pragma warning restore CA1801, IDE0060
}

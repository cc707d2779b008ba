using System.Net;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Who may open a circuit: a page of the public address, and on this machine a page by a loopback name and the same port. Never "the same as Host": a rebound name
/// passes that (ASVS 4.4.2).
/// </summary>
internal static class SocketOrigin
{
    internal const string Hub = "/_blazor";
    private const string Disconnect = "/disconnect";

    internal static IApplicationBuilder UseSocketOrigin(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (!http.Request.Path.StartsWithSegments(Hub, StringComparison.OrdinalIgnoreCase, out var rest)) await next(http);
        // Circuits live on web sockets alone: the transports that stand in for them are plain requests, which carry less proof of where they come from.
        else if (rest.Value is null or "" or "/" && !http.WebSockets.IsWebSocketRequest) http.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (IsLeaving(http, rest) || IsOfThisMachine(http)) await next(http);
        else if (await http.RequestServices.GetRequiredService<PublicAddress>().ReadAcceptedAsync(http.RequestAborted) is var accepted && IsOf(http, accepted)) await next(http);
        else await RefuseAsync(http, accepted[0]);
    });

    /// <summary>
    /// Firefox and WebKit hide the origin of the beacon with which a page says that it leaves, because pages tell nobody where they were (Referrer-Policy: no-referrer). That it
    /// comes from a page of the same origin, the browser itself says beside it; and it ends only the circuit whose secret id it brings.
    /// </summary>
    private static bool IsLeaving(HttpContext http, PathString rest) =>
        HttpMethods.IsPost(http.Request.Method) && rest.Equals(Disconnect, StringComparison.OrdinalIgnoreCase)
        && http.Request.Headers.Origin is ["null"] && http.Request.Headers["Sec-Fetch-Site"] == "same-origin";

    private static bool IsOfThisMachine(HttpContext http) =>
        ClientConnection.OriginOf(http) is { } origin && http.Connection is { RemoteIpAddress: { } remote, LocalPort: var port } && IPAddress.IsLoopback(remote)
        && origin.Port == port && PublicAddress.IsLoopbackName(origin.Host);

    private static bool IsOf(HttpContext http, IReadOnlyList<string> accepted)
    {
        // A browser leaves Origin out of a same-origin GET only; the handshake of a socket always carries it. Sec-Fetch-Site older ones do not know, and none sends it without TLS:
        // to another site such an answer is unreadable, and no circuit comes of it.
        if (http.Request.Headers.Origin.Count == 0) return HttpMethods.IsGet(http.Request.Method) && !http.WebSockets.IsWebSocketRequest && http.Request.Headers["Sec-Fetch-Site"] is [] or ["same-origin"];
        return ClientConnection.OriginOf(http) is { } origin && accepted.Any(address => PublicAddress.IsSameOrigin(address, origin));
    }

    /// <summary>With the right address, which is no secret, so that the page can lead there. The page's own address is not repeated: nothing of the request comes back.</summary>
    private static Task RefuseAsync(HttpContext http, string publicAddress)
    {
        http.RequestServices.GetRequiredService<RefusedCircuits>().Tell(http.Request.Headers.Origin, publicAddress);
        return AnswerAsync(http, StatusCodes.Status403Forbidden, publicAddress);
    }

    /// <summary>What a page that is refused a circuit is told.</summary>
    internal static Task AnswerAsync(HttpContext http, int status, string publicAddress)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsJsonAsync(new Refusal(publicAddress), http.RequestAborted);
    }

    private sealed record Refusal(string PublicAddress);
}

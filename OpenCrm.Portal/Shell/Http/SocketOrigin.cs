using System.Net;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Decides which pages may open a circuit: those of the public address and, on this machine, those under a loopback name with the same port. To
/// accept any Origin that equals Host would not do: a page that uses DNS rebinding passes that (ASVS 4.4.2).
/// </summary>
internal static class SocketOrigin
{
    internal const string Hub = "/_blazor";
    private const string Disconnect = "/disconnect";

    internal static IApplicationBuilder UseSocketOrigin(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (!http.Request.Path.StartsWithSegments(Hub, StringComparison.OrdinalIgnoreCase, out var rest)) await next(http);
        // Circuits use web sockets only. The fallback transports are plain requests, which carry less proof of where they come from.
        else if (rest.Value is null or "" or "/" && !http.WebSockets.IsWebSocketRequest) http.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (IsLeaving(http, rest) || IsOfThisMachine(http)) await next(http);
        else if (await http.RequestServices.GetRequiredService<PublicAddress>().ReadAcceptedAsync(http.RequestAborted) is var accepted
            && IsOf(http, accepted))
        {
            await next(http);
        }
        else
        {
            await RefuseAsync(http, accepted[0]);
        }
    });

    /// <summary>
    /// Whether this is the beacon of a page that is being left. Firefox and WebKit hide its origin because of Referrer-Policy: no-referrer.
    /// Sec-Fetch-Site still says that it comes from a page of the same origin, and it ends only the circuit whose secret id it brings.
    /// </summary>
    private static bool IsLeaving(HttpContext http, PathString rest) =>
        HttpMethods.IsPost(http.Request.Method) && rest.Equals(Disconnect, StringComparison.OrdinalIgnoreCase)
        && http.Request.Headers.Origin is ["null"] && http.Request.Headers["Sec-Fetch-Site"] == "same-origin";

    private static bool IsOfThisMachine(HttpContext http) =>
        ClientConnection.OriginOf(http) is { } origin
        && http.Connection is { RemoteIpAddress: { } remote, LocalPort: var port }
        && IPAddress.IsLoopback(remote)
        && origin.Port == port && PublicAddress.IsLoopbackName(origin.Host);

    private static bool IsOf(HttpContext http, IReadOnlyList<string> accepted)
    {
        // A browser leaves out Origin only in a same-origin GET; the handshake of a socket always has it. Older browsers do not know Sec-Fetch-Site,
        // and none sends it without TLS, so it may be missing: another site cannot read the answer to such a GET, and it opens no circuit.
        if (http.Request.Headers.Origin.Count == 0)
        {
            return HttpMethods.IsGet(http.Request.Method) && !http.WebSockets.IsWebSocketRequest
                && http.Request.Headers["Sec-Fetch-Site"] is [] or ["same-origin"];
        }
        return ClientConnection.OriginOf(http) is { } origin && accepted.Any(address => PublicAddress.IsSameOrigin(address, origin));
    }

    /// <summary>
    /// Refuses with the right address, which is no secret, so that the page can lead there. Nothing of the request is repeated in the answer.
    /// </summary>
    private static Task RefuseAsync(HttpContext http, string publicAddress)
    {
        http.RequestServices.GetRequiredService<RefusedCircuits>().Report(http.Request.Headers.Origin, publicAddress);
        return AnswerAsync(http, StatusCodes.Status403Forbidden, publicAddress);
    }

    /// <summary>Answers a page that is refused a circuit.</summary>
    internal static Task AnswerAsync(HttpContext http, int status, string publicAddress)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsJsonAsync(new Refusal(publicAddress), http.RequestAborted);
    }

    private sealed record Refusal(string PublicAddress);
}

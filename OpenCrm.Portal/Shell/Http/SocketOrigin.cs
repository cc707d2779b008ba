using System.Net;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Who may open a circuit: a page of the public address, and on this machine a page by a loopback name and the same port. Never "the same as Host": a rebound name
/// passes that (ASVS 4.4.2).
/// </summary>
internal static class SocketOrigin
{
    private const string Hub = "/_blazor";

    internal static IApplicationBuilder UseSocketOrigin(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (!http.Request.Path.StartsWithSegments(Hub, StringComparison.OrdinalIgnoreCase, out var rest)) await next(http);
        // Circuits live on web sockets alone: the transports that stand in for them are plain requests, which carry less proof of where they come from.
        else if (rest.Value is null or "" or "/" && !http.WebSockets.IsWebSocketRequest) http.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (!await IsAllowedAsync(http)) http.Response.StatusCode = StatusCodes.Status403Forbidden;
        else await next(http);
    });

    private static async Task<bool> IsAllowedAsync(HttpContext http)
    {
        var origins = http.Request.Headers.Origin;
        // A browser leaves Origin out of a same-origin GET only; the handshake of a socket always carries it.
        if (origins.Count == 0) return !http.WebSockets.IsWebSocketRequest && http.Request.Headers["Sec-Fetch-Site"] == "same-origin";
        if (origins.Count != 1 || !Uri.TryCreate(origins[0], UriKind.Absolute, out var origin)) return false;
        if (http.Connection is { RemoteIpAddress: { } remote, LocalPort: var port } && IPAddress.IsLoopback(remote)
            && origin.Port == port && PublicAddress.IsLoopbackName(origin.Host)) return true;
        var accepted = await http.RequestServices.GetRequiredService<PublicAddress>().AcceptedAsync(http.RequestAborted);
        return accepted.Any(address => PublicAddress.IsSameOrigin(address, origin));
    }
}

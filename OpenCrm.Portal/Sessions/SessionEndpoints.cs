using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>The only HTTP endpoints of signing in. A circuit cannot set a cookie, so its browser fetches one here (docs/spec.md 1.2).</summary>
public static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder endpoints)
    {
        // Fetched just before the post: a token made before the principal changed is refused.
        endpoints.MapGet(PortalUrls.SessionAntiforgery, Antiforgery).AllowAnonymous();
        // Twice the limit of SmallBody, which counts the content only: in a chunked body the server counts the chunk headers too.
        var longest = new RequestSizeLimitAttribute(2 * SmallBody.Longest);
        endpoints.MapPost(PortalUrls.Session, BeginAsync).AllowAnonymous().DisableAntiforgery().WithMetadata(longest);
        endpoints.MapPost(PortalUrls.SessionEnd, EndAsync).AllowAnonymous().DisableAntiforgery().WithMetadata(longest);
    }

    private static IResult Antiforgery(HttpContext http, IAntiforgery antiforgery)
    {
        var tokens = antiforgery.GetAndStoreTokens(http);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(new { token = tokens.RequestToken, header = tokens.HeaderName });
    }

    private static async Task<IResult> BeginAsync(HttpContext http, IAntiforgery antiforgery, SignInTickets tickets, Refusals refusals)
    {
        if (await SmallBody.ReadAsync(http) is not { } body) return SmallBody.TooLong();
        if (await ReadTicketAsync(http, body, antiforgery) is not { } ticket)
            return Refuse(refusals, http, RefusalKind.Antiforgery, StatusCodes.Status400BadRequest);
        if (await tickets.RedeemAsync(ticket, http, Token(http.User), http.RequestAborted) is not { } token)
            return Refuse(refusals, http, RefusalKind.Ticket, StatusCodes.Status403Forbidden);
        var identity = new ClaimsIdentity([new(PortalClaims.SessionToken, token)], CookieAuthenticationDefaults.AuthenticationScheme);
        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new(identity));
        return Results.NoContent();
    }

    private static async Task<IResult> EndAsync(
        HttpContext http, IAntiforgery antiforgery, UnitsOfWork units, SessionEnding sessions, Refusals refusals)
    {
        if (await SmallBody.ReadAsync(http) is null) return SmallBody.TooLong();
        if (!http.Request.HasJsonContentType() || !await antiforgery.IsRequestValidAsync(http))
            return Refuse(refusals, http, RefusalKind.Antiforgery, StatusCodes.Status400BadRequest);
        // The row ends before the cookie: a circuit that reconnects afterwards takes its person from the cookie.
        if (Token(http.User) is { } token)
        {
            await using var work = await units.BeginAsync(http.RequestAborted);
            var state = await SessionCheck.EvaluateAsync(work, token, http.RequestAborted);
            await SignOut.EndAsync(work, sessions, state, address: null, http.RequestAborted);
            await work.CommitAsync(http.RequestAborted);
        }
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.NoContent();
    }

    private static IResult Refuse(Refusals refusals, HttpContext http, RefusalKind kind, int status)
    {
        refusals.Note(kind, SessionServices.PersonOf(http), ClientConnection.AddressOf(http), $"{http.Request.Method} {http.Request.Path}");
        return Results.StatusCode(status);
    }

    /// <summary>
    /// Returns the ticket in the body; null if the request is not valid. Accepts JSON only: a form of another site cannot send it without a preflight
    /// request (ASVS 3.5.2).
    /// </summary>
    private static async Task<string?> ReadTicketAsync(HttpContext http, byte[] body, IAntiforgery antiforgery)
    {
        if (!http.Request.HasJsonContentType() || !await antiforgery.IsRequestValidAsync(http)) return null;
        try
        {
            return JsonSerializer.Deserialize<TicketBody>(body, JsonSerializerOptions.Web)?.Ticket is { Length: > 0 and <= 64 } ticket
                ? ticket
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record TicketBody(string? Ticket);

    private static string? Token(ClaimsPrincipal principal) => principal.FindFirst(PortalClaims.SessionToken)?.Value;
}

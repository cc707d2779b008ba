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

/// <summary>The only HTTP of signing in: the circuit cannot set a cookie, so its browser fetches one (spec 1.2).</summary>
public static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder endpoints)
    {
        // Made just in time: a token made before the principal changed is refused.
        endpoints.MapGet(PortalUrls.SessionAntiforgery, Antiforgery).AllowAnonymous();
        // The server counts the frames of a body that comes in chunks as well; what is in them is counted by SmallBody.
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
        if (await Ticket(http, body, antiforgery) is not { } ticket) return Refuse(refusals, http, RefusalKind.Antiforgery, StatusCodes.Status400BadRequest);
        if (await tickets.RedeemAsync(ticket, http, Token(http.User), http.RequestAborted) is not { } token) return Refuse(refusals, http, RefusalKind.Ticket, StatusCodes.Status403Forbidden);
        var identity = new ClaimsIdentity([new(PortalClaims.SessionToken, token)], CookieAuthenticationDefaults.AuthenticationScheme);
        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new(identity));
        return Results.NoContent();
    }

    private static async Task<IResult> EndAsync(HttpContext http, IAntiforgery antiforgery, UnitsOfWork units, SessionEnding sessions, Refusals refusals)
    {
        if (await SmallBody.ReadAsync(http) is null) return SmallBody.TooLong();
        if (!http.Request.HasJsonContentType() || !await antiforgery.IsRequestValidAsync(http)) return Refuse(refusals, http, RefusalKind.Antiforgery, StatusCodes.Status400BadRequest);
        // The row first: a circuit that re-attaches afterwards takes its principal from the cookie.
        if (Token(http.User) is { } token)
        {
            await using var work = await units.BeginAsync(http.RequestAborted);
            await SignOut.EndAsync(work, sessions, await SessionCheck.EvaluateAsync(work, token, http.RequestAborted), address: null, http.RequestAborted);
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

    /// <summary>JSON only: a form of another site cannot send it without being asked first (ASVS 3.5.2).</summary>
    private static async Task<string?> Ticket(HttpContext http, byte[] body, IAntiforgery antiforgery)
    {
        if (!http.Request.HasJsonContentType() || !await antiforgery.IsRequestValidAsync(http)) return null;
        try
        {
            return JsonSerializer.Deserialize<TicketBody>(body, JsonSerializerOptions.Web)?.Ticket is { Length: > 0 and <= 64 } ticket ? ticket : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record TicketBody(string? Ticket);

    private static string? Token(ClaimsPrincipal principal) => principal.FindFirst(PortalClaims.SessionToken)?.Value;
}

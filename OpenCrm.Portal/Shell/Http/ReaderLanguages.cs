using Microsoft.Net.Http.Headers;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>Answers each request in its reader's language.</summary>
internal static class ReaderLanguages
{
    /// <summary>By the browser alone, for what answers before anybody may be asked who is signed in.</summary>
    internal static IApplicationBuilder UseBrowserLanguage(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var reader = new ReaderCulture();
        reader.Start(Accepted(http), null);
        reader.Apply();
        return next(http);
    });

    /// <summary>By the person who is signed in; otherwise as the browser remembers it, or prefers it. Follows the authentication.</summary>
    internal static IApplicationBuilder UseReaderLanguage(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var reader = http.RequestServices.GetRequiredService<ReaderCulture>();
        reader.Start(Accepted(http), http.Request.Cookies[CookieNames.Language]);
        if (http.User.HasClaim(claim => claim.Type == PortalClaims.SessionId)) reader.PassTo(http.User.FindFirst(PortalClaims.Language)?.Value);
        reader.Apply();
        return next(http);
    });

    private static string? Accepted(HttpContext http) => http.Request.Headers[HeaderNames.AcceptLanguage];
}

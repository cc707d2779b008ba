using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Sessions;

/// <summary>The pre-session cookie: it ties a sign-in ticket to the browser in which the password was typed, and is kept across sign-in and sign-out.</summary>
internal static class BrowserCookie
{
    // Lax: a link in a mail must not arrive without it. It gives no access by itself.
    // Made anew each time: writing may change it.
    private static CookieOptions Options => new()
    {
        HttpOnly = true,
        Secure = true,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
        // As long as browsers keep one: tabs that are restored together then share it.
        MaxAge = TimeSpan.FromDays(400)
    };

    public static string? Read(HttpContext http) => http.Request.Cookies.TryGetValue(CookieNames.Browser, out var token) && token.Length == 43 ? token : null;

    /// <summary>A page load that brings none gets one.</summary>
    public static void EnsureOnPages(IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.IsPageLoad() && Read(http) is null)
            http.Response.Cookies.Append(CookieNames.Browser, SecretToken.Generate(), Options);
        return next(http);
    });
}

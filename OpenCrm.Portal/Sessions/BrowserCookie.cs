using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// The pre-session cookie. It binds a sign-in ticket to the browser in which the password was typed, and is kept across sign-in and sign-out.
/// </summary>
internal static class BrowserCookie
{
    // Lax, because a request that follows a link in a mail must bring the cookie. By itself it gives no access.
    // A new object each time, because writing a cookie may change its options.
    private static CookieOptions Options => new()
    {
        HttpOnly = true,
        Secure = true,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
        // The longest time that browsers keep a cookie: tabs that are restored together then share it.
        MaxAge = TimeSpan.FromDays(400)
    };

    public static string? Read(HttpContext http) =>
        http.Request.Cookies.TryGetValue(CookieNames.Browser, out var token) && token.Length == 43 ? token : null;

    /// <summary>Sets the cookie on a page load that brings none.</summary>
    public static void EnsureOnPages(IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.IsPageLoad() && Read(http) is null)
            http.Response.Cookies.Append(CookieNames.Browser, SecretToken.Generate(), Options);
        return next(http);
    });
}

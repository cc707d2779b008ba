using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>Passes the browser's theme to the page that is being prerendered, so that nobody with the dark theme sees a light flash.</summary>
internal static class ThemeCookies
{
    internal static IApplicationBuilder UsePortalTheme(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var cookies = context.Request.Cookies;
        var theme = context.RequestServices.GetRequiredService<ThemeChoice>();
        theme.Start(cookies[CookieNames.Theme], cookies[CookieNames.SystemDark] == "1", LoopbackCookies.Prefix(context));
        return next(context);
    });
}

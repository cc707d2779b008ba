using System.Net.Mime;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Setup;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>Before set-up every page leads to <c>/setup</c>; afterwards there is no such page (docs/spec.md 8.1).</summary>
internal static class SetupGate
{
    internal static IApplicationBuilder UseSetupGate(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        var isPage = http.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>() is not null;
        var isSetup = string.Equals(http.Request.Path.Value?.TrimEnd('/'), PortalUrls.Setup, StringComparison.OrdinalIgnoreCase);
        if (!isPage && !isSetup)
        {
            await next(http);
            return;
        }
        var done = await http.RequestServices.GetRequiredService<PortalSetUp>().IsDoneAsync(http.RequestAborted);
        if (done && isSetup) http.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (!done && !isSetup) http.Response.Redirect(PortalUrls.Setup);
        else if (!done && !IsKnownName(http)) await SayWhichNameAsync(http);
        else await next(http);
    });

    /// <summary>Whether the request names a known host. Before set-up that is this machine itself, or the address in the configuration.</summary>
    private static bool IsKnownName(HttpContext http)
    {
        var address = http.RequestServices.GetRequiredService<PublicAddress>();
        return PublicAddress.IsLoopbackName(http.Request.Host.Host)
            || (address.Configured is { } configured && PublicAddress.IsHostOf(configured, http.Request.Host));
    }

    private static Task SayWhichNameAsync(HttpContext http)
    {
        http.Response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        return http.Response.WriteAsync(PlainPage.Html(Texts.Setup_Title, Texts.Setup_NameUnknown));
    }
}

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Sets the status 403 when somebody who is signed in asks for a page without a right to it. Pages decide themselves what they show; the status is
/// only for proxies, scripts and logs. Visitors who are not signed in get the sign-in in place of the page, which is no refusal.
/// </summary>
internal static class PageRights
{
    internal static IApplicationBuilder UsePageRights(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (http.User.Identity?.IsAuthenticated == true
            && http.GetEndpoint()?.Metadata is { } page
            && page.GetMetadata<ComponentTypeMetadata>() is not null
            && page.GetOrderedMetadata<IAuthorizeData>() is { Count: > 0 } asked
            && await AuthorizationPolicy.CombineAsync(http.RequestServices.GetRequiredService<IAuthorizationPolicyProvider>(), asked) is { } policy
            && !(await http.RequestServices.GetRequiredService<IAuthorizationService>().AuthorizeAsync(http.User, policy)).Succeeded)
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
        await next(http);
    });
}

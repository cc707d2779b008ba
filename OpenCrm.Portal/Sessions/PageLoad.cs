using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Diagnostics;

namespace OpenCrm.Portal.Sessions;

internal static class PageLoad
{
    /// <summary>A page is opened: a click, an address typed, F5. The circuit's own requests, downloads and assets are none.</summary>
    public static bool IsPageLoad(this HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) && http.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;

    /// <summary>A page that was asked for; not the one that stands in for an asset that is missing.</summary>
    public static bool IsPageAskedFor(this HttpContext http) => http.IsPageLoad() && http.Features.Get<IStatusCodeReExecuteFeature>() is null;
}

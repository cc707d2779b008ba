using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Diagnostics;

namespace OpenCrm.Portal.Sessions;

internal static class PageLoad
{
    /// <summary>Whether the request opens a page: a click, a typed address, F5. Requests of the circuit, downloads and assets do not.</summary>
    public static bool IsPageLoad(this HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) && http.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;

    /// <summary>Whether the request asked for the page itself. False for the not-found page that answers for a missing asset.</summary>
    public static bool IsPageAskedFor(this HttpContext http) => http.IsPageLoad() && http.Features.Get<IStatusCodeReExecuteFeature>() is null;
}

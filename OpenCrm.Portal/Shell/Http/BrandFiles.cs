using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>Serves the company's logo to everybody: the sign-in page shows it.</summary>
internal static class BrandFiles
{
    /// <summary>An address holds the picture's hash and never shows another one, so browsers and proxies may keep it for a year.</summary>
    private const string ForEver = "public, max-age=31536000, immutable";

    internal static void MapBrandFiles(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods(PortalUrls.Logo("{hash}"), [HttpMethods.Get, HttpMethods.Head], AnswerAsync)
            .AllowAnonymous().WithMetadata(AsksNobody.Mark);

    /// <summary>Every address but that of the present logo is not found.</summary>
    private static async Task<IResult> AnswerAsync(string hash, HttpContext http, UnitsOfWork units)
    {
        await using var work = await units.ReadAsync(http.RequestAborted);
        if (await work.ReadLogoAsync(hash, http.RequestAborted) is not { } logo) return Results.NotFound();
        http.Response.Headers.CacheControl = ForEver;
        return Results.Bytes(logo.Bytes, logo.ContentType);
    }
}

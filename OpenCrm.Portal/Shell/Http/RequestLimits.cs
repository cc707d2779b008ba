using System.Globalization;
using System.Net.Mime;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// How much a stranger can make the portal hold. Nobody posts a page: what people type travels through their circuit, whose messages have a limit of their own. Posted are a
/// ticket, the end of a session and what the circuit's own script says when it begins and ends, a kilobyte at most each.
/// </summary>
internal static class RequestLimits
{
    /// <summary>Room for the largest of them several times over, and far from what hurts: a thousand at once are sixteen megabytes.</summary>
    private const long LargestBody = 16 * 1024;

    /// <summary>Cookies of neighbours on the same host come along; four browsers' worth of ours.</summary>
    private const int LargestHeaders = 16 * 1024;

    /// <summary>What is read ahead of the pipeline for one connection. A message of a circuit that is larger waits for its reader, and loses nothing.</summary>
    private const long ReadAhead = 64 * 1024;

    /// <summary>A phone on a bad line sends its headers within this; who sends a line a minute holds a connection no longer.</summary>
    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(15);

    /// <summary>Bytes a second after the first seconds: the largest body is through in about a minute, or its connection ends.</summary>
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    internal static void Bound(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxRequestBodySize = LargestBody;
        kestrel.Limits.MaxRequestHeadersTotalSize = LargestHeaders;
        kestrel.Limits.MaxRequestBufferSize = ReadAhead;
        kestrel.Limits.RequestHeadersTimeout = HeadersWithin;
        kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
    }

    /// <summary>Says 413 in words: at once where the length is told, and where it is not, at the byte that is too many.</summary>
    internal static IApplicationBuilder UseRequestLimits(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (http.Request.ContentLength > LargestBody)
        {
            await RefuseAsync(http, StatusCodes.Status413PayloadTooLarge);
            return;
        }
        try
        {
            await next(http);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException refused) when (!http.Response.HasStarted)
        {
            // The visitor's fault, not the portal's: no line in the log for each.
            await RefuseAsync(http, refused.StatusCode);
        }
    });

    private static async Task RefuseAsync(HttpContext http, int status)
    {
        http.Response.Clear();
        http.Response.StatusCode = status;
        // What is still on its way is not waited for.
        http.Response.Headers.Connection = "close";
        if (status != StatusCodes.Status413PayloadTooLarge) return;
        http.Response.ContentType = string.Create(CultureInfo.InvariantCulture, $"{MediaTypeNames.Text.Plain}; charset=utf-8");
        await http.Response.WriteAsync(Texts.Http_TooLong, http.RequestAborted);
    }
}

using System.Globalization;
using System.Net.Mime;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Limits how much a stranger can make the portal hold in memory. No form is posted: what people type travels through their circuit, whose messages
/// have a limit of their own. Posted are only a ticket, the end of a session, and the beginning and end of a circuit, each at most a kilobyte.
/// </summary>
internal static class RequestLimits
{
    /// <summary>In bytes. Several times the largest real body, and harmless: a thousand at once are sixteen megabytes.</summary>
    private const long LargestBody = 16 * 1024;

    /// <summary>
    /// In bytes. Four times what a browser sends for the portal, because cookies of other applications on the same host come along.
    /// </summary>
    private const int LargestHeaders = 16 * 1024;

    /// <summary>Bytes that are read ahead for one connection. A larger message of a circuit waits until it is read, and loses nothing.</summary>
    private const long ReadAhead = 64 * 1024;

    /// <summary>
    /// Enough for the headers of a phone on a bad line. A client that sends a line a minute on purpose holds its connection no longer than this.
    /// </summary>
    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The slowest body that is accepted. After the first seconds the largest one is through in about a minute, or its connection ends.
    /// </summary>
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    internal static void Bound(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxRequestBodySize = LargestBody;
        kestrel.Limits.MaxRequestHeadersTotalSize = LargestHeaders;
        kestrel.Limits.MaxRequestBufferSize = ReadAhead;
        kestrel.Limits.RequestHeadersTimeout = HeadersWithin;
        kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
    }

    /// <summary>Answers 413 with an explanation: at once where the length is declared, otherwise at the first byte too many.</summary>
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
            // The visitor's fault, not the portal's, so it is not logged.
            await RefuseAsync(http, refused.StatusCode);
        }
    });

    private static async Task RefuseAsync(HttpContext http, int status)
    {
        http.Response.Clear();
        http.Response.StatusCode = status;
        // The rest of the body is not waited for.
        http.Response.Headers.Connection = "close";
        if (status != StatusCodes.Status413PayloadTooLarge) return;
        http.Response.ContentType = string.Create(CultureInfo.InvariantCulture, $"{MediaTypeNames.Text.Plain}; charset=utf-8");
        await http.Response.WriteAsync(Texts.Http_TooLong, http.RequestAborted);
    }
}

using System.Text;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;

namespace OpenCrm.Portal.Sessions;

/// <summary>A download as it was asked for.</summary>
/// <param name="SessionId">Whose request it is; the export judges it anew.</param>
/// <param name="QueryString">What the page's address says.</param>
/// <param name="Open">Opens the answer, once the caller may have it.</param>
public sealed record CsvRequest(Guid SessionId, string? Address, string? QueryString, Func<TextWriter> Open);

/// <summary>The endpoints of system administrators' CSV files, streamed.</summary>
public static class CsvDownloads
{
    public static void MapCsv<TExport>(
        this IEndpointRouteBuilder endpoints, string path, string fileName, Func<TExport, CsvRequest, CancellationToken, Task> write) where TExport : notnull =>
        endpoints.MapGet(path, http => AnswerAsync(http, fileName, (asked, cancel) => write(http.RequestServices.GetRequiredService<TExport>(), asked, cancel)))
            .RequireAuthorization(PortalPolicies.SystemAdministrators);

    private static async Task AnswerAsync(HttpContext http, string fileName, Func<CsvRequest, CancellationToken, Task> write)
    {
        _ = Guid.TryParse(http.User.FindFirst(PortalClaims.SessionId)?.Value, out var sessionId);
        var address = ClientConnection.AddressOf(http);
        try
        {
            await write(new(sessionId, address, http.Request.QueryString.Value, Open), http.RequestAborted);
        }
        catch (AccessRefusedException) when (http.Response.HasStarted)
        {
            // The session ended meanwhile. Cut off, so that nobody takes what arrived for all of it.
            Note();
            http.Abort();
        }
        catch (AccessRefusedException)
        {
            Note();
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Broken off by the reader; what left the portal is recorded.
        }

        void Note() => http.RequestServices.GetRequiredService<Refusals>().Note(RefusalKind.AddressWithoutRight, SessionServices.PersonOf(http), address, $"{http.Request.Method} {http.Request.Path}");

        TextWriter Open()
        {
            http.Response.ContentType = "text/csv; charset=utf-8";
            http.Response.Headers.ContentDisposition = $"attachment; filename={fileName}";
            http.Response.Headers.CacheControl = "no-store";
            return new StreamWriter(http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 32 * 1024, leaveOpen: true);
        }
    }
}

using System.Text;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;

namespace OpenCrm.Portal.Sessions;

/// <summary>A requested download.</summary>
/// <param name="SessionId">The session of the request; the export checks it again.</param>
/// <param name="QueryString">The query string of the page whose list is downloaded: its filter and order.</param>
/// <param name="Open">Starts the answer; call it once the caller's right is checked.</param>
public sealed record CsvRequest(Guid SessionId, string? Address, string? QueryString, Func<TextWriter> Open);

/// <summary>The endpoints of the system administrators' CSV files. The files are streamed.</summary>
public static class CsvDownloads
{
    public static void MapCsv<TExport>(
        this IEndpointRouteBuilder endpoints, string path, string fileName, Func<TExport, CsvRequest, CancellationToken, Task> write)
        where TExport : notnull =>
        endpoints.MapGet(path, http => AnswerAsync(
                http, fileName, (asked, cancel) => write(http.RequestServices.GetRequiredService<TExport>(), asked, cancel)))
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
            // The session ended during the download. The connection is cut, so that nobody takes the part that arrived for the whole.
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
            // The reader cancelled the download; the export has recorded what left the portal.
        }

        void Note() => http.RequestServices.GetRequiredService<Refusals>().Note(
            RefusalKind.AddressWithoutRight, SessionServices.PersonOf(http), address, $"{http.Request.Method} {http.Request.Path}");

        TextWriter Open()
        {
            http.Response.ContentType = "text/csv; charset=utf-8";
            http.Response.Headers.ContentDisposition = $"attachment; filename={fileName}";
            http.Response.Headers.CacheControl = "no-store";
            return new StreamWriter(
                http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 32 * 1024, leaveOpen: true);
        }
    }
}

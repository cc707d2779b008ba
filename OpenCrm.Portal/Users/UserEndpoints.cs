using System.Text;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Users;

/// <summary>The user list's download (spec 5.1).</summary>
public static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(PortalUrls.UsersExport, ExportAsync).RequireAuthorization(PortalPolicies.SystemAdministrators);

    private static async Task ExportAsync(HttpContext http, UserExport export)
    {
        _ = Guid.TryParse(http.User.FindFirst(PortalClaims.SessionId)?.Value, out var sessionId);
        var address = http.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : null;
        try
        {
            await export.WriteAsync(sessionId, address, UserQuery.Parse(http.Request.QueryString.Value), Open, http.RequestAborted);
        }
        catch (AccessRefusedException)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Broken off by the reader; what left the portal is recorded.
        }

        TextWriter Open()
        {
            http.Response.ContentType = "text/csv; charset=utf-8";
            http.Response.Headers.ContentDisposition = "attachment; filename=users.csv";
            http.Response.Headers.CacheControl = "no-store";
            return new StreamWriter(http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 32 * 1024, leaveOpen: true);
        }
    }
}

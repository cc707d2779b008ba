using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.AuditLog;

/// <summary>Registers the audit trail's page and download.</summary>
public static class AuditLogServices
{
    public static void AddAuditLog(this IServiceCollection services)
    {
        services.AddScoped<AuditList>();
        services.AddSingleton<AuditExport>();
    }

    public static void MapAuditLog(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapCsv<AuditExport>(PortalUrls.AuditTrailExport, "audit-trail.csv", (export, asked, cancel) => export.WriteAsync(asked, cancel));
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Reports whether notices of other nodes arrive. Without them the portal works, but asks the database every second: degraded, not unhealthy.
/// </summary>
internal sealed class NodeNoticesHealth(NodeNotices notices) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object> { ["notices"] = notices.State.ToString() };
        return Task.FromResult(notices.State switch
        {
            NoticeState.Deaf => HealthCheckResult.Degraded(
                "Other nodes are not heard, as behind a pooler that lends connections by the transaction: set ConnectionStrings:PortalDirect.",
                data: data),
            NoticeState.Broken => HealthCheckResult.Degraded("Other nodes are not heard: the line to the database is broken.", data: data),
            _ => HealthCheckResult.Healthy(data: data),
        });
    }
}

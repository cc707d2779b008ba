using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Whether mail gets out of this node, as last found out. Degraded at worst: a mail server that is down is no reason to keep people from signing in. How many messages wait is told by
/// metrics only: anybody may ask here, and one more after a request for a link would say that the name is somebody's (spec 1.6, 3.2).
/// </summary>
internal sealed class OutboxHealth(OutboxWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watch.Blocked is { } why ? HealthCheckResult.Degraded(why) : HealthCheckResult.Healthy());
}

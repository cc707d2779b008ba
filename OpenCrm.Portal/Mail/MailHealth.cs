using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Mail;

/// <summary>Whether mail gets out of this node, for <c>/health/ready</c>.</summary>
internal sealed class MailHealth(OutboxWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watch.Blocked is { } why ? HealthCheckResult.Degraded(why) : HealthCheckResult.Healthy());
}

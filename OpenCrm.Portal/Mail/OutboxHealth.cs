using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Whether mail gets out of this node, and how many messages do not, as last found out. Degraded at worst: a mail server that is down is no reason to keep people from signing in.
/// </summary>
internal sealed class OutboxHealth(OutboxWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object> { ["waiting"] = watch.Standing.Waiting, ["dead"] = watch.Standing.Dead };
        return Task.FromResult(watch.Blocked is { } why ? HealthCheckResult.Degraded(why, data: data) : HealthCheckResult.Healthy(data: data));
    }
}

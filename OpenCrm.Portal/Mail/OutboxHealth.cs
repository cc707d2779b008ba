using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Mail;

/// <summary>How many messages do not get out, as last found out. It judges nothing: a mail server that is down is no reason to keep people from signing in.</summary>
internal sealed class OutboxHealth(OutboxWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(HealthCheckResult.Healthy(data: new Dictionary<string, object> { ["waiting"] = watch.Standing.Waiting, ["dead"] = watch.Standing.Dead }));
}

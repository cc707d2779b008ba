using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Reports whether this node can send mail, as its last attempt found. Degraded at worst: a mail server that is down is no reason to keep people from
/// signing in. The number of waiting messages is only in the metrics: anybody may ask this check, and one more message after a request for a link
/// would reveal that the account exists (docs/spec.md 1.6).
/// </summary>
internal sealed class OutboxHealth(OutboxWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watch.Blocked is { } why ? HealthCheckResult.Degraded(why) : HealthCheckResult.Healthy());
}

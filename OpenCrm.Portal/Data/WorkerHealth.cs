using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Degraded while a worker does not come round. Never unhealthy: a node whose mail is late still signs people in, and would be taken from them otherwise.
/// </summary>
internal sealed class WorkerHealth(WorkerRounds rounds) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var standings = rounds.Standings();
        var data = standings.ToDictionary(
            standing => standing.Worker,
            object (standing) => new { SecondsSinceRound = (long)standing.SinceRound.TotalSeconds, standing.Failures, Stuck = standing.IsStuck });
        return Task.FromResult(standings.Any(standing => standing.IsStuck) ? HealthCheckResult.Degraded(data: data) : HealthCheckResult.Healthy(data: data));
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Degraded while a worker completes no rounds. Never unhealthy: a node whose mail is late still signs people in, but an unhealthy one would get no
/// requests.
/// </summary>
internal sealed class WorkerHealth(WorkerRounds rounds) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var states = rounds.States();
        var data = states.ToDictionary(
            state => state.Worker,
            object (state) => new { SecondsSinceRound = (long)state.SinceRound.TotalSeconds, state.Failures, Stuck = state.IsStuck });
        return Task.FromResult(states.Any(state => state.IsStuck) ? HealthCheckResult.Degraded(data: data) : HealthCheckResult.Healthy(data: data));
    }
}

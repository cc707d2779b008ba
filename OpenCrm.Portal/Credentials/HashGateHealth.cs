using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Degraded while passwords wait long for their turn, or were refused because too many waited. Never unhealthy: strangers cause it, and a node
/// without requests would help nobody. A single request for somebody's account moves neither figure.
/// </summary>
internal sealed class HashGateHealth(HashGate gate) : IHealthCheck
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (longest, refused) = (gate.LongestWaiting, gate.RefusedLately);
        var data = new Dictionary<string, object> { ["longestWaitSeconds"] = (long)longest.TotalSeconds, ["refusedInTheLastMinute"] = refused };
        return Task.FromResult(longest >= Long || refused ? HealthCheckResult.Degraded(data: data) : HealthCheckResult.Healthy(data: data));
    }
}

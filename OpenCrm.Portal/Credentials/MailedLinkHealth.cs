using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Reports how many requests for mailed links are waiting. Degraded while a request waits that nobody has tried, because then the worker is stuck.
/// Requests that were tried and failed are shown but do not change the result: strangers write these rows and must not be able to make the portal
/// look unhealthy.
/// </summary>
internal sealed class MailedLinkHealth(UnitsOfWork units) : IHealthCheck
{
    /// <summary>Counting stops here.</summary>
    private const int Bound = 1000;

    /// <summary>Younger requests are not reported: how fast one is answered would show whether the name exists (docs/spec.md 1.6).</summary>
    private static readonly TimeSpan Unremarkable = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var work = await units.ReadAsync(cancellationToken);
        var askedBefore = work.Now - Unremarkable;
        var waiting = work.Query<MailedLinkRequest>().Where(r => r.AnsweredAt == null && r.PutAsideAt == null && r.At <= askedBefore);
        var oldest = await waiting.OrderBy(r => r.At).ThenBy(r => r.Id).Select(r => (DateTimeOffset?)r.At).FirstOrDefaultAsync(cancellationToken);
        var late = work.Now - Late;
        var stuck = await waiting.AnyAsync(r => r.NextAttemptAt == null && r.At <= late, cancellationToken);
        var data = new Dictionary<string, object>
        {
            ["waiting"] = await waiting.Take(Bound).CountAsync(cancellationToken),
            ["oldestSeconds"] = oldest is { } at ? (long)(work.Now - at).TotalSeconds : 0,
            ["putAside"] = await work.Query<MailedLinkRequest>().Where(r => r.PutAsideAt != null).Take(Bound).CountAsync(cancellationToken),
        };
        return stuck ? HealthCheckResult.Degraded(data: data) : HealthCheckResult.Healthy(data: data);
    }
}

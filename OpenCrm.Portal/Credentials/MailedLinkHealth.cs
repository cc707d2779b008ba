using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// How requests for mailed links stand. Degraded while one waits that nobody has tried: then the worker does not get on. What was tried and failed is shown, and judged not:
/// strangers write these rows, and must not be able to say how well the portal is.
/// </summary>
internal sealed class MailedLinkHealth(UnitsOfWork units) : IHealthCheck
{
    /// <summary>Counted no further.</summary>
    private const int Bound = 1000;

    /// <summary>Younger ones are not told: how long an answer takes would say whether the name is somebody's (spec 1.6).</summary>
    private static readonly TimeSpan Untold = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var work = await units.ReadAsync(cancellationToken);
        var told = work.Now - Untold;
        var waiting = work.Query<MailedLinkRequest>().Where(r => r.AnsweredAt == null && r.PutAsideAt == null && r.At <= told);
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

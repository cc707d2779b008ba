using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Credentials;

/// <summary>Tells the operator of enrolments that cannot be read: nobody but the operator can help whoever is refused for one.</summary>
internal sealed partial class UnreadableAuthenticators(IMeterFactory meters, ILogger<UnreadableAuthenticators> log) : IHealthCheck
{
    private readonly Counter<long> _refused = meters.Create("OpenCrm.Portal").CreateCounter<long>(
        "portal.authenticators.unreadable", unit: "{refusal}", description: "Answers refused because the enrolment of the user cannot be read.");

    private long _sinceStart;

    public void Tell(string username, UnreadableBecause why)
    {
        Interlocked.Increment(ref _sinceStart);
        _refused.Add(1, new KeyValuePair<string, object?>("reason", why.ToString()));
        if (why is UnreadableBecause.KeyNotDecryptable) LogNotDecryptable(username);
        else LogBroken(username, why);
    }

    /// <summary>Shown, and judged not: one person's broken row is no reason to send everybody elsewhere.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(HealthCheckResult.Healthy(data: new Dictionary<string, object> { ["unreadableSinceStart"] = Interlocked.Read(ref _sinceStart) }));

    [LoggerMessage(Level = LogLevel.Error, Message = "The authenticator of {Username} cannot be decrypted, and whoever signs in there is refused. If KeyRing:CertificatePath or the key ring was exchanged, "
        + "put the old one back. Otherwise run the command 'disable-mfa {Username}'; the person then sets MFA up anew.")]
    private partial void LogNotDecryptable(string username);

    [LoggerMessage(Level = LogLevel.Error, Message = "The authenticator of {Username} cannot be read ({Why}), and whoever signs in there is refused. "
        + "Run the command 'disable-mfa {Username}'; the person then sets MFA up anew.")]
    private partial void LogBroken(string username, UnreadableBecause why);
}

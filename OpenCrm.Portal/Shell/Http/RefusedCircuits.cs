using System.Diagnostics.Metrics;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Reports pages that were refused a circuit. Each is counted, but at most one a minute is logged, because any stranger can cause it.
/// </summary>
internal sealed class RefusedCircuits(IMeterFactory meters, TimeProvider time, ILogger<RefusedCircuits> log)
{
    /// <summary>Name of the meter of the portal's own instruments.</summary>
    public const string Meter = "OpenCrm.Portal";

    private const int LongestOrigin = 200;
    private readonly Counter<long> _refused = meters.Create(Meter).CreateCounter<long>(
        "opencrm.portal.circuits.refused", "{circuit}", "Pages at another address than the public one that asked for a circuit");
    private readonly LogPace _pace = new(time);

    public void Report(string? origin, string publicAddress)
    {
        _refused.Add(1);
        if (!_pace.IsDue(out var before)) return;
        origin = origin is { Length: > 0 } ? origin : "none";
        log.CircuitRefused(origin.Length > LongestOrigin ? origin[..LongestOrigin] : origin, publicAddress, before);
    }
}

internal static partial class RefusedCircuitsLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message =
        "A page with the origin {Origin} asked for a circuit and was refused, because the portal's public address is {PublicAddress}. "
        + "If people are to open the portal by that origin, "
        + "set Portal:PublicUrl to it; if a proxy stands in between, let it pass on the header Origin. {LeftOut} more since the last such line")]
    internal static partial void CircuitRefused(this ILogger log, string origin, string publicAddress, int leftOut);
}

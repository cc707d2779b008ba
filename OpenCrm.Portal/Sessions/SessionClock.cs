using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Shows the open pages of this node that time is up: idle (spec 4.5) or over (ASVS 7.3.2), without a click. When each is due is remembered here and looked at every second;
/// the database is asked only about those that are due, all in one query, and decides.
/// </summary>
internal sealed class SessionClock(CircuitRegistry circuits, UnitsOfWork units, TimeProvider time, ILogger<SessionClock> log) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>An idle one may be signed in to again on another node, whose notice may be lost; shorter than the shortest timeout, so that the next one is not missed.</summary>
    private static readonly TimeSpan IdleAgainAfter = TimeSpan.FromSeconds(15);

    private readonly Dictionary<Guid, DateTimeOffset> _due = [];
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await LookAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The portal stops.
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        var open = circuits.Sessions;
        foreach (var closed in _due.Keys.Except(open).ToList()) _due.Remove(closed);
        var now = time.GetUtcNow();
        var due = open.Where(session => !_due.TryGetValue(session, out var at) || at <= now).ToList();
        if (due.Count == 0) return;
        try
        {
            await using var work = await units.ReadAsync(cancel);
            foreach (var (session, standing) in await SessionCheck.JudgeAsync(work, due, cancel))
            {
                _due[session] = standing is SessionStanding.Stands { Times: var times } ? times.DueAt : work.Now + IdleAgainAfter;
                circuits.Tell(session, standing);
            }
            _failing = false;
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            // The next second tries again, and is not told again; every action asks the database itself.
            if (!_failing) log.LookFailed(failed);
            _failing = true;
        }
    }
}

internal static partial class SessionClockLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Open pages could not be checked for sessions whose time is up")]
    internal static partial void LookFailed(this ILogger log, Exception failed);
}

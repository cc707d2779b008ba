using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Shows the open pages of this node that time is up: idle (spec 4.5) or over (ASVS 7.3.2), without a click. When each is due is remembered here and looked at every second;
/// the database is asked only about those that are due, all in one query, and decides.
/// </summary>
internal sealed class SessionClock(CircuitRegistry circuits, UnitsOfWork units, WorkerRounds rounds, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>An idle one may be signed in to again on another node, whose notice may be lost; shorter than the shortest timeout, so that the next one is not missed.</summary>
    private static readonly TimeSpan IdleAgainAfter = TimeSpan.FromSeconds(15);

    private const string Worker = "session clock";

    private readonly Dictionary<Guid, DateTimeOffset> _due = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
                rounds.CameRound(Worker);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The next second tries again; every action asks the database itself.
                rounds.Failed(Worker, failed);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        var open = circuits.Sessions;
        foreach (var closed in _due.Keys.Except(open).ToList()) _due.Remove(closed);
        var now = time.GetUtcNow();
        var due = open.Where(session => !_due.TryGetValue(session, out var at) || at <= now).ToList();
        if (due.Count == 0) return;
        await using var work = await units.ReadAsync(cancel);
        foreach (var (session, state) in await SessionCheck.EvaluateAsync(work, due, cancel))
        {
            _due[session] = state is SessionState.Active { Times: var times } ? times.DueAt : work.Now + IdleAgainAfter;
            circuits.Tell(session, state);
        }
    }
}

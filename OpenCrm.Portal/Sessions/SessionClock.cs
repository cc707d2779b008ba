using System.Collections.Concurrent;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Shows the open pages of this node, without a click, that their session became idle or is over (ASVS 7.3.2), or that MFA is overdue. It remembers
/// when each session is due and looks at these times every second; the database is asked only about the sessions that are due, in one query, and
/// decides.
/// </summary>
public sealed class SessionClock(CircuitRegistry circuits, UnitsOfWork units, WorkerRounds rounds, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How soon an idle session is checked again: it may have been resumed on another node whose notice was lost. Shorter than the shortest timeout,
    /// so that the next idle time is not missed.
    /// </summary>
    private static readonly TimeSpan IdleAgainAfter = TimeSpan.FromSeconds(15);

    private const string Worker = "session clock";

    private readonly Dictionary<Guid, DateTimeOffset> _due = [];
    private readonly ConcurrentQueue<(Guid Session, DateTimeOffset At)> _heard = new();
    private volatile bool _all;

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

    /// <summary>Has every open page looked at within a second: a changed rule may have given each an earlier deadline.</summary>
    public void LookAtAll() => _all = true;

    /// <summary>Hears from whoever just looked at a session when it is due: that may be earlier than what is remembered.</summary>
    public void LookAt(Guid session, DateTimeOffset at) => _heard.Enqueue((session, at));

    private async Task LookAsync(CancellationToken cancel)
    {
        var open = circuits.Sessions;
        if (_all)
        {
            // Before the question: what changes from here on asks again.
            _all = false;
            _due.Clear();
        }
        while (_heard.TryDequeue(out var heard)) _due[heard.Session] = heard.At;
        foreach (var closed in _due.Keys.Except(open).ToList()) _due.Remove(closed);
        var now = time.GetUtcNow();
        var due = open.Where(session => !_due.TryGetValue(session, out var at) || at <= now).ToList();
        if (due.Count == 0) return;
        await using var work = await units.ReadAsync(cancel);
        foreach (var (session, state) in await SessionCheck.EvaluateAsync(work, due, cancel))
        {
            _due[session] = state is SessionState.Active active ? active.LookAgainAt : work.Now + IdleAgainAfter;
            circuits.Notify(session, state);
        }
    }
}

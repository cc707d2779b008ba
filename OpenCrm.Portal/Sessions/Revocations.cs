using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Brings the end of a session, its going on after it was idle, and the change of a role to the open pages of this node, wherever it was done: told by the other nodes on PostgreSQL. Where nothing
/// is heard the rows of the open pages' sessions are looked at every second, by one query: on SQLite, where a rescue command is the only other process (spec 8.4), behind a pooler that
/// keeps notices back, and while the line is broken (spec 5.3).
/// </summary>
internal sealed class Revocations(NodeNotices notices, CircuitRegistry circuits, OpenPages pages, WorkerRounds rounds, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan LookUpEvery = TimeSpan.FromSeconds(1);

    private const string Worker = "revocations";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: TimeSpan.FromMinutes(1));
        notices.Received += Hear;
        // What was told while the line was broken is not told again.
        notices.Missed += LookUpSoon;
        using var timer = new PeriodicTimer(LookUpEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (notices.Hears || await pages.EvaluateAsync(stoppingToken) is not { } failed) rounds.CameRound(Worker);
                else rounds.Failed(Worker, failed);
            }
        }
        catch (OperationCanceledException)
        {
            // The portal stops.
        }
        finally
        {
            notices.Received -= Hear;
            notices.Missed -= LookUpSoon;
        }
    }

    private void Hear(string payload)
    {
        switch (SessionNotice.Read(payload))
        {
            case SessionNotice.Ended ended:
                circuits.End(ended.Sessions, ended.Why);
                break;
            case SessionNotice.PersonChanged changed:
                pages.EvaluateSoon(changed.Sessions);
                break;
            case SessionNotice.Resumed resumed:
                pages.EvaluateSoon([resumed.Session]);
                break;
        }
    }

    private void LookUpSoon() => _ = pages.EvaluateAsync(CancellationToken.None);
}

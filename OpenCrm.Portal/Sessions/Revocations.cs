using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Brings changes of sessions to the open pages of this node, whichever process made them: a session ended, an idle one goes on, or a role changed.
/// On PostgreSQL the other nodes send notices. Where none arrive, the sessions of the open pages are read every second by one query: on SQLite, where
/// a rescue command is the only other process; behind a pooler that does not pass notices on; and while the connection for notices is broken.
/// </summary>
internal sealed class Revocations(
    NodeNotices notices, CircuitRegistry circuits, OpenPages pages, SessionClock clock, WorkerRounds rounds, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan LookUpEvery = TimeSpan.FromSeconds(1);

    private const string Worker = "revocations";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: TimeSpan.FromMinutes(1));
        notices.Received += Hear;
        // Notices that were sent while the connection was broken are not repeated.
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
            case SessionNotice.MfaRuleChanged:
                clock.LookAtAll();
                break;
        }
    }

    private void LookUpSoon() => _ = pages.EvaluateAsync(CancellationToken.None);
}

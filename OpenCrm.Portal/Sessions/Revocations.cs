using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Brings the end of a session, or its going on after it was idle, to its open pages on this node, wherever it happened: told by the other nodes on PostgreSQL; on SQLite, where a rescue command is the only
/// other process, looked up every few seconds (spec 8.4).
/// </summary>
internal sealed class Revocations(NodeNotices notices, CircuitRegistry circuits, UnitsOfWork units, TimeProvider time, ILogger<Revocations> log) : BackgroundService
{
    private static readonly TimeSpan LookUpEvery = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        notices.Received += Hear;
        // What was told while the line was broken is not told again.
        notices.Missed += LookUpAll;
        using var timer = new PeriodicTimer(LookUpEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                if (!_toldByOthers) await LookUpAsync(circuits.Sessions, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The portal stops.
        }
        finally
        {
            notices.Received -= Hear;
            notices.Missed -= LookUpAll;
        }
    }

    private bool _toldByOthers;

    private void Hear(string payload)
    {
        if (EndedNotice.Read(payload) is { } ended) circuits.End(ended.Ids, ended.Why);
        else if (ResumedNotice.Read(payload) is { } resumed && circuits.Sessions.Contains(resumed)) _ = LookUpAsync([resumed], CancellationToken.None);
    }

    private void LookUpAll() => _ = LookUpAsync(circuits.Sessions, CancellationToken.None);

    private async Task LookUpAsync(IReadOnlyCollection<Guid> open, CancellationToken cancel)
    {
        if (open.Count == 0) return;
        try
        {
            await using var work = await units.ReadAsync(cancel);
            _toldByOthers = work.HearsOthers;
            foreach (var (session, standing) in await SessionCheck.JudgeAsync(work, open, cancel)) circuits.Tell(session, standing);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            // Every action asks the database itself; this only makes pages leave earlier.
            log.LookUpFailed(failed);
        }
    }
}

internal static partial class RevocationsLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Open pages could not be checked for sessions that ended")]
    internal static partial void LookUpFailed(this ILogger log, Exception failed);
}

using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Judges the open pages of this node by their sessions' rows: those that ended leave with the reason, idle ones ask to sign in again, those of somebody whose role changed
/// are drawn anew.
/// </summary>
public sealed class OpenPages(CircuitRegistry circuits, UnitsOfWork units, ILogger<OpenPages> log)
{
    private volatile bool _failing;

    /// <summary>All of them.</summary>
    /// <returns>What failed, if anything did.</returns>
    public Task<Exception?> EvaluateAsync(CancellationToken cancel) => EvaluateAsync(circuits.Sessions, cancel);

    /// <summary>Those of <paramref name="sessions"/> that have an open page here; nobody waits for it.</summary>
    public void EvaluateSoon(IReadOnlyCollection<Guid> sessions)
    {
        var open = circuits.Sessions.Intersect(sessions).ToList();
        if (open.Count > 0) _ = Task.Run(() => EvaluateAsync(open, CancellationToken.None));
    }

    private async Task<Exception?> EvaluateAsync(IReadOnlyCollection<Guid> open, CancellationToken cancel)
    {
        if (open.Count == 0) return null;
        try
        {
            await using var work = await units.ReadAsync(cancel);
            foreach (var (session, state) in await SessionCheck.EvaluateAsync(work, open, cancel))
                circuits.Tell(session, state);
            _failing = false;
            return null;
        }
        catch (Exception failed) when (!cancel.IsCancellationRequested)
        {
            // Every action asks the database itself; this only makes pages follow earlier. Told once, for it may be asked every second.
            if (!_failing) log.LookUpFailed(failed);
            _failing = true;
            return failed;
        }
    }
}

internal static partial class OpenPagesLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Open pages could not be judged again by their sessions")]
    internal static partial void LookUpFailed(this ILogger log, Exception failed);
}

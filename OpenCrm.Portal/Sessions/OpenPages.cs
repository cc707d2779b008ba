using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Brings the open pages of this node in line with the rows of their sessions: pages of ended sessions leave and show the reason, pages of idle ones
/// ask to sign in again, and pages of a person whose role changed are drawn again.
/// </summary>
public sealed class OpenPages(CircuitRegistry circuits, SessionClock clock, UnitsOfWork units, ILogger<OpenPages> log)
{
    private volatile bool _failing;

    /// <summary>Checks all open pages.</summary>
    /// <returns>The failure; null if there was none.</returns>
    public Task<Exception?> EvaluateAsync(CancellationToken cancel) => EvaluateAsync(circuits.Sessions, cancel);

    /// <summary>Checks those of <paramref name="sessions"/> that have an open page here, in the background.</summary>
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
            {
                circuits.Notify(session, state);
                if (state is SessionState.Active active) clock.LookAt(session, active.LookAgainAt);
            }
            _failing = false;
            return null;
        }
        catch (Exception failed) when (!cancel.IsCancellationRequested)
        {
            // Nothing depends on this: every action asks the database itself, and this only makes pages follow earlier. Logged once, because it may
            // run every second.
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

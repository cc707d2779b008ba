using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Records on the session's row that somebody is active, so that every tab and every node counts the same idle time (docs/spec.md 4.5). The page's
/// script reports what a person did (keys, pointer, wheel, touch). What the circuit receives does not count: answers to the server's own calls,
/// renders and reconnects arrive too, and an open page that nobody looks at would stay signed in for ever.
/// </summary>
public sealed class SessionActivity(UnitsOfWork units, PortalAuthenticationStateProvider authentication, CircuitRegistry circuits, TimeProvider time)
{
    /// <summary>A tenth of the shortest possible timeout: an administrator may have shortened it meanwhile.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(6);

    private Guid? _noted;
    private DateTimeOffset _nextAt;

    /// <summary>Records that something happened in this circuit's page. An idle session stays idle.</summary>
    public async Task NoteAsync(CancellationToken cancel = default)
    {
        if (authentication.Idle is not null || authentication.SessionId is not { } session) return;
        if (session == _noted && time.GetUtcNow() < _nextAt) return;
        await using var work = await units.ReadAsync(cancel);
        var state = await SessionCheck.EvaluateAsync(work, session, cancel);
        if (state is not SessionState.Active { Times: var times })
        {
            circuits.Notify(session, state);
            return;
        }
        await NoteAsync(work, session, times, cancel);
        var nextAt = work.Now < times.NextNoteAt ? times.NextNoteAt : work.Now + times.Timeout / 10;
        (_noted, _nextAt) = (session, nextAt < work.Now + AskAgainAfter ? nextAt : work.Now + AskAgainAfter);
    }

    /// <summary>
    /// Writes the event for a session that was active at <see cref="UnitOfWork.Now"/>, unless one was written in this tenth of the timeout.
    /// </summary>
    internal static async Task NoteAsync(UnitOfWork work, Guid session, SessionTimes times, CancellationToken cancel = default)
    {
        if (work.Now < times.NextNoteAt) return;
        // Only if the row is unchanged since the check: of many tabs one writes, and none revives a session that became idle or ended meanwhile.
        await work.Query<PortalSession>().Where(s => s.Id == session && s.EndedAt == null && s.LastSeenAt == times.LastSeenAt)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, work.Now), cancel);
    }
}

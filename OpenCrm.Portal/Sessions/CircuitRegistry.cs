namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Lists the live circuits of this node by session, so that the end of a session reaches its open pages at once. It decides nothing about access: the
/// session rows do.
/// </summary>
public sealed class CircuitRegistry(ILogger<CircuitRegistry> log)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, HashSet<PortalAuthenticationStateProvider>> _bySession = [];

    /// <summary>The sessions that have an open page on this node.</summary>
    public IReadOnlyCollection<Guid> Sessions
    {
        get
        {
            lock (_gate) return [.. _bySession.Keys];
        }
    }

    internal void Add(Guid session, PortalAuthenticationStateProvider circuit)
    {
        lock (_gate)
        {
            if (!_bySession.TryGetValue(session, out var circuits)) _bySession[session] = circuits = [];
            circuits.Add(circuit);
        }
    }

    internal void Remove(Guid session, PortalAuthenticationStateProvider circuit)
    {
        lock (_gate)
            if (_bySession.TryGetValue(session, out var circuits) && circuits.Remove(circuit) && circuits.Count == 0) _bySession.Remove(session);
    }

    /// <summary>Passes the state that the database holds for a session on to its open pages: they leave, ask to sign in again, or go on.</summary>
    public void Notify(Guid session, SessionState state)
    {
        switch (state)
        {
            case SessionState.Active active:
                Notify(Of(session), circuit => circuit.GoOn(active));
                break;
            case SessionState.Idle idle:
                Notify(Of(session), circuit => circuit.GoIdle(idle));
                break;
            case SessionState.Ended ended:
                End([session], ended.By);
                break;
            default:
                End([session], SessionEnd.Expired);
                break;
        }
    }

    /// <summary>Makes the pages of these sessions leave now and show the reason.</summary>
    public void End(IEnumerable<Guid> sessions, SessionEnd by)
    {
        List<PortalAuthenticationStateProvider> leaving = [];
        lock (_gate)
            foreach (var session in sessions)
                if (_bySession.Remove(session, out var circuits)) leaving.AddRange(circuits);
        Notify(leaving, circuit => circuit.SwitchToNobody(by));
    }

    private List<PortalAuthenticationStateProvider> Of(Guid session)
    {
        lock (_gate) return _bySession.TryGetValue(session, out var circuits) ? [.. circuits] : [];
    }

    private void Notify(List<PortalAuthenticationStateProvider> circuits, Action<PortalAuthenticationStateProvider> what)
    {
        foreach (var circuit in circuits)
        {
            try
            {
                circuit.RunForReader(() => what(circuit));
            }
            catch (Exception failed)
            {
                // A circuit that is just closing may throw. The others must still be notified; the next action of this one asks the database anyway.
                log.PageNotNotified(failed);
            }
        }
    }
}

internal static partial class CircuitRegistryLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "An open page could not be notified of the state of its session")]
    internal static partial void PageNotNotified(this ILogger log, Exception failed);
}

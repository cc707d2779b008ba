using System.Collections.Concurrent;

namespace OpenCrm.Portal.Sessions;

/// <summary>The live circuits of this node by session, so that the end of a session reaches its open pages at once. It decides nothing: the rows do.</summary>
public sealed class CircuitRegistry
{
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<PortalAuthenticationStateProvider, bool>> _bySession = new();

    internal void Add(Guid session, PortalAuthenticationStateProvider circuit) =>
        _bySession.GetOrAdd(session, _ => new()).TryAdd(circuit, true);

    internal void Remove(Guid session, PortalAuthenticationStateProvider circuit)
    {
        if (_bySession.TryGetValue(session, out var circuits) && circuits.TryRemove(circuit, out _) && circuits.IsEmpty)
            _bySession.TryRemove(new(session, circuits));
    }

    /// <summary>The sessions with an open page on this node.</summary>
    public IReadOnlyCollection<Guid> Sessions => [.. _bySession.Keys];

    /// <summary>The pages of these sessions leave now, with the reason shown.</summary>
    public void End(IEnumerable<Guid> sessions, SessionEnd by)
    {
        foreach (var session in sessions)
            if (_bySession.TryRemove(session, out var circuits))
                foreach (var circuit in circuits.Keys) circuit.SwitchToNobody(by);
    }
}

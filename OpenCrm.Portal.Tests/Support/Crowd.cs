using System.Collections;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Many visitors that are disposed together.</summary>
public sealed class Crowd(IReadOnlyList<CircuitVisitor> visitors) : IReadOnlyList<CircuitVisitor>, IAsyncDisposable
{
    public int Count => visitors.Count;

    public CircuitVisitor this[int index] => visitors[index];

    public IEnumerator<CircuitVisitor> GetEnumerator() => visitors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public async ValueTask DisposeAsync()
    {
        foreach (var visitor in visitors) await visitor.DisposeAsync();
    }
}

namespace OpenCrm.Portal.Tests.Support;

/// <summary>One portal, or two on one database, that browsers can reach, with hashes that cost little.</summary>
internal sealed record Nodes(PortalHost First, PortalHost Last, IAsyncDisposable All) : IAsyncDisposable
{
    public static async Task<Nodes> StartAsync(PostgresCluster postgres, DatabaseKind database, int count)
    {
        if (count == 1)
        {
            var one = await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(database)), listens: true);
            return new(one, one, one);
        }
        var two = await TwoNodes.StartAsync(postgres, listens: true);
        return new(two.A, two.B, two);
    }

    public void Advance(TimeSpan time)
    {
        First.Advance(time);
        if (Last != First) Last.Advance(time);
    }

    public ValueTask DisposeAsync() => All.DisposeAsync();
}

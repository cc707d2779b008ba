using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Counts what a page in one circuit has exactly one of: WebSockets and loads of a document.</summary>
public sealed class CircuitWatcher
{
    private readonly ConcurrentQueue<IWebSocket> sockets = new();
    private readonly ConcurrentQueue<string> loads = new();

    internal CircuitWatcher(IPage page)
    {
        page.WebSocket += (_, socket) => sockets.Enqueue(socket);
        page.Request += (_, request) =>
        {
            // A navigation inside the circuit changes the address, but asks for no document.
            if (request.IsNavigationRequest && request.Frame == page.MainFrame)
                loads.Enqueue($"{request.Method} {request.Url}");
        };
    }

    /// <summary>All that were ever opened.</summary>
    public IReadOnlyCollection<string> Sockets => [.. sockets.Select(socket => socket.Url)];

    public int OpenSockets => sockets.Count(socket => !socket.IsClosed);

    /// <summary>Every document that the tab asked for, redirects included.</summary>
    public IReadOnlyCollection<string> Loads => [.. loads];

    /// <summary>Statement 1.2: from opening the portal to signing out one WebSocket and no further load.</summary>
    public void AssertOneSocketOneLoad()
    {
        Assert.True(Sockets.Count == 1, $"Sockets: {string.Join(", ", Sockets)}");
        Assert.True(Loads.Count == 1, $"Loads: {string.Join(", ", Loads)}");
    }
}

using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Counts the WebSockets of a page and its loads of a document; a page in one circuit has exactly one of each.</summary>
public sealed class CircuitWatcher
{
    private readonly ConcurrentQueue<IWebSocket> _sockets = new();
    private readonly ConcurrentQueue<string> _loads = new();

    internal CircuitWatcher(IPage page)
    {
        page.WebSocket += (_, socket) => _sockets.Enqueue(socket);
        page.Request += (_, request) =>
        {
            // A navigation inside the circuit changes the address, but requests no document.
            if (request.IsNavigationRequest && request.Frame == page.MainFrame)
                _loads.Enqueue($"{request.Method} {request.Url}");
        };
    }

    /// <summary>The addresses of all WebSockets that were ever opened.</summary>
    public IReadOnlyCollection<string> Sockets => [.. _sockets.Select(socket => socket.Url)];

    public int OpenSockets => _sockets.Count(socket => !socket.IsClosed);

    /// <summary>Every document that the tab requested, redirects included.</summary>
    public IReadOnlyCollection<string> Loads => [.. _loads];

    /// <summary>
    /// Asserts that the page has used one WebSocket and one page load, as it has to from opening the portal to signing out (docs/spec.md 1.2).
    /// </summary>
    public void AssertOneSocketOneLoad()
    {
        Assert.True(Sockets.Count == 1, $"Sockets: {string.Join(", ", Sockets)}");
        Assert.True(Loads.Count == 1, $"Loads: {string.Join(", ", Loads)}");
    }
}

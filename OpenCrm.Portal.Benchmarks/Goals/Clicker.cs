using OpenCrm.Portal.Benchmarks.Circuits;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>
/// Somebody signed in who clicks again and again: in the portal a row of the user list is ticked and unticked, elsewhere the counter counts.
/// </summary>
internal sealed class Clicker : IAsyncDisposable
{
    private readonly Circuit _circuit;
    private readonly bool _ticks;
    private bool _on;

    private Clicker(Circuit circuit, bool ticks) => (_circuit, _ticks) = (circuit, ticks);

    public Circuit Circuit => _circuit;

    public static async Task<Clicker> OpenAsync(MeasuredServer server)
    {
        if (server is PortalServer) return await InListAsync(await server.SignInAsync(PortalServer.Administrator));
        var circuit = await server.SignInAsync(server.People[^1]);
        await circuit.GoAsync("/counter");
        await circuit.FindAsync(page => page.Button("Click me"), "The counter");
        return new(circuit, ticks: false);
    }

    /// <summary>Goes to the user list in the circuit of an administrator.</summary>
    public static async Task<Clicker> InListAsync(Circuit circuit)
    {
        await circuit.GoAsync(PortalUrls.Users);
        await circuit.FindAsync(Box, "A row of the user list");
        return new(circuit, ticks: true);
    }

    /// <returns>Milliseconds until the answer is drawn.</returns>
    public async Task<double> ClickAsync()
    {
        if (!_ticks) return await _circuit.PressAsync("Click me");
        _on = !_on;
        return await _circuit.TickAsync(Box(_circuit.Page) ?? throw new InvalidOperationException("The list has no rows"), _on);
    }

    public ValueTask DisposeAsync() => _circuit.DisposeAsync();

    /// <summary>The box of the list's first row.</summary>
    private static PageNode? Box(PageTree page) => page.Find(all => all.Find(node =>
        node.Tag == "input" && node.Attributes.GetValueOrDefault("type") == "checkbox" && node.Nearest(above => above.Tag == "tbody") is not null));
}

using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Sessions;

/// <summary>Circuits of pages that were left, counted in the portal: they end with the page, not minutes later.</summary>
public sealed class LeftPagesTests(Browser chromium, Firefox firefox)
{
    [Fact]
    public async Task A_page_left_in_Firefox_leaves_no_circuit_behind()
    {
        var circuits = new OpenCircuits();
        await using var portal = await StartAsync(circuits);
        await LeaveAsync(await firefox.NewPageAsync(PersonAtBrowser.Address(portal)), circuits);
    }

    [Fact]
    public async Task A_page_left_in_Chromium_leaves_no_circuit_behind()
    {
        var circuits = new OpenCircuits();
        await using var portal = await StartAsync(circuits);
        await LeaveAsync(await chromium.NewPageAsync(PersonAtBrowser.Address(portal)), circuits);
    }

    [Fact]
    public async Task A_page_left_in_WebKit_leaves_no_circuit_behind()
    {
        var circuits = new OpenCircuits();
        await using var portal = await StartAsync(circuits);
        await using var webKit = await WebKit.StartAsync(PersonAtBrowser.Address(portal));
        await webKit.GotoAsync("/login");
        await webKit.GotoAsync("/login/forgot-password");
        await circuits.BecomeAsync(1);
        await webKit.LeaveAsync();
        await circuits.BecomeAsync(0);
    }

    private static async Task LeaveAsync(PortalPage tab, OpenCircuits circuits)
    {
        await tab.GotoAsync("/login");
        await circuits.BecomeAsync(1);
        foreach (var page in new[] { "/login/forgot-password", "/login", "/login/lost-device" }) await tab.GotoAsync(page);
        await circuits.BecomeAsync(1);
        await tab.Page.ReloadAsync();
        await tab.WaitForCircuitAsync();
        await circuits.BecomeAsync(1);
        await tab.Page.GotoAsync("about:blank");
        await circuits.BecomeAsync(0);
    }

    private static Task<PortalHost> StartAsync(OpenCircuits circuits) =>
        PortalHost.StartAsync(listens: true, replace: services => services.AddSingleton<CircuitHandler>(circuits));

    private sealed class OpenCircuits : CircuitHandler
    {
        private int _open;

        /// <summary>Waits until that many circuits are open; far shorter than the three minutes for which a lost circuit is kept.</summary>
        public Task BecomeAsync(int count) =>
            Eventually.TrueAsync(() => Volatile.Read(ref _open) == count, $"{count} circuits are open, not {Volatile.Read(ref _open)}");

        public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _open);
            return Task.CompletedTask;
        }

        public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
        {
            Interlocked.Decrement(ref _open);
            return Task.CompletedTask;
        }
    }
}

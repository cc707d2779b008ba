using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>
/// Goal 8: what one click costs the server, and how long a real browser waits for what it draws: a row of the user list is ticked, beside the counter
/// of Blazor alone.
/// </summary>
internal static class EventsGoal
{
    /// <summary>Clicks in the page itself and waits for the change, as often as asked; returns the milliseconds.</summary>
    private const string ClickScript =
        """
        async ([button, watched, count]) => {
          const took = [];
          for (let i = 0; i < count; i++) {
            const from = performance.now(), seen = document.querySelector(watched);
            await new Promise(done => {
              const look = new MutationObserver(() => { look.disconnect(); done(); });
              look.observe(seen, { attributes: true, characterData: true, childList: true, subtree: true });
              document.querySelector(button).click();
            });
            took.push(performance.now() - from);
            await new Promise(later => setTimeout(later, 4));
          }
          return took;
        }
        """;

    public static async Task RunAsync(Goal goal)
    {
        var (rounds, clicks) = (goal.Options.Number("rounds", 5, 1), goal.Options.Number("clicks", 300, 5));
        var portal = await goal.PortalAsync(goal.Options.Number("users", 1000, 30));
        List<Contestant> all = [new(portal, "tbody input[type=checkbox]", "tbody tr")];
        if (await goal.BareAsync() is { } bare) all.Add(new(bare, "button.btn-primary", "p[role=status]"));
        await using var browser = await RealBrowser.StartAsync();
        for (var round = 0; round <= rounds; round++)
            foreach (var one in all)
            {
                await one.ByCircuitAsync(clicks, counts: round > 0);
                await one.InBrowserAsync(browser, clicks, counts: round > 0);
            }
        var (mine, other) = (all[0], all.Count > 1 ? all[1] : null);
        await goal.Report.AddAsync(new(
            8, "a click on the user list, server CPU", mine.Cost.Median, "ms", mine.Cost.Spread, other?.Server.Name, other?.Cost.Median,
            Measure.AtMost, 0.6));
        await goal.Report.AddAsync(new(
            8, "a click in Chromium until it is drawn, p50", mine.Clicks.At(50), "ms", null, other?.Server.Name, other?.Clicks.At(50),
            Measure.RatioAtMost, 1.2));
        await goal.Report.AddAsync(new(
            8, "the same, p95", mine.Clicks.At(95), "ms", null, other?.Server.Name, other?.Clicks.At(95)));
        await goal.Report.AddAsync(new(
            8, "event until the render batch, circuit client, p95", mine.Batches.At(95), "ms", null, other?.Server.Name, other?.Batches.At(95)));
    }

    private sealed class Contestant(MeasuredServer server, string button, string watched)
    {
        public MeasuredServer Server => server;

        public Runs Cost { get; } = new();

        public Runs Clicks { get; } = new();

        public Runs Batches { get; } = new();

        public async Task ByCircuitAsync(int clicks, bool counts)
        {
            await using var clicker = await Clicker.OpenAsync(server);
            var before = await server.RestAsync();
            List<double> took = [];
            for (var i = 0; i < clicks; i++) took.Add(await clicker.ClickAsync());
            var after = await server.RestAsync();
            if (!counts) return;
            Cost.Add((after.Processor - before.Processor) / clicks);
            Batches.AddRange(took);
        }

        public async Task InBrowserAsync(RealBrowser browser, int clicks, bool counts)
        {
            await using var context = await browser.NewContextAsync();
            var page = await context.NewPageAsync();
            await page.GotoAsync(new Uri(server.Address, server.SignInPath).ToString());
            if (server is PortalServer)
            {
                await RealBrowser.SignInToPortalAsync(page, PortalServer.Administrator);
                await page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Users", Exact = true }).First.ClickAsync();
                await page.Locator(watched).First.WaitForAsync();
                await page.Locator("tbody a").First.WaitForAsync();
            }
            else
            {
                await page.WaitForLoadStateAsync(Microsoft.Playwright.LoadState.NetworkIdle);
            }
            var took = await page.EvaluateAsync<double[]>(ClickScript, new object[] { button, watched, clicks });
            // The first ones compile what the others use.
            if (counts) Clicks.AddRange(took.Skip(Math.Min(20, took.Length / 2)));
        }
    }
}

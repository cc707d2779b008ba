using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>Goal 10: how long a new browser waits until the page shows text, and until it answers to a click.</summary>
internal static class InteractiveGoal
{
    /// <summary>Clicks from the beginning until the page answers, and notes when.</summary>
    private const string Watch =
        """
        (() => {
          const { button, answered } = PLACE;
          let before;
          const clock = setInterval(() => {
            const pressed = document.querySelector(button), seen = document.querySelector(answered);
            if (!pressed || !seen) return;
            const state = seen.textContent + seen.getAttribute('aria-pressed');
            if (before === undefined) before = state;
            if (state === before) { pressed.click(); return; }
            window.answeredAt = performance.now();
            clearInterval(clock);
          }, 5);
        })();
        """;

    public static async Task RunAsync(Goal goal)
    {
        var rounds = goal.Options.Number("rounds", 9, 1);
        var portal = await goal.PortalAsync(goal.Options.Number("users", 100, 10));
        const string eye = "button[aria-pressed]";
        List<Contestant> all = [new(portal, eye, eye)];
        if (await goal.BareAsync() is { } bare) all.Add(new(bare, "button.btn-primary", "p[role=status]"));
        await using var browser = await RealBrowser.StartAsync();
        for (var round = 0; round <= rounds; round++)
            foreach (var one in all)
                await one.OpenAsync(browser, counts: round > 0);
        var (mine, other) = (all[0], all.Count > 1 ? all[1] : null);
        await goal.Report.AddAsync(new(
            10, "sign-in page until it answers to a click", mine.Answered.Median, "ms", mine.Answered.Spread, other?.Server.Name,
            other?.Answered.Median,
            Measure.RatioAtMost, 1.4));
        await goal.Report.AddAsync(new(
            10, "the same until its text stands there", mine.Painted.Median, "ms", mine.Painted.Spread, other?.Server.Name, other?.Painted.Median));
    }

    private sealed class Contestant(MeasuredServer server, string button, string answered)
    {
        public MeasuredServer Server => server;

        public Runs Answered { get; } = new();

        public Runs Painted { get; } = new();

        public async Task OpenAsync(RealBrowser browser, bool counts)
        {
            await using var context = await browser.NewContextAsync();
            var page = await context.NewPageAsync();
            await page.AddInitScriptAsync(Watch.Replace(
                "PLACE", $"{{ button: '{button}', answered: '{answered}' }}", StringComparison.Ordinal));
            await page.GotoAsync(new Uri(server.Address, server.SignInPath).ToString());
            await page.WaitForFunctionAsync("() => window.answeredAt !== undefined");
            var figures = await page.EvaluateAsync<double[]>(
                "() => [window.answeredAt, performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1]");
            if (!counts) return;
            Answered.Add(figures[0]);
            if (figures[1] >= 0) Painted.Add(figures[1]);
        }
    }
}

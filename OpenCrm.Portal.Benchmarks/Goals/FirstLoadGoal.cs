using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>Goal 9: the bytes on the wire until a page is interactive in a browser that has been nowhere yet.</summary>
internal static class FirstLoadGoal
{
    public static async Task RunAsync(Goal goal)
    {
        var portal = await goal.PortalAsync(goal.Options.Number("users", 1000, 30));
        await using var wire = new WireTap(portal.Address);
        await using var browser = await RealBrowser.StartAsync(wire.ChromiumArgument);
        await ReportAsync(goal, browser, wire, portal, portal.SignInPath, signedIn: false, 120);
        string[] others = goal.Options.Tiny
            ? [PortalUrls.Users]
            : [PortalUrls.Home, PortalUrls.Users, PortalUrls.AdditionalSettings, PortalUrls.EmailTemplates, PortalUrls.AuditTrail,
                PortalUrls.HelpMfa];
        foreach (var path in others) await ReportAsync(goal, browser, wire, portal, path, signedIn: true, 170);
    }

    private static async Task ReportAsync(
        Goal goal, RealBrowser browser, WireTap wire, PortalServer portal, string path, bool signedIn, int limit)
    {
        await using var context = await browser.NewContextAsync();
        if (signedIn)
        {
            // Signs in elsewhere: only the cookies go along, the cache stays empty.
            await using var elsewhere = await browser.NewContextAsync();
            var page = await elsewhere.NewPageAsync();
            await page.GotoAsync(new Uri(portal.Address, portal.SignInPath).ToString());
            await RealBrowser.SignInToPortalAsync(page, PortalServer.Administrator);
            await context.AddCookiesAsync((await elsewhere.CookiesAsync()).Select(cookie => new Microsoft.Playwright.Cookie
            {
                Name = cookie.Name,
                Value = cookie.Value,
                Url = portal.Address.ToString(),
                HttpOnly = cookie.HttpOnly,
                SameSite = cookie.SameSite,
            }));
        }
        var kinds = await WireBytes.OfFirstLoadAsync(await context.NewPageAsync(), wire, new Uri(portal.Address, path));
        await goal.Report.SayAsync($"{path}: {string.Join(", ", kinds.Select(kind => $"{kind.Kind} {Figure.Number(kind.Bytes / 1024.0)} KiB"))}");
        await goal.Report.AddAsync(new(
            9, $"first load of {path}", kinds.Single(kind => kind.Kind == "all").Bytes / 1024.0, "KiB", Measure: Measure.AtMost, Limit: limit));
    }
}

using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>Two browsers: the only active system administrator who is left stays one (docs/spec.md 5.5).</summary>
public sealed class LastAdministratorJourneyTests(PostgresCluster postgres, Browser browser)
{
    [Fact]
    public async Task Two_who_lock_each_other_at_once_leave_one_and_that_one_cannot_step_down()
    {
        await using var portal = await Nodes.StartAsync(postgres, DatabaseKind.Postgres, 2);
        var ann = await portal.First.AddPersonAsync("ann", administrator: true);
        var cem = await portal.First.AddPersonAsync("cem", administrator: true);
        await portal.First.DemoteAsync(PortalSettings.FirstAdministrator.Username);
        var here = await browser.SignedInAsync(portal.First, ann, $"/settings/users/{cem.Id}");
        var there = await browser.SignedInAsync(portal.Last, cem, $"/settings/users/{ann.Id}");
        var oks = new List<IElementHandle>();
        foreach (var tab in new[] { here, there })
        {
            await tab.PressAsync("Lock");
            oks.Add(await tab.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ElementHandleAsync());
        }

        // Clicked by script: for the second one the button may already be gone with its popup, and a normal click would wait for it.
        await Task.WhenAll(oks.Select(ok => ok.EvaluateAsync("button => button.click()")));

        var ended = await Task.WhenAny(EndedAsync(here), EndedAsync(there)).Unwrap();
        Assert.Contains("locked or deactivated", await ended.AlertAsync(), StringComparison.Ordinal);
        var (left, name) = ended == here ? (there, "cem") : (here, "ann");
        await Expect(left.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await new Visitor(left).OpenOwnRecordAsync();
        await left.PressAsync("Edit");
        var popup = left.Page.GetByRole(AriaRole.Dialog);
        await left.FillAsync("Name", "Half typed");
        await popup.GetByRole(AriaRole.Checkbox, new() { Name = "System administrator" }).UncheckAsync();
        await left.PressAsync("OK");
        await Expect(popup.GetByRole(AriaRole.Alert).First).ToContainTextAsync($"{name} is the last active system administrator");
        await Expect(popup.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Half typed");
        await left.SaveScreenshotAsync("last-administrator");
        left.Circuit.AssertOneSocketOneLoad();
        left.Problems.AssertNone();
    }

    private static async Task<PortalPage> EndedAsync(PortalPage tab)
    {
        await tab.Page.GetByLabel("Username or email").WaitForAsync();
        return tab;
    }
}

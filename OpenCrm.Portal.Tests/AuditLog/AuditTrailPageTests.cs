using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.AuditLog;

/// <summary>The audit trail in a browser: filters and page are kept in the address, so that back and F5 restore them (docs/spec.md 9.2).</summary>
public sealed class AuditTrailPageTests(Browser browser)
{
    private static readonly DateTimeOffset Start = new(2026, 10, 5, 21, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task Filters_and_pages_survive_F5_and_back_and_the_download_is_what_is_filtered()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await FillAsync(portal);
        var tab = await browser.NewPageAsync(
            new Uri($"http://localhost:{portal.BaseAddress.Port}"),
            options: options => options.TimezoneId = "Europe/Berlin");
        var page = tab.Page;
        await tab.GotoAsync("/login");
        await new Visitor(tab).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await page.GetByRole(AriaRole.Link, new() { Name = "Audit trail", Exact = true }).ClickAsync();
        var table = page.GetByRole(AriaRole.Table, new() { Name = "Audit trail", Exact = true });
        var rows = table.Locator("tbody tr:not(.table__group)");
        await Expect(rows).ToHaveCountAsync(50);
        await Expect(rows.First).ToContainTextAsync("Signed in");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Newer", Exact = true })).ToBeDisabledAsync();

        await tab.PressAsync("Older");
        await Expect(page).ToHaveURLAsync(new Regex("older="));
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Newer", Exact = true })).ToBeEnabledAsync();
        await Expect(rows.First).ToContainTextAsync("Unknown username");
        var second = await rows.First.InnerTextAsync();
        await tab.PressAsync("Older");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Older", Exact = true })).ToBeDisabledAsync();
        await page.GoBackAsync();
        await Expect(rows.First).ToHaveTextAsync(second, new() { UseInnerText = true });
        await page.ReloadAsync();
        await tab.WaitForCircuitAsync();
        await Expect(rows.First).ToHaveTextAsync(second, new() { UseInnerText = true });
        await tab.PressAsync("Newer");
        await Expect(rows.First).ToContainTextAsync("Signed in");

        await page.GetByLabel("User", new() { Exact = true }).PressSequentiallyAsync("nas web");
        await Expect(rows).ToHaveCountAsync(3);
        // Day and hour are shown in the reader's time zone: 21:30 UTC is 23:30 in Berlin.
        await Expect(table.Locator(".table__group")).ToHaveTextAsync("Monday, 5 October 2026");
        await Expect(rows.Last).ToContainTextAsync("23:30:00");
        await Expect(rows.Last.Locator("time")).ToHaveAttributeAsync("title", new Regex(@"^5 Oct 2026, 23:30 \(UTC\+2\)$"));
        await Expect(table.GetByRole(AriaRole.Columnheader, new() { Name = "Time (Europe/Berlin)", Exact = true })).ToBeVisibleAsync();
        await Expect(rows.Last).ToContainTextAsync("With password and code");
        await page.GetByLabel("Kind", new() { Exact = true }).SelectOptionAsync(["Wrong password"]);
        await Expect(rows).ToHaveCountAsync(2);
        await page.GetByLabel("From", new() { Exact = true }).FillAsync("2026-10-05");
        await page.GetByLabel("To", new() { Exact = true }).FillAsync("2026-10-05");
        await Expect(page).ToHaveURLAsync(new Regex("from=2026-10-05&to=2026-10-05"));
        await Expect(rows).ToHaveCountAsync(2);
        await page.ReloadAsync();
        await tab.WaitForCircuitAsync();
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(page.GetByLabel("User", new() { Exact = true })).ToHaveValueAsync("nas web");
        await Expect(page.GetByLabel("Kind", new() { Exact = true })).ToHaveValueAsync("WrongPassword");
        await Expect(page.GetByLabel("To", new() { Exact = true })).ToHaveValueAsync("2026-10-05");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Export CSV" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        Assert.Equal(("audit-trail.csv", 3), (download.SuggestedFilename, lines.Length));
        Assert.All(
            lines.Skip(1),
            line => Assert.Contains("Wrong password,At sign-in,Not signed in,Jonas Weber,198.51.100.7", line, StringComparison.Ordinal));

        await page.GetByLabel("From", new() { Exact = true }).FillAsync("2026-10-06");
        await page.GetByRole(AriaRole.Heading, new() { Name = "No event matches" }).WaitForAsync();
        await page.GoBackAsync();
        await Expect(rows).ToHaveCountAsync(2);
        await page.GetByLabel("User", new() { Exact = true }).FillAsync("no such person");
        await page.GetByRole(AriaRole.Heading, new() { Name = "No user matches" }).WaitForAsync();
        await tab.PressAsync("Clear filters");
        await Expect(rows).ToHaveCountAsync(50);
        await Expect(page.GetByLabel("User", new() { Exact = true })).ToHaveValueAsync("");
        await Expect(page.GetByLabel("Kind", new() { Exact = true })).ToHaveValueAsync("");
        await Expect(rows.First).ToContainTextAsync("Audit trail exported");

        await page.SetViewportSizeAsync(320, 800);
        await Expect(rows.First).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 320"), "A phone scrolls sideways");
        tab.Problems.AssertNone();
    }

    private static async Task FillAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        var jonas = NewUsers.Add(work, "jonas.weber", "Jonas Weber", "jonas.weber@example.test", "x", systemAdministrator: false);
        var nobody = new Caller.Nobody { Address = "198.51.100.7" };
        work.Add(AuditTrail.Entry(
            new AuditEvent.SignedIn(jonas.Id, "password and code"),
            new Caller.Person(jonas.Id, jonas.Name, Guid.NewGuid(), false, Start),
            Start));
        for (var i = 0; i < 2; i++)
            work.Add(AuditTrail.Entry(new AuditEvent.WrongPassword(jonas.Id, nameof(AskedAt.SignIn)), nobody, Start.AddMinutes(i + 1)));
        for (var i = 0; i < 100; i++) work.Add(AuditTrail.Entry(new AuditEvent.UnknownName(), nobody, Start.AddDays(1).AddSeconds(i)));
        await work.CommitAsync();
    }
}

using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>Several users at once in a browser: ticks, popup, proof, progress, result.</summary>
public sealed class SeveralUsersPageTests(PostgresCluster postgres, Browser browser)
{
    [Fact]
    public async Task Two_are_ticked_and_locked_by_keyboard_alone()
    {
        await using var portal = await Nodes.StartAsync(postgres, DatabaseKind.Sqlite, 1);
        var tab = await OpenAsync(portal.First);
        var page = tab.Page;
        portal.First.Advance(TimeSpan.FromMinutes(11));
        foreach (var name in new[] { "person.01", "person.02" })
        {
            await Tick(page, $"Select {name}").FocusAsync();
            await page.Keyboard.PressAsync("Space");
            await Expect(Tick(page, $"Select {name}")).ToBeCheckedAsync();
        }
        await Expect(Bar(page)).ToContainTextAsync("2 selected");
        await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Lock", Exact = true }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var popup = page.GetByRole(AriaRole.Dialog);
        await Expect(popup.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Lock 2 users?");
        await Expect(popup.GetByLabel("Password", new() { Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(TestAccounts.Password);
        await page.Keyboard.PressAsync("Enter");

        await Expect(popup.GetByRole(AriaRole.Heading)).ToHaveTextAsync("2 locked");
        await Expect(popup.GetByRole(AriaRole.Button, new() { Name = "Close" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(popup).ToHaveCountAsync(0);
        await Expect(page.Locator("tr", new() { HasText = "person.02" }).Locator(".c-status")).ToHaveTextAsync("Locked");
        await Expect(Bar(page)).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Locked 2", Exact = true })).ToBeVisibleAsync();
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task All_that_match_stay_selected_over_pages_leave_administrators_out_and_end_with_the_filter()
    {
        await using var portal = await Nodes.StartAsync(postgres, DatabaseKind.Sqlite, 1);
        await portal.First.AddPersonAsync("person.boss", administrator: true);
        var tab = await OpenAsync(portal.First);
        var page = tab.Page;
        await page.GetByLabel("Search", new() { Exact = true }).FillAsync("person.");
        await tab.WaitForAddressAsync("search=person.");
        await Expect(page.GetByText("25 of 31 users").First).ToBeVisibleAsync();
        await Tick(page, "Select all on this page").CheckAsync();
        await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Select all 31 that match" }).ClickAsync();
        await Expect(Bar(page)).ToContainTextAsync("All 31 that match are selected");
        await tab.PressAsync("Next");
        await Expect(Tick(page, "Select person.29")).ToBeCheckedAsync();
        await Tick(page, "Select person.29").UncheckAsync();
        await Expect(Bar(page)).ToContainTextAsync("30 selected");
        await tab.PressAsync("First");
        await Expect(Tick(page, "Select all on this page")).ToBeCheckedAsync();
        await LookAsync(tab, "several-list");

        await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Deactivate", Exact = true }).ClickAsync();
        var popup = page.GetByRole(AriaRole.Dialog);
        await Expect(popup.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Deactivate 29 users?");
        var also = popup.GetByRole(AriaRole.Checkbox, new() { Name = "Also the administrators: person.boss" });
        await also.CheckAsync();
        await Expect(popup.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Deactivate 30 users?");
        await also.UncheckAsync();
        await LookAsync(tab, "several-popup");
        await tab.PressAsync("OK");
        await Expect(popup.GetByRole(AriaRole.Heading)).ToHaveTextAsync("29 deactivated, 1 left as they were");
        await Expect(popup.GetByRole(AriaRole.Listitem)).ToHaveTextAsync(new Regex(@"^person\.boss\s*system administrator$"));
        await LookAsync(tab, "several-result");
        await tab.PressAsync("Close");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Inactive 29", Exact = true })).ToBeVisibleAsync();
        Assert.Equal(29, await portal.First.EventsAsync<AuditEvent.Deactivated>());
        await using (var work = await portal.First.BeginAsync())
        {
            Assert.Equal(
                ["admin", "ann", "person.29", "person.boss"],
                (await work.Query<PortalUser>().Where(u => u.State == AccountState.Active).Select(u => u.UserName!).ToListAsync()).Order());
        }

        await Tick(page, "Select person.01").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Inactive 29", Exact = true }).ClickAsync();
        await Expect(Bar(page)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Status).Filter(new() { HasText = "the selection is cleared" }).First
            .WaitForAsync(new() { State = WaitForSelectorState.Attached });
        tab.Problems.AssertNone();
    }

    /// <summary>Another transaction holds the second of them, so that the action is under way for as long as the test looks at it.</summary>
    [Fact]
    public async Task A_stop_and_leaving_the_page_end_it_after_the_current_user()
    {
        await using var portal = await Nodes.StartAsync(postgres, DatabaseKind.Postgres, 1);
        var tab = await OpenAsync(portal.First);
        var page = tab.Page;
        await Tick(page, "Select all on this page").CheckAsync();
        var popup = page.GetByRole(AriaRole.Dialog);
        await using (var work = await HoldAsync(portal.First, "person.01"))
        {
            await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Lock", Exact = true }).ClickAsync();
            await tab.PressAsync("OK");
            await Expect(popup.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync();
            await LookAsync(tab, "several-running");
            await tab.PressAsync("Stop");
            await Expect(popup.GetByText("Stopping after the current user")).ToBeVisibleAsync();
        }
        await Expect(popup.GetByRole(AriaRole.Alert).First).ToContainTextAsync("You stopped it");
        await Expect(popup.GetByRole(AriaRole.Heading)).ToContainTextAsync("2 locked");
        await tab.PressAsync("Close");
        Assert.Equal(2, await portal.First.EventsAsync<AuditEvent.LockedByAdministrator>());

        await Tick(page, "Select all on this page").CheckAsync();
        await using (var work = await HoldAsync(portal.First, "person.03"))
        {
            await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Lock", Exact = true }).ClickAsync();
            await tab.PressAsync("OK");
            await Expect(popup.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync();
            await page.EvaluateAsync("history.back()");
            var leave = page.GetByRole(AriaRole.Dialog, new() { Name = "Stop and leave this page?" });
            await leave.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
            await Expect(Bar(page)).ToHaveCountAsync(0);
        }
        await Eventually.TrueAsync(
            async () => await portal.First.EventsAsync<AuditEvent.LockedByAdministrator>() == 4, "the current one is locked, and nobody after it");
        tab.Problems.AssertNone();
    }

    private async Task<PortalPage> OpenAsync(PortalHost portal)
    {
        await portal.SetSecurityAsync(mfa: false);
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        await using (var work = await portal.BeginAsync())
        {
            for (var i = 0; i < 30; i++)
                NewUsers.Add(work, $"person.{i:00}", $"Person {i}", $"person.{i:00}@example.test", "x", systemAdministrator: false);
            await work.CommitAsync();
        }
        var tab = await browser.SignedInAsync(portal, ann, "/");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true }).ClickAsync();
        await Tick(tab.Page, "Select person.01").WaitForAsync();
        return tab;
    }

    private static async Task<OpenCrm.Portal.Data.UnitOfWork> HoldAsync(PortalHost portal, string username)
    {
        var work = await portal.BeginAsync();
        var id = await work.Query<PortalUser>().Where(u => u.UserName == username).Select(u => u.Id).SingleAsync();
        await work.Users.HoldAsync(id);
        return work;
    }

    /// <summary>Checks the page with axe at both widths and in both themes, and leaves it as it was.</summary>
    private static async Task LookAsync(PortalPage tab, string name)
    {
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
            foreach (var (width, height) in new[] { Browser.Phone, Browser.Desktop })
            {
                await tab.Page.SetViewportSizeAsync(width, height);
                await tab.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await tab.AssertNoViolationAsync($"{name}-{width}-{scheme}");
            }
    }

    private static ILocator Tick(IPage page, string name) => page.GetByRole(AriaRole.Checkbox, new() { Name = name, Exact = true });

    private static ILocator Bar(IPage page) => page.GetByRole(AriaRole.Group, new() { Name = "Selected users" });
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>The user list in a browser: what is clicked is kept in the address, so that back and F5 restore it (docs/spec.md 5.1).</summary>
public sealed class UserListPageTests(Browser browser)
{
    [Fact]
    public async Task Sorting_searching_filtering_and_paging_survive_F5_and_back()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await FillAsync(portal);
        var tab = await browser.NewPageAsync(new Uri($"http://localhost:{portal.BaseAddress.Port}"));
        var page = tab.Page;
        await tab.GotoAsync("/login");
        await new Visitor(tab).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true }).ClickAsync();
        var table = page.GetByRole(AriaRole.Table, new() { Name = "Users", Exact = true });
        var rows = table.Locator("tbody tr:not([aria-hidden])");
        await Expect(rows).ToHaveCountAsync(25);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Active 46" })).ToBeVisibleAsync();

        await tab.PressAsync("MFA Enabled");
        var header = table.GetByRole(AriaRole.Columnheader, new() { Name = "MFA Enabled" });
        await Expect(header).ToHaveAttributeAsync("aria-sort", "descending");
        await Expect(rows.First.Locator(".c-mfa")).ToHaveTextAsync("Yes");
        await page.GetByRole(AriaRole.Status).Filter(new() { HasText = "25 of 61 users, sorted by MFA Enabled" }).First
            .WaitForAsync(new() { State = WaitForSelectorState.Attached });

        await tab.PressAsync("Next");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("after="));
        var second = await FirstOfAsync(rows, "Yes", page);
        await tab.PressAsync("Last");
        await Expect(rows.Last.Locator(".c-mfa")).ToHaveTextAsync("No");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Next", Exact = true })).ToBeDisabledAsync();
        await page.GoBackAsync();
        await Expect(rows.First.Locator("th")).ToHaveTextAsync(second);
        await page.ReloadAsync();
        await Expect(rows.First.Locator("th")).ToHaveTextAsync(second);
        await Expect(header).ToHaveAttributeAsync("aria-sort", "descending");
        await tab.WaitForCircuitAsync();
        await tab.PressAsync("First");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Previous", Exact = true })).ToBeDisabledAsync();

        await page.GetByLabel("Search", new() { Exact = true }).PressSequentiallyAsync("ERSON.0");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Inactive 15" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Inactive 15" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(15);
        await Expect(rows.First.Locator(".c-status")).ToHaveTextAsync("Inactive");
        await page.ReloadAsync();
        await Expect(rows).ToHaveCountAsync(15);
        await Expect(page.GetByLabel("Search", new() { Exact = true })).ToHaveValueAsync("ERSON.0");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Inactive 15" })).ToHaveAttributeAsync("aria-pressed", "true");
        await tab.WaitForCircuitAsync();

        var loads = tab.Circuit.Loads.Count;
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Export CSV" }).ClickAsync());
        Assert.Equal(16, (await File.ReadAllLinesAsync(await download.PathAsync())).Length);

        await page.GetByLabel("Search", new() { Exact = true }).FillAsync("nobody at all");
        await page.GetByRole(AriaRole.Heading, new() { Name = "No user matches" }).WaitForAsync();
        // Shorter counts make the chips smaller, and everything below them moves.
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Inactive 0" })).ToBeVisibleAsync();
        await tab.PressAsync("Clear filters");
        await Expect(rows).ToHaveCountAsync(25);
        await Expect(page.GetByLabel("Search", new() { Exact = true })).ToHaveValueAsync("");
        // A second search replaces the address without a page load.
        Assert.Equal(loads, tab.Circuit.Loads.Count);

        await page.SetViewportSizeAsync(390, 800);
        await Expect(rows.First).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 390"), "A phone scrolls sideways");
        tab.Problems.AssertNone();
    }

    /// <summary>Red when the columns have the same share at every width: at 1280 the address was cut while "Yes" stood in a broad column.</summary>
    [Fact]
    public async Task An_email_address_gets_the_room_there_is_and_a_row_in_focus_shows_all_of_it()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await FillAsync(portal);
        var longest = $"{new string('m', 60)}@{string.Join('.', Enumerable.Repeat("northwind", 10))}.test";
        await using (var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync())
        {
            NewUsers.Add(work, "aaron", "Aaron Long", longest, "x", systemAdministrator: false);
            await work.CommitAsync();
        }
        var tab = await browser.NewPageAsync(new Uri($"http://localhost:{portal.BaseAddress.Port}"));
        var page = tab.Page;
        await page.SetViewportSizeAsync(1280, 900);
        await tab.GotoAsync("/login");
        await new Visitor(tab).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true }).ClickAsync();
        var rows = page.GetByRole(AriaRole.Table, new() { Name = "Users", Exact = true }).Locator("tbody tr:not([aria-hidden])");
        await Expect(rows).ToHaveCountAsync(25);

        var widths = await page.EvaluateAsync<double[]>("[...document.querySelectorAll('thead th')].map(th => th.getBoundingClientRect().width)");
        Assert.Equal(widths.Max(), widths[2]);
        const string cut = "td => td.scrollWidth > td.clientWidth + 1";
        Assert.False(await rows.Nth(1).Locator(".c-mail").EvaluateAsync<bool>(cut), "An ordinary address is cut");
        var mail = rows.Filter(new() { HasText = longest }).Locator(".c-mail");
        Assert.True(await mail.EvaluateAsync<bool>(cut), "The address is not long enough to be cut");
        await Expect(mail).ToHaveAttributeAsync("title", longest);
        await page.GetByRole(AriaRole.Link, new() { Name = "aaron", Exact = true }).FocusAsync();
        Assert.False(await mail.EvaluateAsync<bool>(cut), "The row in focus does not show all of the address");

        await page.SetViewportSizeAsync(1920, 900);
        var table = await page.GetByRole(AriaRole.Table, new() { Name = "Users", Exact = true }).BoundingBoxAsync();
        Assert.InRange(table!.Width, 1400, 1600);
        tab.Problems.AssertNone();
    }

    private static async Task<string> FirstOfAsync(ILocator rows, string mfa, IPage page)
    {
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Previous", Exact = true })).ToBeEnabledAsync();
        await Expect(rows.First.Locator(".c-mfa")).ToHaveTextAsync(mfa);
        return (await rows.First.Locator("th").InnerTextAsync()).Trim();
    }

    private static async Task FillAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        for (var i = 0; i < 60; i++)
        {
            var user = NewUsers.Add(work, $"person.{i:000}", $"Person {i}", $"mail{i:000}@example.test", "x", systemAdministrator: false);
            user.TwoFactorEnabled = i % 2 == 0;
            if (i % 4 == 1) user.State = AccountState.Inactive;
        }
        await work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, true));
        await work.CommitAsync();
    }
}

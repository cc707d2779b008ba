using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users.Import;
using static Microsoft.Playwright.Assertions;
using static OpenCrm.Portal.Tests.Users.Import.UserImportFixture;

namespace OpenCrm.Portal.Tests.Users.Import;

/// <summary>A company is brought in, in a browser: file, rows, proof, progress, F5, the people in the list and the first invitation.</summary>
public sealed class ImportJourneyTests(PostgresCluster cluster, Browser browser)
{
    [Fact]
    public async Task An_administrator_reads_a_file_sees_its_rows_imports_it_and_follows_it_over_F5()
    {
        await using var portal = await StartAsync(cluster, DatabaseKind.Sqlite, works: false, listens: true);
        var worker = Worker(portal);
        var tab = await browser.NewPageAsync(new Uri($"http://localhost:{portal.BaseAddress.Port}"));
        var page = tab.Page;
        await tab.GotoAsync("/login");
        await new Visitor(tab).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Import CSV" }).ClickAsync();
        await tab.WaitForAddressAsync("/settings/users/import");
        var sample = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download a sample" }).ClickAsync());
        await ChooseAsync(page, await File.ReadAllTextAsync(await sample.PathAsync()));
        await Expect(page.GetByText("New: 2. Changed: 0. Unchanged: 0. Wrong: 0.")).ToBeVisibleAsync();

        await tab.PressAsync("Choose another file");
        await ChooseAsync(page, "no;csv\n");
        Assert.Contains("Not found: Username, Name, Email", await tab.AlertAsync(), StringComparison.Ordinal);
        await ChooseAsync(page, "\uFEFF" + People(250).Replace(',', ';') + "bob;;no address\r\nadmin;Boss;admin@example.test\r\n");
        var rows = page.GetByRole(AriaRole.Table, new() { Name = "Rows", Exact = true }).Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(50);
        await page.GetByRole(AriaRole.Button, new() { Name = "Wrong 2" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(rows.Last).ToContainTextAsync("This is a system administrator, whom no import changes.");

        portal.Advance(TimeSpan.FromMinutes(11));
        await tab.PressAsync("Import");
        var popup = page.GetByRole(AriaRole.Dialog, new() { Name = "Import this file?" });
        await Expect(popup).ToContainTextAsync("New people, who get an invitation by email: 250.");
        await popup.GetByLabel("Password", new() { Exact = true }).FillAsync(PortalSettings.FirstAdministrator.Password);
        await popup.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        var progress = page.GetByRole(AriaRole.Progressbar, new() { Name = "Progress of the import" });
        await Expect(progress).ToHaveAttributeAsync("aria-valuetext", "0 of 250 rows.");
        Assert.True(await worker.AdvanceAsync(CancellationToken.None));
        // The page looks each second, as it does when another node imports.
        portal.Advance(TimeSpan.FromSeconds(1));
        await Expect(progress).ToHaveAttributeAsync("aria-valuetext", "200 of 250 rows.");
        await page.ReloadAsync();
        await tab.WaitForCircuitAsync();
        await Expect(progress).ToHaveAttributeAsync("aria-valuetext", "200 of 250 rows.");
        while (await worker.AdvanceAsync(CancellationToken.None)) { }
        portal.Services.GetRequiredService<ImportWatch>().Notify();
        await Expect(page.GetByText("Created: 250. Changed: 0. Not imported: 0.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Status).Filter(new() { HasText = "The import is done" }).First
            .WaitForAsync(new() { State = WaitForSelectorState.Attached });

        await page.SetViewportSizeAsync(390, 800);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 390"), "A phone scrolls sideways");
        await page.SetViewportSizeAsync(1280, 800);
        await page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true }).First.ClickAsync();
        await page.GetByLabel("Search", new() { Exact = true }).FillAsync("person250");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "person250", Exact = true })).ToBeVisibleAsync();
        await new Mailbox(portal.PickupFolder).WaitForAsync("person1@example.test", "invitation");
        tab.Problems.AssertNone();
    }

    private static async Task ChooseAsync(IPage page, string text)
    {
        var field = page.GetByLabel("CSV file", new() { Exact = true });
        await Expect(field).ToBeEnabledAsync();
        await field.SetInputFilesAsync(new FilePayload { Name = "people.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(text) });
    }
}

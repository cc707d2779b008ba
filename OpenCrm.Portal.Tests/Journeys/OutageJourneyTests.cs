using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// The database goes away while a person has a page open: the page says so, nothing typed is lost, and work goes on when the database is back.
/// </summary>
[Collection(Alone.Name)]
public sealed class OutageJourneyTests(Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task What_is_asked_for_meanwhile_is_told_beside_what_was_typed_and_works_afterwards()
    {
        Needs.Postgres();
        await using var cluster = new PostgresCluster();
        await using var portal = await PortalProcess.StartAsync(PortalSettings.OnPostgres(await cluster.CreateDatabaseAsync()));
        var person = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        await person.Tab.GotoAsync("/login");

        await cluster.CrashAsync();
        await person.EnterPasswordAsync(Admin.Username, Admin.Password);
        await Said(person).WaitForAsync();
        await Assertions.Expect(person.Page.GetByLabel("Password", new() { Exact = true })).ToHaveValueAsync(Admin.Password);
        await cluster.StartAgainAsync();
        await person.Tab.PressAsync("Sign in");
        await person.AccountMenu.WaitForAsync();
        await person.Tab.Page.GetByRole(AriaRole.Link, new() { Name = "Additional Settings" }).ClickAsync();
        await person.Tab.FillAsync("Company name", "Northwind");

        await cluster.CrashAsync();
        var save = person.Page.GetByRole(AriaRole.Region, new() { Name = "General" }).GetByRole(AriaRole.Button, new() { Name = "Save" });
        await save.ClickAsync();
        await person.Page.GetByRole(AriaRole.Alert).WaitForAsync();
        await cluster.StartAgainAsync();
        await Assertions.Expect(person.Page.GetByLabel("Company name")).ToHaveValueAsync("Northwind");
        await save.ClickAsync();
        Assert.Contains("Saved", await person.Tab.StatusAsync(), StringComparison.Ordinal);
        person.Tab.Circuit.AssertOneSocketOneLoad();
    }

    // Also for buttons outside of a form. Red when a click on "History" replaces the whole editor with the failure page.
    [Fact]
    public async Task A_template_half_written_outlives_a_click_that_asks_the_database()
    {
        Needs.Postgres();
        await using var cluster = new PostgresCluster();
        await using var portal = await PortalProcess.StartAsync(PortalSettings.OnPostgres(await cluster.CreateDatabaseAsync()));
        var person = new Visitor(await browser.NewPageAsync(portal.BaseAddress));
        await person.Tab.GotoAsync("/settings/communication-templates/email-templates/invitation");
        await person.SignInAsync(Admin.Username, Admin.Password);
        await person.Tab.FillAsync("Subject", "Welcome");
        await person.Tab.PressAsync("Save");
        Assert.Contains("Saved", await person.Tab.StatusAsync(), StringComparison.Ordinal);
        await person.Tab.FillAsync("Subject", "Welcome, half writ");

        await cluster.CrashAsync();
        foreach (var button in new[] { "History", "Reset to default" })
        {
            await person.Page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
            await person.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "What you typed is still here" }).WaitForAsync();
            await Assertions.Expect(person.Page.GetByLabel("Subject")).ToHaveValueAsync("Welcome, half writ");
        }
        await cluster.StartAgainAsync();
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "History" }).ClickAsync();
        await person.Page.GetByRole(AriaRole.Dialog).WaitForAsync();
        person.Tab.Circuit.AssertOneSocketOneLoad();
    }

    private static ILocator Said(Visitor person) => person.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "What you typed is still here" });
}

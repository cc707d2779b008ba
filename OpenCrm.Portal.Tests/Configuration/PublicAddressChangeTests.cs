using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>A changed public address locks nobody out (docs/spec.md 4.2).</summary>
public sealed class PublicAddressChangeTests(Browser browser) : IAsyncLifetime
{
    private const string Old = "https://old.northwind.test", New = "https://new.northwind.test";
    private SettingsPortal _portal = null!;
    private PortalUser _user = null!;
    private SettingsCircuit _ann = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await SettingsPortal.StartAsync();
        _user = await _portal.AddUserAsync("Ann Lee");
        _ann = await _portal.SignInAsync(_user, origin: Old);
        await _portal.UseAddressAsync(Old);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    /// <summary>Red when the typed address is used at once: requests for the old name are refused for everybody.</summary>
    [Fact]
    public async Task Both_are_answered_and_the_old_one_stays_in_use_until_an_administrator_opens_a_page_at_the_new_one()
    {
        // Names are remembered for some seconds, but a save on this node counts at once.
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadRequest], await AnsweredAsync("old.northwind.test", "new.northwind.test"));

        await _ann.Settings.SaveAsync(new GeneralFields(1, "Northwind", New));

        Assert.Equal((Old, New), await ReadStoredAsync());
        Assert.Equal(Old, (await Address.ReadAcceptedAsync())[0]);
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.BadRequest],
            await AnsweredAsync("old.northwind.test", "new.northwind.test", "evil.test"));
        string?[] origins = [null, Old, "null", "http://new.northwind.test", "https://new.northwind.test:8443", "https://sub.new.northwind.test"];
        foreach (var origin in origins)
            Assert.Null(await (await ChangeAtAsync(origin)).TakeOverAsync());
        Assert.Equal((Old, New), await ReadStoredAsync());

        var now = await (await ChangeAtAsync(New)).TakeOverAsync();

        Assert.Equal((New, null, 3, "Ann Lee"), (now!.PublicUrl, now.PendingPublicUrl, now.Version, now.SavedBy));
        Assert.Equal((New, null), await ReadStoredAsync());
        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.OK], await AnsweredAsync("old.northwind.test", "new.northwind.test"));
        Assert.Null(await (await ChangeAtAsync(New)).TakeOverAsync());
        Assert.Equal([Old], from change in await ChangesAsync(nameof(GeneralSettings.PublicUrl)) select change.Old);
    }

    /// <summary>
    /// A portal that was set up without an address. Red when the first address that is typed is used at once: the page at the old address is treated
    /// as foreign.
    /// </summary>
    [Fact]
    public async Task The_first_one_waits_as_well_and_the_server_s_own_stays_in_use()
    {
        await using var other = await SettingsPortal.StartAsync();
        var bob = await other.SignInAsync(await other.AddUserAsync("Bob"), origin: "http://localhost");
        var own = (await other.Host.Services.GetRequiredService<PublicAddress>().ReadAcceptedAsync())[0];

        Assert.IsType<SettingsOutcome.Saved>(await bob.Settings.SaveAsync(new GeneralFields(0, "Northwind", New)));
        Assert.Null(await ChangeOf(bob).TakeOverAsync());
        Assert.Equal(own, (await other.Host.Services.GetRequiredService<PublicAddress>().ReadAcceptedAsync())[0]);
        Assert.Contains(New, await other.Host.Services.GetRequiredService<PublicAddress>().ReadAcceptedAsync());
        // The new address is withdrawn and typed again.
        Assert.IsType<SettingsOutcome.Saved>(await bob.Settings.SaveAsync(new GeneralFields(1, "Northwind", " ")));
        Assert.DoesNotContain(New, await other.Host.Services.GetRequiredService<PublicAddress>().ReadAcceptedAsync());
        await bob.Settings.SaveAsync(new GeneralFields(2, "Northwind", New));

        var there = await other.SignInAsync(await other.AddUserAsync("Cid"), origin: New);
        Assert.Equal(New, (await ChangeOf(there).TakeOverAsync())?.PublicUrl);
        Assert.Equal(New, (await other.Host.Services.GetRequiredService<PublicAddress>().ReadAcceptedAsync())[0]);
    }

    [Fact]
    public async Task Going_back_to_the_address_in_use_calls_the_change_off()
    {
        await _ann.Settings.SaveAsync(new GeneralFields(1, "Northwind", New));
        await _ann.Settings.SaveAsync(new GeneralFields(2, "Northwind", $"{Old}/"));

        Assert.Equal((Old, null), await ReadStoredAsync());
        Assert.Null(await (await ChangeAtAsync(New)).TakeOverAsync());
        Assert.Equal(Old, (await Address.ReadAcceptedAsync())[0]);
    }

    [Fact]
    public async Task Nobody_but_a_system_administrator_brings_it_into_use()
    {
        await _ann.Settings.SaveAsync(new GeneralFields(1, "Northwind", New));
        var eve = await _portal.SignInAsync(await _portal.AddUserAsync("Eve", administrator: false), origin: New);

        await Assert.ThrowsAsync<AccessRefusedException>(() => ChangeOf(eve).TakeOverAsync());
        Assert.Equal((Old, New), await ReadStoredAsync());
    }

    /// <summary>Nothing above the layout catches exceptions. Red when this one gets through: the page ends.</summary>
    [Fact]
    public async Task A_database_that_is_away_for_a_moment_ends_no_page_and_the_next_page_there_takes_the_address_over()
    {
        var database = new DatabaseAway();
        await using var other = await SettingsPortal.StartAsync(new PortalSettings { PublicUrlFromSetup = true }, replace: database.Watch);
        var bob = await other.SignInAsync(await other.AddUserAsync("Bob"), origin: New);
        await other.UseAddressAsync(Old);
        await bob.Settings.SaveAsync(new GeneralFields(1, "Northwind", New));

        database.Now();
        Assert.Null(await ChangeOf(bob).TakeOverAsync());
        database.IsBack();

        Assert.Contains(
            other.Host.Services.GetFakeLogCollector().GetSnapshot(),
            line => line.Message.Contains("could not be taken into use", StringComparison.Ordinal));
        Assert.Equal(New, (await ChangeOf(bob).TakeOverAsync())?.PublicUrl);
    }

    [Theory]
    [InlineData("https://rescued.test", "https://rescued.test")]
    [InlineData(" http://localhost:5000/ ", "http://localhost:5000")]
    public async Task The_command_line_sets_it_at_once(string typed, string stored)
    {
        await _ann.Settings.SaveAsync(new GeneralFields(1, "Northwind", New));

        Assert.Equal(new PublicAddressOutcome.Set(stored), await ChangeOf(_ann).SetAsync(new Caller.Console(), typed));
        Assert.Equal((stored, null), await ReadStoredAsync());
        Assert.IsType<PublicAddressOutcome.NothingToDo>(await ChangeOf(_ann).SetAsync(new Caller.Console(), typed));
        Assert.IsType<PublicAddressOutcome.Invalid>(await ChangeOf(_ann).SetAsync(new Caller.Console(), "portal.test"));
    }

    /// <summary>In a browser at both names: the page says which address is waiting, and opening the other one puts it into use.</summary>
    [Fact]
    public async Task The_page_says_that_the_address_waits_and_signing_in_there_brings_it_into_use()
    {
        await using var process = await PortalProcess.StartAsync(new PortalSettings { PublicUrlFromSetup = true });
        var port = process.BaseAddress.Port;
        await process.RunCommandAsync(["public-address", $"http://localhost:{port}"]);
        var page = await browser.NewPageAsync(process.BaseAddress);
        await page.GotoAsync(PortalUrls.SignIn);
        await new Journeys.Visitor(page).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await page.GotoAsync(PortalUrls.AdditionalSettings);
        var general = page.Page.GetByRole(Microsoft.Playwright.AriaRole.Region, new() { Name = "General" });
        await general.GetByLabel("Public address").FillAsync($"http://127.0.0.1:{port}");
        await general.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await general.GetByText("This address is not in use yet").WaitForAsync();

        var there = await browser.NewPageAsync(new Uri($"http://127.0.0.1:{port}"));
        await there.GotoAsync(PortalUrls.SignIn);
        await new Journeys.Visitor(there).SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await Eventually.TrueAsync(async () =>
        {
            await there.GotoAsync(PortalUrls.AdditionalSettings);
            return await there.Page.GetByText("This address is not in use yet").CountAsync() == 0;
        }, "the new address is in use");
    }

    private PublicAddress Address => _portal.Host.Services.GetRequiredService<PublicAddress>();

    /// <summary>Reads the change as Ann's page sees it when her browser has loaded it from this origin.</summary>
    private async Task<PublicAddressChange> ChangeAtAsync(string? origin) => ChangeOf(await _portal.SignInAsync(_user, origin: origin));

    private static PublicAddressChange ChangeOf(SettingsCircuit circuit) => circuit.Services.GetRequiredService<PublicAddressChange>();

    private async Task<(string?, string?)> ReadStoredAsync() =>
        await _portal.ReadSettingsAsync<GeneralSettings>() is var stored ? (stored.PublicUrl, stored.PendingPublicUrl) : default;

    private async Task<List<HttpStatusCode>> AnsweredAsync(params string[] hosts)
    {
        using var client = _portal.Host.CreateClient();
        List<HttpStatusCode> statuses = [];
        foreach (var host in hosts)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, PortalUrls.SignIn) { Headers = { Host = host } };
            using var answer = await client.SendAsync(request);
            statuses.Add(answer.StatusCode);
        }
        return statuses;
    }

    private async Task<List<(string? Old, string? New)>> ChangesAsync(string setting) =>
        [.. (await _portal.RowsAsync<AuditEntry>()).Where(entry => entry.Kind == nameof(AuditEvent.SettingChanged)).OrderBy(entry => entry.Id)
            .Select(entry => System.Text.Json.JsonDocument.Parse(entry.Details).RootElement)
            .Where(details => details.GetProperty("Setting").GetString() == setting)
            .Select(details => (details.GetProperty("Old").GetString(), details.GetProperty("New").GetString()))];
}

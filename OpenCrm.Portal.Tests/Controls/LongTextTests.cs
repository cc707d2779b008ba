using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Controls;

/// <summary>Text that is too long stays as it was typed, is reported at the field, and is refused: nothing is cut off on the way.</summary>
public sealed class LongTextTests(Browser browser)
{
    private const string Paste =
        """
        (field, [escaped, times]) => {
            field.value = JSON.parse(`"${escaped}"`).repeat(times);
            field.dispatchEvent(new Event('input', { bubbles: true }));
        }
        """;

    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public void No_field_has_a_maxlength_which_would_cut_what_is_typed_and_pasted() =>
        Assert.Empty(
            from file in Directory.EnumerateFiles(
                Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal"), "*.razor", SearchOption.AllDirectories)
            from line in File.ReadLines(file)
            where line.Contains("maxlength", StringComparison.Ordinal)
            select $"{file}: {line.Trim()}");

    [Fact]
    public async Task A_username_of_65_letters_is_refused_with_words_and_still_stands_in_the_field()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await SignedInAsync(portal, PortalUrls.NewUser);
        await FillsAsync(tab, "Username", new string('u', 65), "This is too long: up to 64 characters fit. Nothing was cut, so shorten it.");
        await FillsAsync(tab, "Name", new string('n', 101), "up to 100 characters fit");
        await FillsAsync(tab, "Email", new string('e', 245) + "@x.example", "up to 254 characters fit");
        await tab.SaveScreenshotAsync("too-long");
        await tab.PressAsync("Create user");
        await StandsAsync(tab, "Username", 65);
        await StandsAsync(tab, "Name", 101);
        await StandsAsync(tab, "Email", 255);
        await Expect(tab.Page.GetByText("characters fit")).ToHaveCountAsync(3);
        Assert.Equal(1, await portal.CountAsync<PortalUser>());

        // Spaces at both ends are neither stored nor counted.
        await tab.FillAsync("Username", $" {new string('u', 64)} ");
        await tab.FillAsync("Name", new string('n', 100));
        await tab.FillAsync("Email", "u@example.test");
        await Expect(tab.Page.GetByText("characters fit")).ToHaveCountAsync(0);
        await tab.PressAsync("Create user");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = new string('n', 100) }).WaitForAsync();
        Assert.Equal(1, await portal.CountAsync<PortalUser>(users => users.Where(u => u.UserName == new string('u', 64))));
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task A_company_name_of_61_and_a_public_address_of_301_are_refused_and_still_stand_in_their_fields()
    {
        await using var portal = await PortalHost.StartAsync(new() { PublicUrlFromSetup = true }, listens: true);
        var tab = await SignedInAsync(portal, PortalUrls.AdditionalSettings);
        await FillsAsync(tab, "Company name", new string('c', 61), "up to 60 characters fit");
        await FillsAsync(tab, "Public address", $"https://{new string('p', 293)}", "up to 300 characters fit");
        await tab.Page.GetByRole(AriaRole.Region, new() { Name = "General" })
            .GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await StandsAsync(tab, "Company name", 61);
        await StandsAsync(tab, "Public address", 301);
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        Assert.Equal(GeneralSettings.DefaultCompanyName, (await work.ReadSettingsAsync<GeneralSettings>()).CompanyName);
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Set_up_keeps_what_is_too_long_and_says_so()
    {
        await using var portal = await PortalHost.StartAsync(new() { Administrator = null }, listens: true);
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync(PortalUrls.Setup);
        await tab.FillAsync("Set-up code", "WRONG");
        await FillsAsync(tab, "Company name", new string('c', 61), "up to 60 characters fit");
        await FillsAsync(tab, "Username", new string('u', 65), "up to 64 characters fit");
        await FillsAsync(tab, "Email", new string('e', 245) + "@x.example", "up to 254 characters fit");
        await FillsAsync(tab, "Password", new string('p', 129), "up to 128 characters fit");
        await tab.FillAsync("Confirm password", new string('p', 129));
        await tab.PressAsync("Create system administrator");
        await Expect(tab.Page.GetByText("characters fit")).ToHaveCountAsync(4);
        await StandsAsync(tab, "Username", 65);
        Assert.Equal(0, await portal.CountAsync<PortalUser>());
    }

    [Fact]
    public async Task A_whole_file_pasted_into_a_field_stays_there_and_ends_no_circuit()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync("/login");
        var name = tab.Page.GetByLabel("Username or email");
        await name.EvaluateAsync(Paste, new object[] { "x", 3_000_000 });
        await Expect(tab.Page.GetByText("up to 254 characters fit")).ToBeVisibleAsync();
        Assert.Equal(3_000_000, await name.EvaluateAsync<int>("field => field.value.length"));
        // The corrected text is accepted.
        await new Visitor(tab).SignInAsync(Admin.Username, Admin.Password);

        await tab.GotoAsync($"{PortalUrls.EmailTemplates}/test");
        var body = tab.Page.GetByLabel("HTML body", new() { Exact = true });
        // Each of these is as heavy as its kind gets on the wire: up to six bytes a character, and every message holds the text twice. Written as
        // JSON, because a half surrogate pair does not reach the browser otherwise.
        var round = 0;
        var refused = tab.Page.GetByText("Nothing was done. Correct what is marked below");
        foreach (var (escaped, length, times) in new[] { (@"\u0001", 1, 60_000), (@"\ud800", 1, 60_000), (@"\""\\", 2, 500_000), ("€", 1, 400_000) })
        {
            await body.EvaluateAsync(Paste, new object[] { escaped, times });
            await tab.PressAsync("Save");
            await refused.WaitForAsync();
            Assert.Equal(length * times, await body.EvaluateAsync<int>("field => field.value.length"));
            Assert.Equal("up", await tab.Page.Locator("html").GetAttributeAsync("data-circuit"));
            // The corrected text is saved, and the next round begins without the error of this one.
            await body.FillAsync(string.Create(CultureInfo.InvariantCulture, $"<p>Short, {++round}.</p>"));
            await tab.PressAsync("Save");
            await Expect(refused).ToHaveCountAsync(0);
            await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true })).ToBeDisabledAsync();
        }
        // One for each of the two page loads.
        Assert.Equal(2, tab.Circuit.Sockets.Count);
        tab.Problems.AssertNone();
    }

    [Theory]
    [InlineData(PortalUrls.Users, "#user-search")]
    [InlineData(PortalUrls.Outbox, "#outbox-search")]
    [InlineData(PortalUrls.AuditTrail, "#audit-user")]
    public async Task A_search_that_is_too_long_says_what_of_it_is_searched_for(string address, string field)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await SignedInAsync(portal, address);
        await tab.Page.Locator(field).FillAsync(new string('s', 101));
        await Expect(tab.Page.GetByText("Only the first 100 characters are searched for.")).ToBeVisibleAsync();
        Assert.Equal(101, (await tab.Page.Locator(field).InputValueAsync()).Length);
        await tab.SaveScreenshotAsync($"search-cut-{field[1..]}");
        await tab.Page.Locator(field).FillAsync(new string('s', 100));
        await Expect(tab.Page.GetByText("Only the first 100 characters are searched for.")).ToHaveCountAsync(0);
    }

    [Fact]
    public void Services_refuse_what_no_field_would_send()
    {
        Assert.Equal(
            [UserFault.UsernameInvalid, UserFault.NameInvalid, UserFault.EmailInvalid],
            NewUsers.Evaluate(new string('u', 65), new string('n', 101), new string('e', 245) + "@x.example"));
        Assert.True(PublicAddress.IsValid($"https://{string.Join('.', Enumerable.Repeat(new string('p', 50), 5))}.test"));
        Assert.False(PublicAddress.IsValid($"https://{string.Join('.', Enumerable.Repeat(new string('p', 50), 6))}.test"));
    }

    private async Task<PortalPage> SignedInAsync(PortalHost portal, string address)
    {
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync(address);
        await new Visitor(tab).SignInAsync(Admin.Username, Admin.Password);
        return tab;
    }

    private static async Task FillsAsync(PortalPage tab, string label, string text, string told)
    {
        await tab.FillAsync(label, text);
        var field = tab.Page.Locator(".field").Filter(new() { Has = tab.Page.GetByLabel(label, new() { Exact = true }) });
        await Expect(field.GetByRole(AriaRole.Alert)).ToContainTextAsync(told);
        await StandsAsync(tab, label, text.Length);
    }

    private static async Task StandsAsync(PortalPage tab, string label, int length) =>
        Assert.Equal(length, (await tab.Page.GetByLabel(label, new() { Exact = true }).InputValueAsync()).Length);
}

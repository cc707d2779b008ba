using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Credentials;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// A phone is lost, in browsers: nobody can be reached, with a waiting time and without; and help by a phone call (docs/spec.md 11.3, 11.5, 11.7).
/// </summary>
public sealed class WithoutDeviceJourneyTests(PostgresCluster postgres, Browser browser)
{
    private const string Held = "You got in without your authenticator.";

    /// <summary>Red when the page does not say when, and when the sign-in with a code leaves the removal standing.</summary>
    [Fact]
    public async Task Nobody_reachable_with_a_waiting_time_and_the_phone_turns_up_again()
    {
        await using var portal = await StartAsync(waitHours: 24);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var tab = await ConfirmAsync(portal, ada);

        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "MFA will be removed later" }).WaitForAsync();
        Assert.Contains("MFA is removed from your account on", await tab.StatusAsync(), StringComparison.Ordinal);
        await tab.SaveScreenshotAsync("lost-device-waiting");
        var mails = new Mailbox(portal.PickupFolder);
        Assert.Contains("MFA is removed", (await mails.WaitForAsync(ada.Email, "mfa-removal-waiting")).TextBody, StringComparison.Ordinal);
        await mails.WaitForAsync(PortalSettings.FirstAdministrator.Email, "mfa-removal-waiting");

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Back to sign-in" }).ClickAsync();
        await new Visitor(tab).SignInAsync(portal, ada);

        await mails.WaitForAsync(ada.Email, "mfa-removal-ended");
        portal.Advance(TimeSpan.FromHours(25));
        await portal.Worker().RemoveDueAsync(CancellationToken.None);
        Assert.True((await portal.UserAsync(ada)).TwoFactorEnabled);
        tab.Problems.AssertNone();
    }

    /// <summary>Red when the removal waits for somebody, and when the note of the hold is missing.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(24)]
    public async Task Nobody_reachable_and_the_person_gets_in_alone_and_reads_what_is_on_hold(int waitHours)
    {
        await using var portal = await StartAsync(waitHours);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var tab = await ConfirmAsync(portal, ada);
        if (waitHours > 0)
        {
            await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "MFA will be removed later" }).WaitForAsync();
            portal.Advance(TimeSpan.FromHours(waitHours));
            await portal.RemovedAsync(ada);
            await tab.GotoAsync("/login");
            await new Visitor(tab).SignInAsync(portal, ada, asksCode: false);
        }
        else await new Visitor(tab).AccountMenu.WaitForAsync();

        await Note(tab).WaitForAsync();
        await tab.SaveScreenshotAsync("hold");
        await new Visitor(tab).OpenOwnRecordAsync();
        await tab.PressAsync("Change email");
        await tab.FillAsync("New email", "ada@elsewhere.test");
        await tab.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        Assert.Contains("on hold", await tab.AlertAsync(), StringComparison.Ordinal);
        await tab.PressAsync("Cancel");

        // What the recovery is for works: MFA on the new phone.
        var app = await new Visitor(tab).ScanAsync();
        await tab.PressAsync("Next");
        // By the portal's clock, which the wait has turned.
        await tab.FillAsync("Six-digit code", await Oathtool.CodeAsync(app.Secret, portal.Now));
        await tab.PressAsync("Save");
        await tab.SaveCodesAsync();
        Assert.True(await portal.UserAsync(ada) is { TwoFactorEnabled: true, Email: "ada@example.test" });
        await Note(tab).WaitForAsync();
        tab.Problems.AssertNone();
    }

    /// <summary>Red when the popup shows the code before the questions, and when another page of the person does not follow the lift.</summary>
    [Theory]
    [InlineData(DatabaseKind.Sqlite, 1)]
    [InlineData(DatabaseKind.Postgres, 2)]
    public async Task Help_by_a_phone_call_with_a_temporary_code_and_the_hold_lifted_afterwards(DatabaseKind database, int count)
    {
        await using var portal = await Nodes.StartAsync(postgres, database, count);
        await portal.First.SetSecurityAsync();
        var boss = await portal.First.AddPersonAsync("boss", enrolled: true, administrator: true);
        var ada = await portal.First.AddPersonAsync(enrolled: true, administrator: true);
        portal.Advance(TimeSpan.FromMinutes(1));
        var admin = await browser.SignedInAsync(portal.First, boss, $"/settings/users/{ada.Id}");

        await admin.PressAsync("Give temporary code");
        var popup = admin.Page.GetByRole(AriaRole.Dialog);
        await popup.GetByRole(AriaRole.List, new() { Name = "How to know the person" }).WaitForAsync();
        await popup.GetByLabel("Valid for").SelectOptionAsync("30");
        await popup.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        var shown = admin.Page.GetByRole(AriaRole.Group, new() { Name = "Temporary code" });
        await shown.WaitForAsync();
        await admin.SaveScreenshotAsync("temporary-code");
        var code = await shown.InnerTextAsync();
        await admin.PressAsync("Done");
        await Assertions.Expect(shown).ToHaveCountAsync(0);
        Assert.DoesNotContain(code, await admin.Page.ContentAsync(), StringComparison.Ordinal);

        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal.Last));
        await tab.GotoAsync("/settings/users");
        await new Visitor(tab).EnterPasswordAsync(ada.Username, ada.Password);
        await tab.PressAsync("Use a recovery code");
        await tab.SaveScreenshotAsync("temporary-code-step");
        await tab.FillAsync("Recovery code", code.ToLowerInvariant());
        await tab.PressAsync("Verify");
        await new Visitor(tab).AccountMenu.WaitForAsync();
        await Note(tab).WaitForAsync();
        await tab.GotoAsync($"/settings/users/{boss.Id}");
        await tab.PressAsync("Lock");
        await tab.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        Assert.Contains("on hold", await tab.AlertAsync(), StringComparison.Ordinal);
        await tab.PressAsync("Cancel");

        await admin.GotoAsync($"/settings/users/{ada.Id}");
        await admin.PressAsync("Lift hold");
        await admin.FillAsync("Reason", "Called back on the known number");
        await admin.SaveScreenshotAsync("lift-hold");
        await admin.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await admin.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "The hold is lifted" }).First
            .WaitForAsync(new() { State = WaitForSelectorState.Attached });

        // In the page that is open all the time.
        await Assertions.Expect(Note(tab)).ToHaveCountAsync(0);
        var mails = new Mailbox(portal.First.PickupFolder);
        if (count == 1)
        {
            foreach (var template in new[] { "temporary-code-given", "temporary-code-used", "hold-lifted" })
                await mails.WaitForAsync(ada.Email, template);
        }
        tab.Problems.AssertNone();
        admin.Problems.AssertNone();
    }

    /// <summary>A page that was opened before the hold asks for something that is on hold: it says so, and stays usable.</summary>
    [Fact]
    public async Task A_page_that_was_open_before_says_what_is_on_hold_and_goes_on()
    {
        await using var portal = await StartAsync(waitHours: 0);
        var ada = await portal.AddPersonAsync(enrolled: true, administrator: true);
        var tab = await browser.SignedInAsync(portal, ada, "/settings/users/new");
        await tab.FillAsync("Username", "carl");
        await tab.FillAsync("Name", "Carl");
        await tab.FillAsync("Email", "carl@example.test");
        await portal.HoldAsync(ada);
        await Note(tab).WaitForAsync();

        await tab.PressAsync("Create user");

        Assert.Contains("on hold", await tab.AlertAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await portal.CountAsync<OpenCrm.Portal.Accounts.PortalUser>(users => users.Where(u => u.UserName == "carl")));
        await tab.GotoAsync("/settings/users");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "ada", Exact = true }).WaitForAsync();
        tab.Problems.AssertNone();
    }

    private static ILocator Note(PortalPage tab) => tab.Page.GetByRole(AriaRole.Note).Filter(new() { HasText = Held });

    private static async Task<PortalHost> StartAsync(int waitHours)
    {
        var portal = await PortalHost.StartAsync(TwoNodes.Raised(new PortalSettings()), listens: true);
        await portal.SetSecurityAsync();
        await portal.WaitAsync(waitHours);
        return portal;
    }

    /// <summary>Asks for the link and confirms it in a browser.</summary>
    private async Task<PortalPage> ConfirmAsync(PortalHost portal, TestPerson person)
    {
        var token = await portal.LinkAsync(person);
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync($"{PortalUrls.LostDeviceConfirm}#{token}");
        await tab.FillAsync("Username or email", person.Username);
        await tab.FillAsync("Password", person.Password);
        await tab.PressAsync("Sign in and disable MFA");
        return tab;
    }
}

using System.Globalization;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>From the preview of the roll-out to a person who is overdue, and back in, with the mails on the way (docs/spec.md 12).</summary>
public sealed class RequiredMfaJourneyTests(PostgresCluster postgres, Browser browser)
{
    private const string Settings = "/settings/configuration/additional-settings#security";

    [Fact]
    public async Task The_rule_is_previewed_reminded_of_passed_extended_and_met()
    {
        await using var portal = await Nodes.StartAsync(postgres, DatabaseKind.Sqlite, 1);
        await portal.First.SetSecurityAsync();
        var root = await portal.First.AddPersonAsync("root", enrolled: true, administrator: true);
        var bob = await portal.First.AddPersonAsync("bob");
        var mails = new Mailbox(portal.First.PickupFolder);

        // The administrator reads whom it touches before anything is saved.
        var admin = await browser.SignedInAsync(portal.First, root, Settings);
        var block = admin.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings" });
        await block.GetByLabel("Who must use MFA").SelectOptionAsync("Everyone");
        await admin.FillAsync("Days to set it up", "8");
        await block.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        var popup = admin.Page.GetByRole(AriaRole.Dialog, new() { Name = "Must everyone use MFA?" });
        await Expect(popup).ToContainTextAsync("2 users still have to set up MFA and get an email about it.");
        await Expect(popup).ToContainTextAsync("No mail server is connected");
        await Expect(popup.GetByRole(AriaRole.Link)).ToHaveAttributeAsync("href", "/settings/users?mfa=no");
        await popup.GetByText("The email that they get").ClickAsync();
        await Expect(popup).ToContainTextAsync("8 days left to set up multi-factor authentication");
        await admin.AssertNoViolationAsync("must-use-mfa-preview");
        await admin.PressAsync("Cancel");
        Assert.Null(await portal.First.FindDeadlineAsync(bob.Id));
        await block.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await admin.PressAsync("OK");
        await Expect(block.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true })).ToBeDisabledAsync();

        // The mail of the beginning, and what the person reads after signing in.
        await portal.First.RemindAsync();
        // The mails of a round leave one after the other.
        portal.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("8 days left to set up multi-factor authentication", (await mails.WaitForAsync(bob.Email, "mfa-due")).Subject);
        var other = await browser.NewPageAsync(PersonAtBrowser.Address(portal.First));
        var person = new Visitor(other);
        await other.GotoAsync("/account");
        await person.EnterPasswordAsync(bob.Username, bob.Password);
        await Expect(other.Page.GetByRole(AriaRole.Heading, new() { Name = "8 days left to set up MFA" })).ToBeVisibleAsync();
        await other.AssertNoViolationAsync("must-use-mfa-later");
        await other.PressAsync("Later");
        await other.Page.GetByText("MFA Enabled").WaitForAsync();
        await other.Page.GetByText("MFA deadline").WaitForAsync();

        // A day later the reminder of seven days, then the others, each once.
        foreach (var (days, count) in new[] { (1.5, 2), (4, 3), (2, 4) })
        {
            portal.First.Clock.AdjustTime(portal.First.Now.AddDays(days));
            await portal.First.RemindAsync();
            Assert.Equal(count, await portal.First.RemindersOfAsync(bob));
        }

        // The deadline passes while the page is open: idle first, because nobody was here for days; then the demand.
        portal.First.Clock.AdjustTime(portal.First.Now.AddDays(1));
        await other.GotoAsync("/account");
        if (await other.Page.GetByRole(AriaRole.Dialog).CountAsync() > 0)
        {
            await other.FillAsync("Password", bob.Password);
            await other.PressAsync("Sign in");
        }
        else await person.EnterPasswordAsync(bob.Username, bob.Password);
        var demand = other.Page.GetByRole(AriaRole.Heading, new() { Name = "Set up MFA to go on" });
        await Expect(demand).ToBeVisibleAsync();
        await other.AssertNoViolationAsync("must-use-mfa-demand");
        await DemandedAsync("/settings/users");
        await other.GotoAsync("/help/mfa");
        await Expect(other.Page.GetByRole(AriaRole.Heading, new() { Name = "How to use multi-factor authentication" }).First).ToBeVisibleAsync();
        await DemandedAsync("/");

        // The list shows who is overdue; more time opens the page at once, without a click of the person.
        await admin.GotoAsync("/settings/users");
        if (await admin.Page.GetByLabel("Username or email").CountAsync() > 0) await new Visitor(admin).SignInAsync(portal.First, root);
        await admin.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Overdue") }).ClickAsync();
        await admin.WaitForAddressAsync("duty=overdue");
        await admin.Page.GetByRole(AriaRole.Link, new() { Name = "bob", Exact = true }).ClickAsync();
        await admin.PressAsync("Extend deadline");
        await admin.FillAsync("New deadline", portal.First.Now.AddDays(3).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await admin.FillAsync("Reason", "On a journey without the phone");
        await admin.AssertNoViolationAsync("must-use-mfa-extend");
        await admin.PressAsync("OK");
        await Expect(admin.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(demand).ToHaveCountAsync(0);
        Assert.Contains("On a journey", (await mails.WaitForAsync(bob.Email, "deadline-extended")).TextBody, StringComparison.Ordinal);

        // After that the wizard is the way in.
        await portal.First.MoveDeadlineAsync(bob, portal.First.Now);
        await DemandedAsync("/");
        await other.Page.GetByRole(AriaRole.Link, new() { Name = "Set up MFA", Exact = true }).ClickAsync();
        await other.PressAsync("Next");
        var picture = other.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" });
        await picture.WaitForAsync();
        var secret = (await QrReader.AddressAsync(picture)).Secret;
        await other.PressAsync("Next");
        await other.FillAsync("Six-digit code", await Oathtool.CodeAsync(secret, portal.First.Now));
        await other.PressAsync("Save");
        await other.SaveCodesAsync();
        await Expect(other.Page.GetByText("MFA Enabled")).ToBeVisibleAsync();
        await Expect(demand).ToHaveCountAsync(0);
        Assert.Equal(MfaDutyState.None, await portal.First.DutyAsync(bob));
        admin.Problems.AssertNone();
        other.Problems.AssertNone();

        async Task DemandedAsync(string address)
        {
            await other.GotoAsync(address);
            await Expect(demand).ToBeVisibleAsync();
            // The browser reports the status 403 of the page.
            other.Problems.Clear();
        }
    }

    [Fact]
    public async Task Whoever_has_no_MFA_reads_why_the_rule_is_not_saved()
    {
        await using var portal = await Nodes.StartAsync(postgres, DatabaseKind.Sqlite, 1);
        await portal.First.SetSecurityAsync();
        var ann = await portal.First.AddPersonAsync("ann", administrator: true);
        var admin = await browser.SignedInAsync(portal.First, ann, Settings);
        var block = admin.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings" });

        await block.GetByLabel("Who must use MFA").SelectOptionAsync("SystemAdministrators");
        await block.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();

        await Expect(block.GetByRole(AriaRole.Alert)).ToContainTextAsync("Set up MFA for your own account first");
        await Expect(block.GetByLabel("Who must use MFA")).ToHaveValueAsync("SystemAdministrators");
        Assert.Equal(0, await portal.First.CountAsync<MfaDeadline>());
        admin.Problems.AssertNone();
    }
}

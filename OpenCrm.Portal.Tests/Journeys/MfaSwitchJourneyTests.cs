using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>Two browsers: the administrator at the MFA switch, and a person who is enrolled (docs/spec.md 3.4).</summary>
public sealed class MfaSwitchJourneyTests(PostgresCluster postgres, Browser browser)
{
    private const string Settings = "/settings/configuration/additional-settings#security";

    [Theory]
    [InlineData(DatabaseKind.Sqlite, 1)]
    [InlineData(DatabaseKind.Postgres, 2)]
    public async Task Off_lets_everybody_in_with_the_password_and_on_again_resumes_without_a_mail(DatabaseKind database, int nodes)
    {
        await using var portal = await Nodes.StartAsync(postgres, database, nodes);
        await portal.First.SetSecurityAsync();
        var ann = await portal.First.AddPersonAsync("ann", enrolled: true, administrator: true);
        var bob = await portal.First.AddPersonAsync("bob", enrolled: true);
        var admin = await browser.SignedInAsync(portal.First, ann, Settings);
        var other = await browser.SignedInAsync(portal.Last, bob, "/account");
        var person = new Visitor(other);
        var mails = new Mailbox(portal.First.PickupFolder);

        await SwitchAsync(admin, on: false);
        var popup = admin.Page.GetByRole(AriaRole.Dialog, new() { Name = "Disable MFA for all users?" });
        await Expect(popup).ToContainTextAsync("2 users who enter a code today will sign in with the password alone. Nobody is notified.");
        await admin.SaveScreenshotAsync($"mfa-switch-off-{database}");
        await popup.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await SavedAsync(admin);

        // No session ends, and the record says "No" the next time it is opened.
        await Expect(person.AccountMenu).ToBeVisibleAsync();
        await other.Page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await person.OpenOwnRecordAsync();
        await Expect(other.Page.GetByText("MFA is switched off for everybody")).ToBeVisibleAsync();
        foreach (var button in new[] { "Setup MFA", "Disable MFA" })
            await Expect(other.Page.GetByRole(AriaRole.Button, new() { Name = button })).ToHaveCountAsync(0);
        await person.SignOutAsync();
        await person.SignInAsync(portal.Last, bob, asksCode: false);

        // A code that was used up at the sign-in is refused here too.
        await SwitchAsync(admin, on: true);
        popup = admin.Page.GetByRole(AriaRole.Dialog);
        await Expect(popup).ToContainTextAsync("2 users have an authenticator from before");
        await admin.FillAsync("Authentication code", await Oathtool.CodeAsync(ann.Secret!, portal.First.Now));
        await admin.PressAsync("OK");
        await Expect(popup.GetByRole(AriaRole.Alert).First).ToContainTextAsync("not right");
        portal.Advance(TimeSpan.FromSeconds(30));
        await admin.FillAsync("Authentication code", await Oathtool.CodeAsync(ann.Secret!, portal.First.Now));
        await admin.PressAsync("OK");
        await SavedAsync(admin);

        Assert.Equal("Multi-factor authentication is on now. Sign in with your password and a code.", await other.AlertAsync());
        await person.SignInAsync(portal.Last, bob, asksCode: true);
        await admin.Page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true }).ClickAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "bob@example.test" })).ToContainTextAsync("Yes");
        Assert.Empty(mails.All());
        foreach (var tab in new[] { admin, other })
        {
            tab.Circuit.AssertOneSocketOneLoad();
            tab.Problems.AssertNone();
        }
    }

    [Fact]
    public async Task Erased_enrolments_do_not_come_back_and_nobody_is_asked_or_mailed()
    {
        await using var portal = await Nodes.StartAsync(postgres, DatabaseKind.Sqlite, 1);
        await portal.First.SetSecurityAsync();
        var ann = await portal.First.AddPersonAsync("ann", administrator: true);
        var bob = await portal.First.AddPersonAsync("bob", enrolled: true);
        var admin = await browser.SignedInAsync(portal.First, ann, Settings);
        var other = await browser.SignedInAsync(portal.First, bob, "/account");

        await SwitchAsync(admin, on: false);
        await admin.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Erase all enrolments" }).CheckAsync();
        await admin.PressAsync("OK");
        await SavedAsync(admin);
        await SwitchAsync(admin, on: true);
        await SavedAsync(admin);

        await other.GotoAsync("/account");
        await Expect(other.Page.GetByRole(AriaRole.Button, new() { Name = "Setup MFA" })).ToBeVisibleAsync();
        await new Visitor(other).SignOutAsync();
        await new Visitor(other).SignInAsync(portal.First, bob, asksCode: false);
        Assert.Empty(new Mailbox(portal.First.PickupFolder).All());
        admin.Circuit.AssertOneSocketOneLoad();
        admin.Problems.AssertNone();
    }

    private static async Task SwitchAsync(PortalPage admin, bool on)
    {
        var block = admin.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings" });
        await block.GetByRole(AriaRole.Checkbox, new() { Name = "Enable Multi-factor authentication" }).SetCheckedAsync(on);
        await block.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
    }

    /// <summary>Waits until Save is disabled again and no popup is left, so that this save is not mistaken for the one before.</summary>
    private static async Task SavedAsync(PortalPage admin)
    {
        await Expect(admin.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(admin.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings" })
            .GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true })).ToBeDisabledAsync();
        await admin.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Saved" }).First
            .WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }
}

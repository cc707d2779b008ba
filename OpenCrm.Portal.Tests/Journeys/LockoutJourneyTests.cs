using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>What people see, and which mails they get, when an account locks (docs/spec.md 1.5 and 1.6).</summary>
public sealed class LockoutJourneyTests(Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task A_locked_person_reads_what_to_do_gets_one_mail_and_an_unknown_name_reads_the_same()
    {
        await using var portal = await PortalProcess.StartAsync();
        // A second administrator: otherwise the first is the last one, whose lock always ends after a time.
        await portal.RunCommandAsync(["create-admin", "grace", "grace@northwind.test"], "nine calm herons wade\n");
        var locked = await TryAsync(portal, Admin.Username, 5);
        Assert.Equal("This account is locked after 5 failed attempts. Ask a system administrator to unlock it.", locked);
        Assert.Equal(locked, await TryAsync(portal, "nobody-of-that-name", 5));

        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.GotoAsync("/login");
        await new Visitor(tab).EnterPasswordAsync(Admin.Email.ToUpperInvariant(), Admin.Password);
        Assert.Equal(locked, await tab.AlertAsync());

        var mails = new Mailbox(portal.PickupFolder);
        await mails.WaitForAsync(Admin.Email, "account-locked");
        Assert.Single(mails.Of(template: "account-locked"));

        Assert.Equal(0, (await portal.RunCommandAsync(["unlock", Admin.Username])).ExitCode);
        await tab.GotoAsync("/login");
        var person = new Visitor(tab);
        await person.SignInAsync(Admin.Username, Admin.Password);
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Home" }).WaitForAsync();
    }

    /// <summary>Red when the page shows the 15 minutes of the last administrator: a reader would know whose name it is.</summary>
    [Fact]
    public async Task The_last_administrator_reads_what_anybody_reads_and_the_mail_tells_the_quarter_of_an_hour()
    {
        await using var portal = await PortalProcess.StartAsync();
        var locked = await TryAsync(portal, Admin.Username, 5);
        Assert.Equal("This account is locked after 5 failed attempts. Ask a system administrator to unlock it.", locked);
        Assert.Equal(locked, await TryAsync(portal, "nobody-of-that-name", 5));
        var mail = await new Mailbox(portal.PickupFolder).WaitForAsync(Admin.Email, "account-locked");
        Assert.Contains("It opens again by itself on", mail.TextBody, StringComparison.Ordinal);
    }

    /// <summary>Enters wrong passwords until "locked" appears, and asserts that it appears with the last one and no earlier.</summary>
    private async Task<string> TryAsync(PortalProcess portal, string name, int tries)
    {
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var person = new Visitor(tab);
        await tab.GotoAsync("/login");
        var locked = tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Account locked" });
        for (var i = 1; i < tries; i++)
        {
            await person.EnterPasswordAsync(name, $"wrong {i}");
            // The answer has arrived when the field is emptied for the next try.
            await Assertions.Expect(tab.Page.GetByLabel("Password", new() { Exact = true })).ToHaveValueAsync("");
            Assert.Equal("The username or password is not right. Check both and try again.", await tab.AlertAsync());
        }
        await person.EnterPasswordAsync(name, "wrong at last");
        await locked.WaitForAsync();
        return await tab.AlertAsync();
    }
}

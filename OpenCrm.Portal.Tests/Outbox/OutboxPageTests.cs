using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Outbox;

/// <summary>
/// Failures of mail as people see them: on the page and in the banner, with a real SMTP server that refuses (docs/spec.md 7.2 and 7.3).
/// </summary>
public sealed class OutboxPageTests(Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    public static TheoryData<string> Refusals => ["temporary", "permanent", "down"];

    [Theory, MemberData(nameof(Refusals))]
    public async Task A_mail_that_is_refused_shows_why_and_Send_again_sends_it_while_the_page_is_open(string refusal)
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalHost.StartAsync(sink.Receives(new PortalSettings()), listens: true);
        var tab = await OpenAsync(portal, $"{PortalUrls.EmailTemplates}/lost-device-link");
        var page = tab.Page;
        await Expect(page.GetByText("getting out")).ToHaveCountAsync(0);
        if (refusal == "down") await sink.StopAsync();
        else await sink.AnswerAsync(refusal == "temporary" ? SmtpAnswer.Temporary : SmtpAnswer.Permanent);

        // The person who acts reads that it is done. The trouble of the mail server does not appear as an error.
        await tab.PressAsync("Send test to me");
        await page.GetByRole(AriaRole.Status).Filter(new() { HasText = "A test is on its way" }).First.WaitForAsync();
        await page.GetByText("1 email is not getting out yet; it is tried again.").WaitForAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the outbox" }).ClickAsync();

        var row = page.GetByRole(AriaRole.Table, new() { Name = "Outbox", Exact = true }).Locator("tbody tr").First;
        await Expect(row).ToContainTextAsync("Waiting");
        await Expect(row).ToContainTextAsync(refusal switch
        {
            "temporary" => "4.3.0 Try again later",
            "permanent" => "5.7.1 Not wanted",
            _ => "Connection refused"
        });
        await Expect(row).ToContainTextAsync("Tried once. Next try at ");
        await Expect(row).ToContainTextAsync(Admin.Email);
        await Expect(page.GetByText("Some emails are not getting out.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Waiting 1" })).ToBeVisibleAsync();
        await tab.SaveScreenshotAsync($"outbox-{refusal}");
        // Neither the drawn page nor a fresh load of it holds a secret.
        Assert.DoesNotMatch(Secrets, await page.ContentAsync());

        if (refusal == "down") await sink.StartAgainAsync();
        else await sink.AnswerAsync(SmtpAnswer.Accept);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Send again: Test: ") }).ClickAsync();
        await Expect(row).ToContainTextAsync("Sent");
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Send again") })).ToHaveCountAsync(0);
        await Expect(page.GetByText("Some emails are not getting out.")).ToHaveCountAsync(0);
        Assert.Equal("lost-device-link", Mailbox.Template(Assert.Single(sink.Mailbox.All())));
        await page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Home", Exact = true }).WaitForAsync();
        await Expect(page.GetByText("getting out")).ToHaveCountAsync(0);
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Without_a_mail_server_the_page_says_so_and_a_filter_stands_in_the_address()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await OpenAsync(portal, $"{PortalUrls.EmailTemplates}/test");
        var page = tab.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Outbox", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "No emails yet" }).WaitForAsync();
        await tab.PressAsync("Send me a test email");
        await page.GetByRole(AriaRole.Status).Filter(new() { HasText = $"A test is on its way to {Admin.Email}" }).First.WaitForAsync();
        Assert.StartsWith(
            "Test message from ",
            (await new Mailbox(portal.PickupFolder).WaitForAsync(Admin.Email, "test")).Subject,
            StringComparison.Ordinal);

        await Expect(page.GetByText("Nothing leaves this machine yet: no mail server is set up.")).ToBeVisibleAsync();
        await Expect(page.GetByText(portal.PickupFolder)).ToBeVisibleAsync();
        var rows = page.GetByRole(AriaRole.Table, new() { Name = "Outbox", Exact = true }).Locator("tbody tr:not([aria-hidden])");
        await Expect(rows).ToContainTextAsync(["Written to folder"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Failed 0" }).ClickAsync();
        await page.GetByText("No emails found").First.WaitForAsync();
        await Expect(page).ToHaveURLAsync(new Regex("state=failed"));
        await page.GoBackAsync();
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Newer", Exact = true })).ToBeDisabledAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Older", Exact = true })).ToBeDisabledAsync();
        await page.ReloadAsync();
        Assert.DoesNotMatch(Secrets, await page.ContentAsync());
        tab.Problems.AssertNone();
    }

    // The link of the sample, and words of the mail's body.
    private static readonly Regex Secrets = new("#sample|lost-device/confirm|Somebody, hopefully you|to see whether mail leaves");

    private async Task<PortalPage> OpenAsync(PortalHost portal, string address)
    {
        var tab = await browser.NewPageAsync(new Uri($"http://localhost:{portal.BaseAddress.Port}"));
        await tab.GotoAsync(address);
        await new Visitor(tab).SignInAsync(Admin.Username, Admin.Password);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Send test to me" }).WaitForAsync();
        return tab;
    }
}

using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.EmailTemplates;

/// <summary>The editor in a browser: an edited template arrives by SMTP.</summary>
public sealed class TemplateEditorBrowserTests(Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task What_is_edited_is_in_the_next_mail_that_arrives()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalHost.StartAsync(sink.Receives(new PortalSettings()), listens: true);
        var tab = await browser.OpenEditorAsync(portal, "forgotten-password");
        var page = tab.Page;

        await page.GetByLabel("Subject", new() { Exact = true }).FillAsync("Ours, ");
        // The chip is inserted at the caret, and the caret is behind it afterwards.
        await tab.PressAsync("recipient_name");
        await page.Keyboard.TypeAsync("!");
        await Expect(page.GetByLabel("Subject", new() { Exact = true })).ToHaveValueAsync("Ours, {{ recipient_name }}!");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Text" }).ClickAsync();
        var text = page.GetByLabel("Text body", new() { Exact = true });
        await page.GetByLabel("Write the text version myself").CheckAsync();
        await text.FillAsync("Edited in the browser.\n");
        await tab.PressAsync("link");
        await Expect(text).ToHaveValueAsync("Edited in the browser.\n{{ link }}");
        var preview = page.GetByRole(AriaRole.Region, new() { Name = "Preview" });
        await Expect(preview).ToContainTextAsync("Edited in the browser.\nhttp", new() { UseInnerText = true });
        await Expect(preview).ToContainTextAsync("Ours, ");
        await tab.PressAsync("Send test to me");
        var test = await sink.Mailbox.WaitForAsync(Admin.Email, "forgotten-password");
        Assert.StartsWith("Test: Ours, ", test.Subject, StringComparison.Ordinal);
        await tab.PressAsync("Save");
        await page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true })).ToBeDisabledAsync();

        var person = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await person.GotoAsync("/login/forgot-password");
        await person.FillAsync("Username or email", Admin.Username);
        await person.PressAsync("Send link");
        var mail = await sink.Mailbox.WaitForAsync(Admin.Email, "forgotten-password", count: 2);
        Assert.Matches("^Ours, .+!$", mail.Subject);
        Assert.StartsWith("Edited in the browser.", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal("/reset-password", Mailbox.Link(mail).AbsolutePath);
        Assert.All(sink.Envelopes, envelope => Assert.Equal([Admin.Email], envelope.To));
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    /// <summary>
    /// Somebody who can change where a mailed link is placed could send it anywhere, so saving asks for a fresh proof (docs/spec.md 3.5).
    /// </summary>
    [Fact]
    public async Task Ten_minutes_after_signing_in_a_template_with_a_link_is_saved_and_reset_only_by_who_proves_it_again()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.OpenEditorAsync(portal, "invitation");
        var page = tab.Page;
        await tab.FillAsync("Subject", "Welcome, a bit");
        portal.Advance(TimeSpan.FromMinutes(11));

        await tab.PressAsync("Save");
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Confirm it is you" });
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(page.GetByLabel("Subject", new() { Exact = true })).ToHaveValueAsync("Welcome, a bit");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true })).ToBeEnabledAsync();
        await tab.PressAsync("Save");
        await dialog.GetByLabel("Password", new() { Exact = true }).FillAsync("not my password");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Alert).WaitForAsync();
        await dialog.GetByLabel("Password", new() { Exact = true }).FillAsync(Admin.Password);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true })).ToBeDisabledAsync();

        portal.Advance(TimeSpan.FromMinutes(11));
        await tab.PressAsync("Reset to default");
        var question = page.GetByRole(AriaRole.Dialog);
        await question.GetByLabel("Password", new() { Exact = true }).FillAsync(Admin.Password);
        await question.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await Expect(question).ToHaveCountAsync(0);
        await Expect(page.GetByLabel("Subject", new() { Exact = true })).Not.ToHaveValueAsync("Welcome, a bit");
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Sixty_thousand_characters_are_saved_through_the_circuit_and_one_more_is_told_at_the_field()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.OpenEditorAsync(portal, "test");
        var page = tab.Page;
        // Each character takes three bytes on the wire: the largest message that is allowed.
        var full = string.Concat(Enumerable.Repeat("<p>„Ünïcödé”–€</p>\n", 60_000 / 19)).PadRight(60_000, '€');
        var html = page.GetByLabel("HTML body", new() { Exact = true });

        await PasteAsync(html, full);
        await page.GetByText("60,000 of 60,000 characters").WaitForAsync();
        await tab.PressAsync("Save");
        await page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await using (var work = await portal.BeginAsync())
            Assert.Equal(full, work.Query<MailTemplate>().Single().HtmlBody);

        // A whole file pasted by mistake: only so much of it is sent that it is known to be too long. The field keeps all of it, and the circuit
        // lives on.
        await PasteAsync(html, new string('x', 1_000_000));
        await tab.PressAsync("Save");
        await page.GetByText("61,000 characters are too many; up to 60,000 fit.").First.WaitForAsync();
        await Expect(html).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.Equal(1_000_000, await html.EvaluateAsync<int>("field => field.value.length"));
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Faults_stand_at_their_field_with_their_place_and_the_caret_goes_there()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.OpenEditorAsync(portal, "lost-device-link");
        var page = tab.Page;
        await page.GetByRole(AriaRole.Tab, new() { Name = "Text" }).ClickAsync();
        await page.GetByLabel("Write the text version myself").CheckAsync();
        await page.GetByLabel("Text body", new() { Exact = true }).FillAsync("nothing");
        await page.GetByRole(AriaRole.Tab, new() { Name = "HTML" }).ClickAsync();
        await page.GetByLabel("HTML body", new() { Exact = true }).FillAsync("one\ntwo {{ link }}\n{{ User.PasswordHash }}");

        await tab.PressAsync("Save");

        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "There is no field “User.PasswordHash”" })).ToBeVisibleAsync();
        await tab.PressAsync("Line 3, column 4");
        Assert.Equal(22, await page.EvaluateAsync<int>("document.activeElement.selectionStart"));
        await page.GetByRole(AriaRole.Tab, new() { Name = "Text" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Tabpanel, new() { Name = "Text" }).GetByText("The field “link” must be there")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel", Exact = true }).ClickAsync();
        await Expect(page.GetByLabel("Text body", new() { Exact = true })).ToHaveValueAsync("nothing");
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task The_second_of_two_is_told_sees_the_first_ones_text_and_loses_nothing()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var first = await browser.OpenEditorAsync(portal, "test");
        var second = await first.NewTabAsync();
        await second.GotoAsync($"{PortalUrls.EmailTemplates}/test");
        var subject = second.Page.GetByLabel("Subject", new() { Exact = true });
        await subject.FillAsync("Mine");

        await first.Page.GetByLabel("Subject", new() { Exact = true }).FillAsync("Theirs");
        await first.Page.GetByRole(AriaRole.Tab, new() { Name = "Text" }).ClickAsync();
        await first.Page.GetByLabel("Write the text version myself").CheckAsync();
        await first.Page.GetByLabel("Text body", new() { Exact = true }).FillAsync("Their text");
        await first.PressAsync("Save");
        await first.Page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await second.PressAsync("Save");

        await second.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "saved this template at" }).WaitForAsync();
        await Expect(subject).ToHaveValueAsync("Mine");
        await second.Page.GetByText(new Regex("^What .+ wrote here$")).First.ClickAsync();
        await Expect(second.Page.Locator(".theirs pre").First).ToHaveTextAsync("Theirs");
        await second.SaveScreenshotAsync("email-template-saved-meanwhile");
        // Fields that were not touched here take the other administrator's text; those that were are saved over it.
        await second.PressAsync("Save");
        await second.Page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();
        await using (var work = await portal.BeginAsync())
        {
            var stored = work.Query<MailTemplate>().Single();
            Assert.Equal(("Mine", "Their text", 2), (stored.Subject, stored.TextBody, stored.Version));
        }

        await second.PressAsync("History");
        // Two versions of the same minute: what each changed, and the seconds, tell them apart.
        var versions = second.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Listitem);
        await Expect(versions.First).ToContainTextAsync("Changed: Subject");
        await Expect(versions.Last).ToContainTextAsync("Changed: Subject, Text body");
        await Expect(versions.Last.Locator("time")).ToHaveAttributeAsync("title", new Regex(@"\d:\d\d:\d\d.* \(UTC.*\)$"));
        await second.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { NameRegex = new("^Restore the version of ") }).ClickAsync();
        await second.Page.GetByText("Restored", new() { Exact = true }).First.WaitForAsync();
        await Expect(subject).ToHaveValueAsync("Theirs");
        await second.PressAsync("Reset to default");
        await second.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await Expect(subject).ToHaveValueAsync("Test message from {{ company_name }}");
        second.Problems.AssertNone();
    }

    [Fact]
    public async Task The_text_follows_the_HTML_until_somebody_writes_it()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.OpenEditorAsync(portal, "test");
        var page = tab.Page;
        var (text, tick) = (page.GetByLabel("Text body", new() { Exact = true }), page.GetByLabel("Write the text version myself"));
        var save = page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true });
        await page.GetByLabel("HTML body", new() { Exact = true }).FillAsync("<h1>Hi {{ recipient_name }}</h1><p>It <b>works</b>.</p>");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Text" }).ClickAsync();

        await Expect(text).ToHaveValueAsync("Hi {{ recipient_name }}\n\nIt works.");
        await Expect(text).Not.ToBeEditableAsync();
        // A field goes where somebody writes, not into what is only shown.
        await text.FocusAsync();
        await tab.PressAsync("at");
        await Expect(text).ToHaveValueAsync("Hi {{ recipient_name }}\n\nIt works.");
        await Expect(tick).Not.ToBeCheckedAsync();
        var preview = page.GetByRole(AriaRole.Region, new() { Name = "Preview" });
        await Expect(preview).ToContainTextAsync("It works.\n\n--", new() { UseInnerText = true });
        await tab.SaveScreenshotAsync("email-template-text-made");
        await tick.CheckAsync();
        await Expect(text).ToBeEditableAsync();
        await Expect(text).ToHaveValueAsync("Hi {{ recipient_name }}\n\nIt works.");
        await text.FillAsync("By hand");
        await tick.UncheckAsync();
        await Expect(text).ToHaveValueAsync("Hi {{ recipient_name }}\n\nIt works.");
        // A tick that was taken away by mistake loses nothing.
        await tick.CheckAsync();
        await Expect(text).ToHaveValueAsync("By hand");
        await tab.AssertNoViolationAsync("the template editor with the text by hand");
        await tab.PressAsync("Save");
        await Expect(save).ToBeDisabledAsync();
        await tab.GotoAsync($"{PortalUrls.EmailTemplates}/test");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Text" }).ClickAsync();
        await Expect(tick).ToBeCheckedAsync();
        await Expect(text).ToHaveValueAsync("By hand");
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Each_language_of_a_template_is_edited_by_itself_and_nothing_typed_is_lost_between_them()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.OpenEditorAsync(portal, "test");
        var page = tab.Page;
        var subject = page.GetByLabel("Subject", new() { Exact = true });
        var languages = page.GetByRole(AriaRole.Group, new() { Name = "Language", Exact = true });
        await Expect(languages.GetByRole(AriaRole.Button, new() { Name = "English", Pressed = true })).ToBeVisibleAsync();

        await tab.PressAsync("Deutsch");
        await Expect(subject).ToHaveValueAsync("Testnachricht von {{ company_name }}");
        await tab.WaitForAddressAsync("/test?language=de");
        var preview = page.GetByRole(AriaRole.Region, new() { Name = "Preview" });
        await Expect(preview.FrameLocator("iframe").Locator("h1")).ToHaveTextAsync("Der E-Mail-Versand funktioniert");

        await subject.FillAsync("Unser Test");
        await tab.PressAsync("English");
        var question = page.GetByRole(AriaRole.Dialog);
        await question.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(subject).ToHaveValueAsync("Unser Test");
        await Expect(languages.GetByRole(AriaRole.Button, new() { Name = "Deutsch", Pressed = true })).ToBeVisibleAsync();
        await tab.PressAsync("Save");
        await page.GetByText("Saved", new() { Exact = true }).First.WaitForAsync();

        await tab.PressAsync("English");
        await Expect(subject).ToHaveValueAsync("Test message from {{ company_name }}");
        // Left with something typed: the other language is shown, and the next one asks again.
        foreach (var (to, shown) in new[] { ("Deutsch", "Unser Test"), ("English", "Test message from {{ company_name }}") })
        {
            await subject.FillAsync("Not saved");
            await tab.PressAsync(to);
            await question.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
            await Expect(subject).ToHaveValueAsync(shown);
        }
        await page.GoBackAsync();
        await Expect(subject).ToHaveValueAsync("Unser Test");
        await tab.SaveScreenshotAsync("template-languages");
        await page.GetByRole(AriaRole.Link, new() { Name = "Email Templates" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Test message from" })).ToContainTextAsync("Deutsch: Changed");
        await tab.SaveScreenshotAsync("templates-languages");
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    /// <summary>Sets the whole text at once: typing it takes a browser on a busy machine minutes.</summary>
    private static async Task PasteAsync(ILocator field, string text) =>
        await field.EvaluateAsync("(field, text) => { field.value = text; field.dispatchEvent(new Event('input', { bubbles: true })); }", text);
}

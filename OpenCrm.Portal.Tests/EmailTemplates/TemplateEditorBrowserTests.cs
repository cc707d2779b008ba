using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.EmailTemplates;

/// <summary>The editor in a browser: an edited template arrives by SMTP, and a preview runs nothing (case A20 of docs/threats.md).</summary>
public sealed class TemplateEditorBrowserTests(Browser browser)
{
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;

    [Fact]
    public async Task What_is_edited_is_in_the_next_mail_that_arrives()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalHost.StartAsync(sink.Receives(new PortalSettings()), listens: true);
        var tab = await OpenAsync(portal, "forgotten-password");
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

        var person = await browser.NewPageAsync(Address(portal));
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
        var tab = await OpenAsync(portal, "invitation");
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
        var tab = await OpenAsync(portal, "test");
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
        var tab = await OpenAsync(portal, "lost-device-link");
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
        var first = await OpenAsync(portal, "test");
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
        var tab = await OpenAsync(portal, "test");
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
    public async Task The_preview_shows_the_mail_wide_and_narrow_light_and_dark_whatever_the_theme_of_the_page()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await OpenAsync(portal, "account-locked");
        var page = tab.Page;
        var preview = page.GetByRole(AriaRole.Region, new() { Name = "Preview" });
        var frame = preview.Locator("iframe");
        var card = preview.FrameLocator("iframe").Locator(".frame-card");
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            foreach (var (colors, background) in new[] { ("Dark", "rgb(26, 32, 45)"), ("Light", "rgb(255, 255, 255)") })
            {
                await tab.PressAsync(colors);
                foreach (var (width, pixels) in new[] { ("Phone width", 360), ("Desktop width", 600) })
                {
                    await tab.PressAsync(width);
                    await Expect(preview.GetByRole(AriaRole.Button, new() { Name = width })).ToHaveAttributeAsync("aria-pressed", "true");
                    await Expect(frame).ToHaveCSSAsync("width", $"{pixels}px");
                    await Expect(card).ToHaveCSSAsync("background-color", background);
                    await tab.SaveScreenshotAsync($"email-template-preview-{scheme}-{colors}-{pixels}");
                }
            }
        }
        await tab.AssertNoViolationAsync("the template editor");
        tab.Problems.AssertNone();
    }

    public static TheoryData<string> Hostile =>
    [
        "<script>parent.hit = 1; top.hit = 1; alert(1); fetch('/health/live')</script>",
        "<img src=x onerror=\"alert(1); parent.hit = 1\"><img src=/favicon.svg><img src=https://evil.test/x.png srcset=/OpenCrm.Portal.styles.css>",
        "<svg onload=alert(1)><image href=/favicon.svg /></svg><iframe src=/login></iframe><object data=/login></object><embed src=/login>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe><video src=/x autoplay poster=/y></video><audio src=/x autoplay></audio>",
        "<form action=/session method=post id=f><input autofocus onfocus=f.submit()><button>x</button></form>"
            + "<style>@import url(/OpenCrm.Portal.styles.css); body { background: url(/favicon.svg) }</style>",
        "<meta http-equiv=refresh content='0;url=/login'><base href=https://evil.test/><link rel=stylesheet href=/OpenCrm.Portal.styles.css>"
            + "<link rel=prefetch href=/login><link rel=preload as=script href=/start.js>",
        "<a href='javascript:alert(1)' id=l autofocus onfocus=alert(1)>x</a><details open ontoggle=alert(1)>x</details>"
            + "<marquee onstart=alert(1)>x</marquee>",
        "</td></table></body></html><script src=/start.js></script><script type=module>import '/start.js'</script>",
        "<math><mtext><table><mglyph><style><img src=/favicon.svg onerror=alert(1)></style></mglyph></table></mtext></math>"
            + "<noscript><p title=\"</noscript><img src=/favicon.svg onerror=alert(1)>\">",
    ];

    /// <summary>
    /// The page's content security policy already stops scripts, so the preview frame is watched from outside: no dialog, no request, no new address.
    /// </summary>
    [Theory, MemberData(nameof(Hostile))]
    public async Task A_preview_runs_loads_submits_and_opens_nothing(string html)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await OpenAsync(portal, "test");
        var page = tab.Page;
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Preview" }).Locator("iframe")).ToHaveAttributeAsync("sandbox", "");
        // The page's own script for the colours is there.
        await page.Locator("#panel-html .source[data-coloured]").WaitForAsync();
        List<string> seen = [];
        page.Dialog += (_, dialog) =>
        {
            seen.Add($"dialog {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        ConcurrentQueue<IRequest> told = new();
        page.Context.Request += (_, request) =>
        {
            // Playwright reports the frame's own document as a request, but it is none.
            if (request.Url is not ("about:srcdoc" or "about:blank")) told.Enqueue(request);
        };
        page.Context.Page += (_, other) => seen.Add($"page {other.Url}");

        await page.GetByLabel("HTML body", new() { Exact = true }).FillAsync($"<p>before</p>{html}<p>after 4711</p>");
        await Expect(page.Locator("iframe[srcdoc*='4711']")).ToBeVisibleAsync();
        await page.GetByLabel("Subject", new() { Exact = true }).FillAsync("Drawn a second time");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Preview" })).ToContainTextAsync("Drawn a second time");
        await Expect(page.FrameLocator("iframe[srcdoc*='4711']").GetByText("before", new() { Exact = true })).ToBeVisibleAsync();

        Assert.Empty(seen);
        // Sometimes Playwright reports a request that the policy stopped before it left the browser. Only such a request fails with "csp".
        await Eventually.TrueAsync(() => told.All(request => request.Failure == "csp"), "no request left the browser");
        Assert.Null(await page.EvaluateAsync<int?>("window.hit ?? null"));
        Assert.EndsWith($"{PortalUrls.EmailTemplates}/test", page.Url, StringComparison.Ordinal);
        tab.Circuit.AssertOneSocketOneLoad();
        // Saving it is refused as well.
        await tab.PressAsync("Save");
        await page.GetByText(new Regex("may not stand in an email")).First.WaitForAsync();
    }

    /// <summary>Sets the whole text at once: typing it takes a browser on a busy machine minutes.</summary>
    private static async Task PasteAsync(ILocator field, string text) =>
        await field.EvaluateAsync("(field, text) => { field.value = text; field.dispatchEvent(new Event('input', { bubbles: true })); }", text);

    private static Uri Address(PortalHost portal) => new($"http://localhost:{portal.BaseAddress.Port}");

    [Fact]
    public async Task Each_language_of_a_template_is_edited_by_itself_and_nothing_typed_is_lost_between_them()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await OpenAsync(portal, "test");
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

    private async Task<PortalPage> OpenAsync(PortalHost portal, string key)
    {
        var tab = await browser.NewPageAsync(Address(portal));
        await tab.GotoAsync($"{PortalUrls.EmailTemplates}/{key}");
        await new Visitor(tab).SignInAsync(Admin.Username, Admin.Password);
        await tab.Page.GetByLabel("Subject", new() { Exact = true }).WaitForAsync();
        return tab;
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>
/// A translator replaces each text of a page with elements of its own, although the pages ask not to be translated. Changes still have to show, and
/// nothing may break.
/// </summary>
public sealed class TranslatedPagesTests(Browser browser)
{
    /// <summary>
    /// Replaces texts as Chromium's translator and those of extensions do, removing and inserting in either order, at first and whenever the page
    /// changes.
    /// </summary>
    private const string Translator =
        """
        (way) => {
            const translate = (node) => {
                if (node.nodeType === Node.ELEMENT_NODE) { [...node.childNodes].forEach(translate); return; }
                if (node.nodeType !== Node.TEXT_NODE || !node.isConnected || !node.data.trim()
                    || node.parentElement.closest('font, script, style, textarea, noscript')) return;
                const outer = document.createElement('font'), inner = document.createElement('font');
                outer.append(inner);
                inner.textContent = `«${node.data}»`;
                if (way === 'exchanged') node.parentNode.replaceChild(outer, node);
                else { node.parentNode.insertBefore(outer, node.nextSibling); node.remove(); }
            };
            translate(document.body);
            document.title = `«${document.title}»`;
            new MutationObserver(changes => changes.forEach(change =>
                change.type === 'characterData' ? translate(change.target) : change.addedNodes.forEach(translate)))
                .observe(document.body, { subtree: true, childList: true, characterData: true });
        }
        """;

    [Fact]
    public async Task Pages_ask_not_to_be_translated()
    {
        await using var portal = await PortalHost.StartAsync();
        var page = await portal.CreateClient().GetStringAsync("/login");
        Assert.Matches("<html [^>]*translate=\"no\"[^>]*class=\"notranslate\"", page);
        Assert.Contains("<body translate=\"no\" class=\"notranslate\">", page, StringComparison.Ordinal);
        Assert.Contains("<meta name=\"google\" content=\"notranslate\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exchanged")]
    [InlineData("put beside")]
    public async Task Whatever_changes_in_place_is_shown_on_a_page_that_was_translated_all_the_same(string way)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        var bob = await portal.AddPersonAsync("bob", enrolled: true);
        for (var n = 0; n < 3; n++) await portal.AddPersonAsync($"carl{n}");
        var tab = await browser.SignedInAsync(portal, ann, PortalUrls.Users);
        var page = tab.Page;
        var active = page.Locator(".chip").Filter(new() { HasText = "Active" }).First;
        await Expect(active).ToContainTextAsync("6");
        await page.EvaluateAsync(Translator, way);
        await Expect(active).ToContainTextAsync("«6»");

        // The user list: the counts on the chips, the line under the table, the title.
        await page.GetByRole(AriaRole.Searchbox).FillAsync("carl");
        await Expect(active).ToContainTextAsync("3");
        await Expect(active).Not.ToContainTextAsync("6");
        await Expect(page.Locator(".pager > span")).ToContainTextAsync("3 of 3");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("bob");
        await Expect(active).ToContainTextAsync("1");
        await page.Locator("tbody a").First.ClickAsync();

        // The user record.
        await Expect(page.Locator("h1")).ToContainTextAsync("bob");
        await Expect(page).ToHaveTitleAsync(new Regex("bob"));
        await Expect(Fact(page, "Status")).ToContainTextAsync("Active");
        await DoAsync(page, "Lock");
        await Expect(Fact(page, "Status")).ToContainTextAsync("Locked");
        await Expect(Fact(page, "Status")).Not.ToContainTextAsync("Active");
        await DoAsync(page, "Unlock");
        await Expect(Fact(page, "Status")).ToContainTextAsync("Active");
        await Expect(Fact(page, "Status")).Not.ToContainTextAsync("Locked");
        await Expect(Fact(page, "MFA Enabled")).ToContainTextAsync("Yes");
        await DoAsync(page, "Disable MFA");
        await Expect(Fact(page, "MFA Enabled")).ToContainTextAsync("No");
        await Expect(Fact(page, "MFA Enabled")).Not.ToContainTextAsync("Yes");

        // Additional Settings: one change, two changes, saved.
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("Additional Settings") }).First.ClickAsync();
        var foot = page.Locator("#security .card__foot");
        await page.Locator("#security input.input").First.FillAsync("9");
        await Expect(foot).ToContainTextAsync("1 unsaved change");
        await page.Locator("#security input.input").Nth(1).FillAsync("7");
        await Expect(foot).ToContainTextAsync("2 unsaved changes");
        await foot.GetByRole(AriaRole.Button, new() { NameRegex = new("Save") }).ClickAsync();
        await Expect(foot).ToContainTextAsync("Saved by ann");
        await Expect(foot).Not.ToContainTextAsync("unsaved");

        // The outbox.
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("Outbox") }).First.ClickAsync();
        var written = page.Locator(".chip").Filter(new() { HasText = "Written to folder" });
        await Expect(written).ToContainTextAsync(new Regex(@"«?\d+"));
        var before = int.Parse(Regex.Match(await written.InnerTextAsync(), @"\d+").Value, CultureInfo.InvariantCulture);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("Send me a test email") }).ClickAsync();
        await Expect(written).ToContainTextAsync($"{before + 1}");
        await Expect(written).Not.ToContainTextAsync($"«{before}»");

        Assert.Equal("up", await page.Locator("html").GetAttributeAsync("data-circuit"));
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();
    }

    [Theory]
    [InlineData("exchanged")]
    [InlineData("put beside")]
    public async Task Signing_in_goes_on_through_wrong_answers_on_a_page_that_was_translated_all_the_same(string way)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var bob = await portal.AddPersonAsync("bob", enrolled: true);
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync("/login");
        var page = tab.Page;
        await page.EvaluateAsync(Translator, way);

        await SubmitAsync(page, ("username", "bob"), ("password", "not the password"));
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("not right");
        await SubmitAsync(page, ("username", "bob"), ("password", ""));
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("Enter your password");
        await SubmitAsync(page, ("username", "bob"), ("password", bob.Password));
        await page.Locator("input[name=code]").WaitForAsync();
        await SubmitAsync(page, ("code", "000000"));
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("every 30 seconds");
        await SubmitAsync(page, ("code", ""));
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("six digits");
        await Expect(page.GetByRole(AriaRole.Alert).First).Not.ToContainTextAsync("every 30 seconds");
        await SubmitAsync(page, ("code", await Oathtool.CodeAsync(bob.Secret!, portal.Now)));
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("Account menu") }).WaitForAsync();
        Assert.Equal("up", await page.Locator("html").GetAttributeAsync("data-circuit"));
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task What_a_translator_takes_back_reads_as_before()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync("/login");
        var before = await tab.Page.Locator("main").InnerTextAsync();
        await tab.Page.EvaluateAsync(Translator, "exchanged");
        await Expect(tab.Page.Locator("h1")).ToHaveTextAsync("«Sign in»");
        await tab.Page.EvaluateAsync("() => document.querySelectorAll('body font > font').forEach(inner => inner.parentNode.remove())");
        await Expect(tab.Page.Locator("h1")).ToContainTextAsync("Sign in");
        Assert.Equal(
            before.Replace("\n", "", StringComparison.Ordinal),
            (await tab.Page.Locator("main").InnerTextAsync())
                .Replace("\n", "", StringComparison.Ordinal)
                .Replace("«", "", StringComparison.Ordinal)
                .Replace("»", "", StringComparison.Ordinal));
    }

    private static ILocator Fact(IPage page, string name) =>
        page.Locator(".facts > div").Filter(new() { Has = page.Locator("dt", new() { HasText = name }) }).Locator("dd");

    private static async Task DoAsync(IPage page, string button)
    {
        await page.Locator("main button").Filter(new() { HasTextRegex = new($"^\\s*«?{button}»?\\s*$") }).First.ClickAsync();
        var popup = page.GetByRole(AriaRole.Dialog);
        await popup.Locator("button[type=submit]").ClickAsync();
        await Expect(popup).ToHaveCountAsync(0);
    }

    private static async Task SubmitAsync(IPage page, params (string Field, string Value)[] values)
    {
        foreach (var (field, value) in values) await page.Locator($"input[name={field}]").FillAsync(value);
        await page.Locator("main button[type=submit]").ClickAsync();
    }
}

using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>Reading the help article: its contents follow, its search finds, and it prints, for people who are not signed in as well.</summary>
public sealed class HelpReadingTests(Browser browser)
{
    [Fact]
    public async Task The_contents_mark_the_place_and_the_search_finds_counts_and_goes_from_one_to_the_next()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        await tab.GotoAsync("/help/mfa#lost-device");
        var contents = tab.Page.GetByRole(AriaRole.Navigation, new() { Name = "On this page" });
        var here = contents.Locator("[aria-current=location]");
        await Expect(here).ToHaveTextAsync("Your device is lost, broken or at home");
        await tab.Page.Locator("#everyone").EvaluateAsync("part => part.scrollIntoView()");
        await Expect(here).ToHaveTextAsync("The switch for everyone");
        await contents.GetByRole(AriaRole.Link, new() { Name = "When an account locks" }).ClickAsync();
        await Expect(here).ToHaveTextAsync("When an account locks");
        Assert.EndsWith("/help/mfa#locks", tab.Page.Url, StringComparison.Ordinal);

        var search = tab.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Search this page" });
        var found = tab.Page.GetByRole(AriaRole.Search).GetByRole(AriaRole.Status);
        // Across a name that is marked, and with other blanks than on the page.
        await search.FillAsync("leads to  the block security");
        await Expect(found).ToHaveTextAsync("1 place found");
        await search.FillAsync("AUTOMATIC");
        await search.PressAsync("Enter");
        await Expect(tab.Page.GetByText("automatic date and time")).ToBeInViewportAsync();
        await search.FillAsync("user record");
        await Expect(found).ToHaveTextAsync(new Regex(@"^\d+ places found$"));
        await search.PressAsync("Enter");
        await Expect(found).ToHaveTextAsync(new Regex(@"^Place 1 of \d+: Set it up for yourself$"));
        await search.PressAsync("Shift+Enter");
        // Back from the first is the last.
        var said = (await found.InnerTextAsync()).Split(' ');
        Assert.Equal(said[3], said[1] + ":");
        await search.FillAsync("no such words");
        await Expect(found).ToHaveTextAsync("Nothing found. Try another word.");
        await search.PressAsync("Escape");
        await Expect(search).ToHaveValueAsync("");
        await Expect(found).ToHaveTextAsync("");
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Before_there_is_a_circuit_the_article_is_read_and_searched_too()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal));
        // The connection is never answered.
        await tab.Page.RouteAsync("**/_blazor/**", _ => Task.CompletedTask);
        await tab.Page.GotoAsync("/help/mfa");
        await tab.Page.Locator("#clock").EvaluateAsync("part => part.scrollIntoView()");
        await Expect(tab.Page.Locator("[aria-current=location]")).ToHaveTextAsync("The code is right and still refused");
        await tab.Page.GetByRole(AriaRole.Searchbox).FillAsync("authenticator");
        await Expect(tab.Page.GetByRole(AriaRole.Search).GetByRole(AriaRole.Status)).ToContainTextAsync("places found");
    }

    [Fact]
    public async Task On_paper_stands_the_article_alone_signed_in_as_well()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.SignedInAsync(portal, await portal.AddPersonAsync("ann", administrator: true), "/");
        await tab.GotoAsync("/help/mfa");
        await tab.Page.GetByRole(AriaRole.Radiogroup).WaitForAsync();
        await tab.Page.EmulateMediaAsync(new() { Media = Media.Print });
        foreach (var gone in new[] { ".appbar", ".drawer", ".help-aside", ".help-rate", ".help-ratings" })
            await Expect(tab.Page.Locator(gone)).ToBeHiddenAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Set it up for yourself" })).ToBeVisibleAsync();
        // Neither a picture nor anything else is wider than the paper.
        await tab.Page.SetViewportSizeAsync(718, 1000);
        Assert.True(await tab.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= 718"));
    }

    [Fact]
    public async Task Whoever_has_no_device_reads_how_to_go_on_before_signing_in_and_rates_only_afterwards()
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal), Browser.Phone, options: context => context.Locale = "de-DE");
        await tab.GotoAsync("/login/lost-device");
        await tab.GotoAsync((await tab.Page.Locator("a.help-link").GetAttributeAsync("href"))!);
        await Expect(tab.Page.Locator("#lost-device h2")).ToBeInViewportAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Navigation, new() { Name = "Auf dieser Seite" })).ToBeAttachedAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Radiogroup)).ToHaveCountAsync(0);
        var picture = tab.Page.Locator("#lost-device img").First;
        await picture.ScrollIntoViewIfNeededAsync();
        await picture.EvaluateAsync("picture => picture.decode()");
        Assert.Contains("/help/de/", await picture.EvaluateAsync<string>("picture => picture.currentSrc"), StringComparison.Ordinal);
        tab.Problems.AssertNone();
    }
}

using Microsoft.Playwright;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Configuration;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>
/// The connection goes and comes back: a cut line, a sleeping laptop, a proxy's 502, a portal that was started anew. The note about it goes away by
/// itself, and what was typed is still there, for the same person and nobody else (docs/threats.md I7).
/// </summary>
public sealed class LostConnectionTests(Browser browser) : IAsyncLifetime
{
    private const string Template = PortalUrls.EmailTemplates + "/invitation";
    private static readonly SetupAdministrator Admin = PortalSettings.FirstAdministrator;
    private const string SavedMeanwhile = "Somebody saved something else meanwhile";

    private readonly CuttableProxy _line = new(0);
    private readonly string _data = Reaper.NewFolder("data");
    private SettingsPortal? _portal;

    private PortalSettings Settings => new() { DataFolder = _data, PublicUrl = _line.Address.ToString().TrimEnd('/') };

    public async ValueTask InitializeAsync()
    {
        if (!Needs.OnlyWhatIsQuick) await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_portal is not null) await _portal.DisposeAsync();
        await _line.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task After_three_seconds_without_a_line_everything_goes_on_where_it_was()
    {
        var (tab, _) = await SignedInAsync(Template);
        await tab.FillAsync("Subject", "Before");
        await tab.Page.GetByText("Unsaved changes").WaitForAsync();
        var cut = _line.CutForAsync(TimeSpan.FromSeconds(3));
        await tab.WaitForLostCircuitAsync();
        await Lost(tab).WaitForAsync();
        await Assertions.Expect(Lost(tab)).ToHaveAttributeAsync("aria-modal", "false");

        // Typed and ticked meanwhile, and a Save that is held back: it could reach nobody.
        await tab.FillAsync("Subject", "Before and meanwhile");
        await tab.PressAsync("Save");
        await Assertions.Expect(Lost(tab).GetByRole(AriaRole.Button, new() { Name = "Try now" })).ToBeFocusedAsync();

        await cut;
        await tab.WaitForCircuitAsync();
        await Assertions.Expect(tab.Page.Locator("#reconnect")).ToBeHiddenAsync();
        await Assertions.Expect(tab.Page.GetByLabel("Subject")).ToHaveValueAsync("Before and meanwhile");
        Assert.Single(tab.Circuit.Loads);
        await tab.PressAsync("Save");
        Assert.Contains("Saved", await tab.StatusAsync(), StringComparison.Ordinal);
        await NothingKeptAsync(tab);
    }

    [Fact]
    public async Task A_portal_that_was_started_anew_behind_a_502_finds_the_page_again_and_what_was_typed()
    {
        var (tab, person) = await SignedInAsync(Template);
        await tab.FillAsync("Subject", "Half written");
        await tab.Page.GetByRole(AriaRole.Tab, new() { Name = "Text", Exact = true }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Write the text version myself" }).CheckAsync();
        await tab.FillAsync("Text body", "By hand: {{ link }}");
        await Assertions.Expect(tab.Page.GetByLabel("Text body")).ToHaveAttributeAsync("data-changed", "");
        // What is not kept yet is asked for before the page is loaded again.
        await KeptAsync(tab, "By hand");

        await RestartAsync();

        await Note(tab).WaitForAsync();
        await Assertions.Expect(Note(tab).GetByText(SavedMeanwhile)).ToBeHiddenAsync();
        await Assertions.Expect(tab.Page.GetByLabel("Subject")).ToHaveValueAsync("Half written");
        await Assertions.Expect(tab.Page.GetByLabel("Text body")).ToHaveValueAsync("By hand: {{ link }}");
        await Assertions.Expect(person.AccountMenu).ToBeVisibleAsync();
        await Assertions.Expect(tab.Page.Locator("#reconnect")).ToBeHiddenAsync();

        // Discarded: as it is stored. Typed again and saved: the circuit has it, and nothing stays behind.
        await Note(tab).GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        await Assertions.Expect(Note(tab)).ToHaveCountAsync(0);
        await Assertions.Expect(tab.Page.GetByText("Unsaved changes")).ToHaveCountAsync(0);
        await NothingKeptAsync(tab);
        await tab.FillAsync("Subject", "Written");
        await KeptAsync(tab, "Written");
        // Another administrator saves meanwhile: whoever saves over it is told first.
        await SaveAsAnotherAsync("Theirs");
        await RestartAsync();
        await Note(tab).GetByText(SavedMeanwhile).WaitForAsync();
        await tab.PressAsync("Save");
        Assert.Contains("Saved", await tab.StatusAsync(), StringComparison.Ordinal);
        await Assertions.Expect(Note(tab)).ToHaveCountAsync(0);
        await NothingKeptAsync(tab);
    }

    [Fact]
    public async Task Whoever_has_to_sign_in_again_finds_it_and_the_next_person_in_the_same_tab_does_not()
    {
        var (tab, person) = await SignedInAsync(PortalUrls.AdditionalSettings);
        await _portal!.AddUserAsync("Bo Next");
        await tab.FillAsync("Company name", "Northwind");
        await KeptAsync(tab, "Northwind");

        await RestartAsync(TimeSpan.FromHours(1));

        var again = tab.Page.GetByRole(AriaRole.Dialog, new() { Name = "Sign in again to go on" });
        await again.GetByLabel("Password", new() { Exact = true }).FillAsync(Admin.Password);
        await again.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Note(tab).WaitForAsync();
        await Assertions.Expect(tab.Page.GetByLabel("Company name")).ToHaveValueAsync("Northwind");

        // A session that ended meanwhile, for a page that was away.
        _line.Cut();
        await tab.WaitForLostCircuitAsync();
        await RestartAsync(TimeSpan.FromHours(25));
        await tab.Page.GetByLabel("Username or email").WaitForAsync();
        await tab.WaitForCircuitAsync();
        await NothingKeptAsync(tab);
        await person.SignInAsync("bo.next", SettingsPortal.Password);
        await tab.Page.GetByLabel("Company name").WaitForAsync();
        await Assertions.Expect(tab.Page.GetByLabel("Company name")).Not.ToHaveValueAsync("Northwind");

        // Signed out.
        await tab.FillAsync("Company name", "Southwind");
        await KeptAsync(tab, "Southwind");
        await tab.Page.GetByRole(AriaRole.Region, new() { Name = "General" }).GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        await NothingKeptAsync(tab);
        await tab.FillAsync("Company name", "Southwind");
        await KeptAsync(tab, "Southwind");
        await person.AccountMenu.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Sign out" }).ClickAsync();
        var leave = tab.Page.GetByRole(AriaRole.Dialog);
        await tab.Page.GetByLabel("Username or email").Or(leave).First.WaitForAsync();
        if (await leave.IsVisibleAsync()) await leave.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await tab.Page.GetByLabel("Username or email").WaitForAsync();
        await NothingKeptAsync(tab);
    }

    [Fact]
    public async Task No_password_code_or_key_is_ever_kept()
    {
        var (tab, person) = await SignedInAsync(PortalUrls.Account);
        await tab.PressAsync("Change password");
        await TypeEverywhereAsync(tab);
        await tab.PressAsync("Cancel");
        await tab.Page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await person.SwitchMfaOnAsync();
        await person.OpenOwnRecordAsync();
        await person.ScanAsync();
        await tab.PressAsync("Next");
        await TypeEverywhereAsync(tab);
        await tab.GotoAsync(PortalUrls.NewUser);
        await tab.FillAsync("Name", "Kept Name");
        await KeptAsync(tab, "Kept Name");
        foreach (var field in await tab.Page.Locator("[data-draft]").AllAsync())
        {
            Assert.NotEqual("password", await field.GetAttributeAsync("type"));
            Assert.DoesNotMatch("password|code", await field.GetAttributeAsync("autocomplete") ?? "");
        }
        await tab.Context.ClearCookiesAsync();
        await tab.GotoAsync(PortalUrls.SignIn);
        // Signed out, nobody's drafts are kept at all.
        await TypeEverywhereAsync(tab, signedIn: false);
        await NothingKeptAsync(tab);
    }

    /// <summary>Types into each field of the page, shows what is hidden, and looks at what the browser keeps.</summary>
    private static async Task TypeEverywhereAsync(PortalPage tab, bool signedIn = true)
    {
        var fields = tab.Page.Locator("input:visible:not([type=checkbox]):not([type=radio])");
        await fields.First.WaitForAsync();
        foreach (var show in await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Show characters" }).AllAsync()) await show.ClickAsync();
        foreach (var field in await fields.AllAsync())
            if (await field.IsEditableAsync()) await field.FillAsync("482915");
        if (signedIn) await TypeDraftAsync(tab);
        Assert.DoesNotContain("482915", await KeptAsync(tab), StringComparison.Ordinal);
    }

    /// <summary>
    /// Types into a field of the test's own that asks to be kept, and waits until it is: the script keeps all that was typed at once, so whatever
    /// else it keeps of this page is there too.
    /// </summary>
    private static async Task TypeDraftAsync(PortalPage tab)
    {
        await tab.Page.EvaluateAsync(
            """
            () => {
              const field = document.createElement('input');
              field.dataset.draft = field.id = 'draft-of-the-test';
              (document.querySelector('dialog[open][role=dialog]') ?? document.querySelector('main')).append(field);
            }
            """);
        await tab.Page.Locator("#draft-of-the-test").FillAsync("kept by the test");
        await KeptAsync(tab, "kept by the test");
        await tab.Page.EvaluateAsync("document.getElementById('draft-of-the-test').remove()");
    }

    private static Task<string> KeptAsync(PortalPage tab) =>
        tab.Page.EvaluateAsync<string>("JSON.stringify(Object.entries(sessionStorage)) + JSON.stringify(Object.entries(localStorage))");

    private static Task KeptAsync(PortalPage tab, string text) =>
        Eventually.TrueAsync(async () => (await KeptAsync(tab)).Contains(text, StringComparison.Ordinal), $"{text} is kept");

    private static Task NothingKeptAsync(PortalPage tab) =>
        Eventually.TrueAsync(async () => !(await KeptAsync(tab)).Contains("drafts", StringComparison.Ordinal), "nothing is kept");

    private static ILocator Lost(PortalPage tab) => tab.Page.GetByRole(AriaRole.Dialog, new() { Name = "Connection lost" });

    private static ILocator Note(PortalPage tab) =>
        tab.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "before the connection was lost is back" });

    private async Task<(PortalPage Tab, Visitor Person)> SignedInAsync(string address)
    {
        var tab = await browser.NewPageAsync(_line.Address);
        await tab.GotoAsync(address);
        var person = new Visitor(tab);
        await person.SignInAsync(Admin.Username, Admin.Password);
        return (tab, person);
    }

    private async Task SaveAsAnotherAsync(string subject)
    {
        await using var work = await _portal!.Host.BeginAsync();
        work.Add(new MailTemplate
        {
            Key = TemplateCatalogue.Invitation.Key,
            Subject = subject,
            HtmlBody = "<p><a href=\"{{ link }}\">{{ link }}</a></p>",
            TextBody = null,
            Version = 1,
            ChangedAt = work.Now,
            ChangedBy = "Bo Next",
        });
        await work.CommitAsync();
    }

    /// <summary>Ends the portal and starts it anew on the same data, while the proxy answers 502.</summary>
    /// <param name="later">How much later it is then.</param>
    private async Task RestartAsync(TimeSpan later = default)
    {
        _line.AnswersBadGateway = true;
        _line.Cut();
        _line.Restore();
        await _portal!.DisposeAsync();
        await StartAsync();
        _portal!.Host.Advance(later);
        _line.AnswersBadGateway = false;
    }

    private async Task StartAsync()
    {
        _portal = await SettingsPortal.StartAsync(Settings, listens: true);
        _line.PortalPort = _portal.Host.BaseAddress.Port;
    }
}

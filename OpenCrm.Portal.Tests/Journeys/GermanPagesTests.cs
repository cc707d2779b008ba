using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Tests.Credentials;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>Every page as a German reads it: all of its texts come from the resource files, and they fit on a desk and on a phone.</summary>
public sealed class GermanPagesTests(Browser browser)
{
    /// <summary>What a reader sees, with the names of elements for those who listen: texts, and the attributes that are read out or shown.</summary>
    private const string Seen =
        """
        () => {
            const found = [];
            let depth = 0;
            const take = (text, where) => {
                // What stands between marks comes from a text; what is put into it may be anything.
                let outside = '';
                for (const sign of text) {
                    if (sign === '⟦') depth++;
                    else if (sign === '⟧') depth--;
                    else if (depth === 0) outside += sign;
                }
                outside = outside.replace(/\s+/g, ' ').replace(/^[^\p{L}\p{N}{]+|[^\p{L}\p{N}}.]+$/gu, '');
                if (/\p{L}/u.test(outside)) found.push(`${outside} (${where})`);
            };
            const visit = node => {
                if (node.nodeType === Node.TEXT_NODE) { take(node.data, node.parentElement.localName); return; }
                if (node.nodeType !== Node.ELEMENT_NODE || node.matches('script, style, noscript, svg, time, code, textarea, iframe')) return;
                const before = depth;
                for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-label']) {
                    depth = 0;
                    if (node.hasAttribute(name)) take(node.getAttribute(name), `${node.localName}[${name}]`);
                }
                depth = before;
                node.childNodes.forEach(visit);
            };
            visit(document.body);
            depth = 0;
            take(document.title, 'title');
            return found;
        }
        """;

    /// <summary>What does not fit: a page that scrolls sideways, texts that are cut off, and buttons and links on top of one another.</summary>
    private const string Misfits =
        """
        () => {
            const found = [], root = document.documentElement;
            const name = e => `${e.localName}.${e.className} "${(e.innerText || e.value || '').trim().slice(0, 60)}"`;
            if (root.scrollWidth > root.clientWidth) {
                const wide = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1).slice(0, 3);
                found.push(`the page is ${root.scrollWidth} wide: ${wide.map(name).join('; ')}`);
            }
            const seen = e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getClientRects().length > 0;
            for (const e of document.querySelectorAll('body *')) {
                if (!seen(e) || e.closest('svg, .hidden, textarea, pre') || e.scrollWidth <= e.clientWidth + 1 || e.clientWidth <= 1) continue;
                const style = getComputedStyle(e);
                if (style.display === 'inline' || !['hidden', 'clip'].includes(style.overflowX) || e.closest('[title]')) continue;
                if (e.innerText?.trim()) found.push(`cut off: ${name(e)}`);
            }
            const open = [...document.querySelectorAll('dialog[open], [role=dialog]')].filter(seen).pop();
            const targets = [...(open ?? document.body).querySelectorAll('button, a.btn, select, input')]
                .filter(e => seen(e) && !e.closest('.hidden, .skip, .toolbar__search, .field--affix')
                    && !e.matches('.hidden, [type=checkbox], [type=radio]'))
                .map(e => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width > 2 && box.height > 2);
            targets.forEach(([a, one], i) => targets.slice(i + 1).forEach(([b, two]) => {
                if (a.contains(b) || b.contains(a)) return;
                const across = Math.min(one.right, two.right) - Math.max(one.left, two.left);
                const down = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
                const fixed = e => e.closest('.appbar, .drawer, [popover], .wizard__foot') !== null;
                if (across > 2 && down > 2 && fixed(a) === fixed(b)) found.push(`on top of one another: ${name(a)}, ${name(b)}`);
            }));
            return found;
        }
        """;

    /// <summary>What is no text of the portal: people, their data, and names of products. Months and days come from the culture.</summary>
    private static readonly Regex NoText = new(
        @"^(?:"
        // People and their data, as the walk makes them; their initials in the avatar.
        + @"admin|ann|bob|cleo|unal\.demir|Ünal Demir|A|B|C|U|ÜD|[\w.]+@[\w.]+"
        // Company, address of the portal, and products.
        + @"|OpenCRM|(?:https?://)?localhost(?::\d+)?/?|(?:Headless)?Chrome|Linux"
        + "|Google Authenticator|Microsoft Authenticator|LastPass(?: Authenticator)?"
        // The languages, each in its own.
        + @"|Deutsch|English"
        // The title of a record: a name and the company.
        + @"|(?:ann|bob|cleo) · OpenCRM"
        // Subjects of mails, in the language of their template or recipient; what they are made of are names of fields.
        + @"|MFA wurde für .*|Für Ihr Konto .*|Die Multi-Faktor-Authentifizierung wurde .*|Anmelden ohne Ihr Gerät|Neues Kennwort festlegen"
        + @"|Ihr (?:Konto|Benutzername) .*|Die E-Mail-Adresse Ihres Kontos .*|Testnachricht .*"
        + @"|MFA was disabled .*|An authenticator .*|Multi-factor authentication was .*|Sign in without your device|Set a new password"
        + @"|Your (?:account|username) .*|The email address of .*|Test message .*"
        + @"|Noch \d+ Tage, um die .*|Sie haben mehr Zeit, um .*|\d+ days left to set up .*|You have more time to set up .*"
        + @"|Die Multi-Faktor-Authentifizierung (?:wird|Ihres) .*|Für Sie wurde .*|Ihr vorläufiger .*|Die Schutzfrist .*|MFA (?:wird|bleibt) für .*"
        + @"|Ihrem Konto wurde .*|Aus Ihrem Konto .*|Neue Wiederherstellungscodes .*|Ein Wiederherstellungscode .*"
        + @"|Another authenticator .*|New recovery codes .*|A recovery code .*"
        + @"|MFA (?:will be removed|stays) for .*|Multi-factor authentication (?:will|stays) .*"
        // The name of a test person's authenticator.
        + @"|Authenticator app"
        + @"|wait_hours|company_name|portal_(?:url|host)|recipient_name|link|valid_until|from_address"
        // The portal's own accent color.
        + @"|#?2f4bc7"
        // The manual key, and merge fields.
        + @"|[A-Z2-7]{4}(?: [A-Z2-7]{4})*|\{\{ ?\w+ ?\}\}"
        // Days as the culture writes them.
        + @"|(?:\p{L}+, )?\d{1,2}\. \p{L}+\.?(?: \d{4})?(?:, \d\d:\d\d)?"
        + @") \(",
        RegexOptions.NonBacktracking);

    [Fact]
    public async Task No_page_says_anything_that_is_not_in_the_resource_files()
    {
        MarkedTexts.Install();
        await using var walk = await Walk.StartAsync(browser, MarkedTexts.Locale);
        var found = new List<string>();
        await GoAsync(walk, found, async (tab, name) =>
        {
            var seen = await tab.Page.EvaluateAsync<string[]>(Seen);
            found.AddRange(seen.Where(text => !NoText.IsMatch(text)).Select(text => $"{name}: {text}"));
        });
        Assert.True(found.Count == 0, $"{found.Count} texts:\n{string.Join('\n', found.Distinct())}");
    }

    [Fact]
    public async Task German_fits_at_every_width()
    {
        await using var walk = await Walk.StartAsync(browser, "de-DE");
        var found = new List<string>();
        await GoAsync(walk, found, async (tab, name) =>
        {
            foreach (var (width, height) in new[] { (320, 640), (390, 844), (1280, 900) })
            {
                await tab.Page.SetViewportSizeAsync(width, height);
                var misfits = await tab.Page.EvaluateAsync<string[]>(Misfits);
                if (misfits.Length > 0) await tab.SaveScreenshotAsync($"german-{name}-{width}");
                found.AddRange(misfits.Select(misfit => $"{name} at {width}: {misfit}"));
            }
        });
        Assert.True(found.Count == 0, $"{found.Count} misfits:\n{string.Join('\n', found.Distinct())}");
    }

    /// <summary>Goes as far as the walk leads: what was found until then is told also when a step fails.</summary>
    private static async Task GoAsync(Walk walk, List<string> found, Func<PortalPage, string, Task> look)
    {
        try
        {
            await walk.GoAsync(look);
        }
        catch (Exception broken) when (broken is TimeoutException or PlaywrightException)
        {
            found.Add($"the walk ended: {broken.Message}");
        }
    }

    /// <summary>Goes through every page and popup, as <see cref="AccessibilityTests"/> does, and finds its way by the German texts.</summary>
    private sealed class Walk : IAsyncDisposable
    {
        private readonly PortalHost _portal, _new;
        private readonly PortalPage _tab, _setUp;
        private readonly string _locale;
        private readonly TestPerson _ann, _bob, _cleo;
        private Func<PortalPage, string, Task> _look = null!;

        private Walk(PortalHost portal, PortalHost fresh, PortalPage tab, PortalPage setUp, string locale, params TestPerson[] people)
        {
            (_portal, _new, _tab, _setUp, _locale) = (portal, fresh, tab, setUp, locale);
            (_ann, _bob, _cleo) = (people[0], people[1], people[2]);
        }

        private IPage Page => _tab.Page;

        public static async Task<Walk> StartAsync(Browser browser, string locale)
        {
            var portal = await PortalHost.StartAsync(listens: true);
            var fresh = await PortalHost.StartAsync(new PortalSettings { Administrator = null }, listens: true);
            await portal.SetSecurityAsync();
            var ann = await portal.AddPersonAsync("ann", administrator: true);
            var bob = await portal.AddPersonAsync("bob");
            var cleo = await portal.AddPersonAsync("cleo", enrolled: true);
            var tab = await browser.NewPageAsync(PersonAtBrowser.Address(portal), options: context => context.Locale = locale);
            // A browser of its own: cookies do not tell ports apart.
            var setUp = await browser.NewPageAsync(PersonAtBrowser.Address(fresh), options: context => context.Locale = locale);
            return new(portal, fresh, tab, setUp, locale, ann, bob, cleo);
        }

        public async Task GoAsync(Func<PortalPage, string, Task> look)
        {
            _look = look;
            await SignedOutAsync();
            await EnrolledAsync();
            await AdministratorAsync();
            await OwnRecordAsync();
            await MustUseMfaAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _portal.DisposeAsync();
            await _new.DisposeAsync();
        }

        private async Task SignedOutAsync()
        {
            await _setUp.GotoAsync(PortalUrls.Setup);
            await _setUp.PressAsync(In(() => Texts.Setup_Create));
            await _setUp.AlertAsync();
            await _look(_setUp, "set-up");
            foreach (var (path, name) in new[]
            {
                ("/login", "sign-in"), ("/login/forgot-password", "forgotten-password"), ("/login/lost-device", "lost-device"),
                ("/reset-password#no-such-token", "reset-password"), ("/invitation", "invitation"),
                ("/lost-device/confirm#no-such-token", "lost-device-confirm"), ("/help/mfa", "help"), ("/no-such-page", "not-found"),
            })
            {
                await GotoAsync(path);
                await LookAsync(name);
            }
            _tab.Problems.Clear();
            await GotoAsync("/login/forgot-password");
            await FillAsync(() => Texts.SignIn_UsernameOrEmail, "nobody");
            await PressAsync(() => Texts.Links_Send);
            await HeadingAsync(() => Texts.Links_CheckEmail);
            await LookAsync("link-sent");
            await GotoAsync("/login");
            await FillAsync(() => Texts.SignIn_UsernameOrEmail, "nobody");
            await FillAsync(() => Texts.SignIn_Password, "nothing");
            await PressAsync(() => Texts.SignIn_Submit);
            await AlertAsync();
            await LookAsync("sign-in-wrong");
        }

        private async Task EnrolledAsync()
        {
            await _portal.WaitAsync(24);
            await GotoAsync($"{PortalUrls.LostDeviceConfirm}#{await _portal.LinkAsync(_cleo)}");
            await LookAsync("lost-device-confirm-waiting");
            await FillAsync(() => Texts.SignIn_UsernameOrEmail, _cleo.Username);
            await FillAsync(() => Texts.SignIn_Password, _cleo.Password);
            await PressAsync(() => Texts.LostDevice_Submit);
            await HeadingAsync(() => Texts.LostDevice_WaitingTitle);
            await LookAsync("lost-device-waiting");
            await GotoAsync("/login/lost-device");
            await LookAsync("lost-device-with-a-wait");
            await GotoAsync("/login");
            await EnterPasswordAsync(_cleo);
            await Page.GetByLabel(In(() => Texts.SignIn_Code)).WaitForAsync();
            await LookAsync("code-step");
            await PressAsync(() => Texts.Recovery_Use);
            await LookAsync("code-step-recovery");
            await PressAsync(() => Texts.Recovery_UseApp);
            await FillAsync(() => Texts.SignIn_Code, "000000");
            await PressAsync(() => Texts.SignIn_Verify);
            await AlertAsync();
            await LookAsync("code-step-wrong");
            await FillAsync(() => Texts.SignIn_Code, await Oathtool.CodeAsync(_cleo.Secret!, _portal.Now));
            await PressAsync(() => Texts.SignIn_Verify);
            await Page.Locator(".account").WaitForAsync();
            await LookAsync("home-user");
            await GotoAsync("/account");
            await LookAsync("account-enrolled");
            await PressAsync(() => Texts.Users_DisableMfa);
            await PopupAsync("disable-mfa");
            await _portal.HoldAsync(_cleo);
            await Page.GetByRole(AriaRole.Note).WaitForAsync();
            await GotoAsync("/account/setup-mfa");
            await PressAsync(() => Texts.Enrolment_Replace);
            await AlertAsync();
            await LookAsync("on-hold");
            await GotoAsync("/settings/users");
            await LookAsync("no-access");
            _tab.Problems.Clear();
            await SignOutAsync();
        }

        private async Task AdministratorAsync()
        {
            await GotoAsync("/login");
            await EnterPasswordAsync(_ann);
            await Page.Locator(".account").WaitForAsync();
            await LookAsync("home-administrator");
            await Page.Locator(".account").ClickAsync();
            await LookAsync("account-menu");
            await GotoAsync("/help/mfa");
            await FillAsync(() => Texts.Help_Feedback, "Ein klarer Artikel.");
            await PressAsync(() => Texts.Help_Send);
            await AlertAsync();
            await LookAsync("help-no-stars");
            await GotoAsync("/settings/users");
            await Page.GetByRole(AriaRole.Link, new() { Name = "bob", Exact = true }).First.WaitForAsync();
            await LookAsync("users");
            await GotoAsync("/settings/users?search=nobody-at-all");
            await LookAsync("users-empty");
            await GotoAsync("/settings/users/import");
            await Page.GetByLabel(In(() => Texts.UserImport_File)).WaitForAsync();
            await LookAsync("users-import");
            await GotoAsync("/settings/users/new");
            await PressAsync(() => Texts.Users_CreateUser);
            await AlertAsync();
            await LookAsync("new-user-wrong");
            await GotoAsync($"/settings/users/{_bob.Id}");
            await LookAsync("user-record");
            foreach (var button in new Func<string>[]
                { () => Texts.Users_Lock, () => Texts.Users_Edit, () => Texts.Users_Deactivate, () => Texts.Users_ResetPassword })
            {
                await PressAsync(button);
                await PopupAsync($"user-record-{In(button)}");
            }
            await PressAsync(() => Texts.Users_SetupMfa);
            await Page.GetByRole(AriaRole.Note).WaitForAsync();
            await LookAsync("wizard-for-somebody-else");
            await _portal.ConfirmAsync(await _portal.LinkAsync(_cleo), _cleo);
            await GotoAsync($"/settings/users/{_cleo.Id}");
            await LookAsync("user-record-recovering");
            foreach (var button in new Func<string>[]
                { () => Texts.Users_GiveCode, () => Texts.Users_LiftHold, () => Texts.Users_StopMfaRemoval })
            {
                await PressAsync(button);
                await PopupAsync($"user-record-{In(button)}");
            }
            await GotoAsync("/settings/configuration/additional-settings");
            await Page.Locator("#password-policy").WaitForAsync();
            await LookAsync("additional-settings");
            await Page.Locator("#security input[type=checkbox]").First.UncheckAsync();
            await Page.Locator("#security button[type=submit]").ClickAsync();
            await PopupAsync("additional-settings-switch");
            await GotoAsync("/settings/communication-templates/email-templates");
            await LookAsync("email-templates");
            await GotoAsync("/settings/communication-templates/email-templates/lost-device-link");
            await LookAsync("email-template");
            await GotoAsync("/settings/outbox");
            await LookAsync("outbox");
            await GotoAsync("/settings/audit-trail");
            await LookAsync("audit-trail");
            await GotoAsync("/settings/audit-trail?user=nobody");
            await LookAsync("audit-trail-empty");
        }

        private async Task OwnRecordAsync()
        {
            await GotoAsync("/account");
            await LookAsync("account");
            await PressAsync(() => Texts.Users_ChangePassword);
            await PopupAsync("change-password");
            await PressAsync(() => Texts.Users_ChangeEmail);
            await PopupAsync("change-email");
            await PressAsync(() => Texts.Users_SetupMfa);
            await Page.GetByRole(AriaRole.Button, new() { Name = In(() => Texts.Enrolment_Next), Exact = true }).WaitForAsync();
            await LookAsync("wizard-get-an-app");
            await PressAsync(() => Texts.Enrolment_Next);
            var picture = Page.Locator(".qr svg, [role=img]").First;
            await picture.WaitForAsync();
            await LookAsync("wizard-scan");
            await PressAsync(() => Texts.Enrolment_Next);
            await FillAsync(() => Texts.Enrolment_Code, "000000");
            await PressAsync(() => Texts.Enrolment_Save);
            await AlertAsync();
            await LookAsync("wizard-confirm-wrong");
        }

        /// <summary>The rule about who must use MFA: its preview, the reminder, the demand, and more time for one person.</summary>
        private async Task MustUseMfaAsync()
        {
            await using (var work = await _portal.BeginAsync())
            {
                await work.Query<PortalUser>().Where(u => u.Id == _cleo.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(u => u.IsSystemAdministrator, true));
                await work.CommitAsync();
            }
            await GotoAsync("/account");
            await SignOutAsync();
            _portal.Advance(TimeSpan.FromMinutes(1));
            await _portal.EndHoldAsync(_cleo);
            await GotoAsync("/settings/configuration/additional-settings");
            await EnterPasswordAsync(_cleo);
            await FillAsync(() => Texts.SignIn_Code, await Oathtool.CodeAsync(_cleo.Secret!, _portal.Now));
            await PressAsync(() => Texts.SignIn_Verify);
            await Page.GetByLabel(In(() => Texts.Configuration_MustUseMfa)).SelectOptionAsync(nameof(MustUseMfa.Everyone));
            await Page.Locator("#security button[type=submit]").ClickAsync();
            await PopupAsync("must-use-mfa-preview");
            await _portal.RequireAsync(_cleo, MustUseMfa.Everyone);
            await GotoAsync($"/settings/users/{_bob.Id}");
            await PressAsync(() => Texts.Users_ExtendDeadline);
            await PopupAsync("extend-deadline");
            await GotoAsync("/settings/users?duty=due");
            await LookAsync("users-due");
            await SignOutAsync();
            await EnterPasswordAsync(_bob);
            await Page.GetByRole(AriaRole.Button, new() { Name = In(() => Texts.Enrolment_Later), Exact = true }).WaitForAsync();
            await LookAsync("mfa-reminder");
            await PressAsync(() => Texts.Enrolment_Later);
            await Page.Locator(".account").WaitForAsync();
            await _portal.MoveDeadlineAsync(_bob, _portal.Now);
            await GotoAsync("/account");
            await HeadingAsync(() => Texts.Enrolment_DemandTitle);
            await LookAsync("mfa-demand");
            _tab.Problems.Clear();
        }

        private string In(Func<string> text)
        {
            var before = CultureInfo.CurrentCulture;
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(_locale);
            try
            {
                return Languages.In(Languages.German, text);
            }
            finally
            {
                CultureInfo.CurrentCulture = before;
            }
        }

        private Task LookAsync(string name) => _look(_tab, name);

        private Task GotoAsync(string path) => _tab.GotoAsync(new Uri(PersonAtBrowser.Address(_portal), path).ToString());

        private async Task EnterPasswordAsync(TestPerson person)
        {
            await FillAsync(() => Texts.SignIn_UsernameOrEmail, person.Username);
            await FillAsync(() => Texts.SignIn_Password, person.Password);
            await PressAsync(() => Texts.SignIn_Submit);
        }

        private async Task SignOutAsync()
        {
            await Page.Locator(".account").ClickAsync();
            await Page.GetByRole(AriaRole.Menuitem, new() { Name = In(() => Texts.Shell_SignOut) }).ClickAsync();
            await _tab.WaitForAddressAsync("/login");
        }

        private async Task PopupAsync(string name)
        {
            var popup = Page.GetByRole(AriaRole.Dialog);
            await popup.WaitForAsync();
            await LookAsync(name);
            await popup.GetByRole(AriaRole.Button).Last.WaitForAsync();
            await Page.Keyboard.PressAsync("Escape");
            await popup.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        }

        private Task FillAsync(Func<string> label, string value) => _tab.FillAsync(In(label), value);

        private Task PressAsync(Func<string> button) => _tab.PressAsync(In(button));

        private Task<string> AlertAsync() => _tab.AlertAsync();

        private Task HeadingAsync(Func<string> text) => Page.GetByRole(AriaRole.Heading, new() { Name = In(text) }).WaitForAsync();
    }
}

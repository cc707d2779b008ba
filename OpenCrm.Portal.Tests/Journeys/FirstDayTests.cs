using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>The first day of a portal: a person at a real browser, with an independent authenticator (docs/spec.md 1, 2 and 8.1).</summary>
public sealed class FirstDayTests(PostgresCluster postgres, Browser browser)
{
    private static readonly SetupAdministrator Ann = new("ann.lee", "ann.lee@northwind.test", "seven tired otters hum");

    [Theory]
    [MemberData(nameof(DatabaseKinds.Both), MemberType = typeof(DatabaseKinds))]
    public async Task Set_up_MFA_and_two_sign_ins_happen_in_one_circuit(DatabaseKind database)
    {
        await using var portal = await PortalProcess.StartAsync(await postgres.NewAsync(database) with { Administrator = null });
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var ann = new Visitor(tab);

        await tab.GotoAsync("/setup");
        await ann.SetUpAsync(await portal.SetupCodeAsync(), "Northwind Instruments", Ann);
        await ann.SignInAsync(Ann.Username, Ann.Password);
        await ann.SwitchMfaOnAsync();

        await ann.OpenOwnRecordAsync();
        var address = await ann.ScanAsync();
        Assert.Equal(("Northwind Instruments", "Northwind Instruments", "ann.lee"), (address.Issuer, address.LabelIssuer, address.Account));
        Assert.Equal(("SHA1", "6", "30"), (address.Algorithm, address.Digits, address.Period));
        await tab.Page.GetByText("Can’t scan it?").ClickAsync();
        var manualKey = await tab.Page.GetByLabel("Manual key").InnerTextAsync();
        Assert.Equal(address.Secret, string.Concat(manualKey.Where(char.IsLetterOrDigit)));

        await tab.PressAsync("Next");
        await tab.FillAsync("Six-digit code", await ann.NextCodeAsync());
        await tab.PressAsync("Save");
        await tab.SaveCodesAsync();
        await tab.Page.GetByText("MFA Enabled").WaitForAsync();
        Assert.Contains(
            "Yes",
            await tab.Page.GetByRole(AriaRole.Region, new() { Name = "Multi-factor authentication" }).InnerTextAsync(),
            StringComparison.Ordinal);
        var savedWith = ann.LastCode!;

        await ann.SignOutAsync();
        await ann.EnterPasswordAsync(Ann.Email, Ann.Password);
        await tab.Page.GetByLabel("Authentication code").WaitForAsync();
        await NothingAnswersButTheSignIn(tab);

        // The code was used up by Save, so it signs nobody in.
        await ann.EnterCodeAsync(savedWith);
        Assert.Contains("That code is not right", await tab.AlertAsync(), StringComparison.Ordinal);
        var code = await ann.NextCodeAsync();
        await ann.EnterCodeAsync($"{code[..3]} {code[3..]}");
        await ann.AccountMenu.WaitForAsync();

        await CookieIsStrict(tab);
        await ann.SignOutAsync();
        tab.Circuit.AssertOneSocketOneLoad();
        tab.Problems.AssertNone();

        await ann.SignInAsync("  ANN.LEE ", Ann.Password);
        await tab.Page.ReloadAsync();
        await ann.AccountMenu.WaitForAsync();
        var second = new Visitor(await tab.NewTabAsync());
        await second.Tab.GotoAsync("/account");
        await second.AccountMenu.WaitForAsync();

        await portal.StopAsync();
        await portal.StartAgainAsync();
        // The open pages reload by themselves when they reach the portal again. A new page works at once.
        var third = new Visitor(await tab.NewTabAsync());
        await third.Tab.GotoAsync("/account");
        await third.AccountMenu.WaitForAsync();

        // No log may hold anything that proves who somebody is.
        var log = string.Join('\n', portal.Output.Lines);
        foreach (var secret in new[] { Ann.Password, ann.Secret!, savedWith, code, "otpauth:" })
            Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
    }

    /// <summary>
    /// What an evaluator does first. Clicks are counted by the browser; typing is none. The portal's own list on Home leads through it.
    /// </summary>
    [Fact]
    public async Task From_the_first_visit_to_a_sign_in_with_a_code_it_takes_at_most_25_clicks_and_3_minutes()
    {
        await using var portal = await PortalHost.StartAsync(
            new PortalSettings { Administrator = null, PublicUrlFromSetup = true }, listens: true,
            services => services.AddSingleton(TimeProvider.System));
        var tab = await browser.NewPageAsync(new Uri($"http://localhost:{portal.BaseAddress.Port}"));
        await tab.Page.AddInitScriptAsync(
            "addEventListener('click', e => { if (e.isTrusted) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1; }, true);");
        var ann = new Visitor(tab);
        var code = (await File.ReadAllTextAsync(Path.Combine(portal.DataFolder, "set-up-code"))).Trim();
        var began = TimeProvider.System.GetTimestamp();

        await tab.GotoAsync("/");
        await tab.WaitForAddressAsync("/setup");
        await ann.SetUpAsync(code, "Northwind Instruments", Ann);
        await ann.SignInAsync(Ann.Username, Ann.Password);
        await FollowAsync("Turn MFA on");
        await tab.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Enable Multi-factor authentication" }).CheckAsync();
        await tab.Page.GetByRole(AriaRole.Region, new() { Name = "Security Settings" })
            .GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Saved" }).First.WaitForAsync();
        await FollowAsync("Home");
        var steps = tab.Page.GetByRole(AriaRole.Region, new() { Name = "First steps" });
        await Assertions.Expect(steps.GetByRole(AriaRole.Listitem).Nth(0)).ToContainTextAsync("Done");
        await Assertions.Expect(steps.GetByRole(AriaRole.Listitem).Nth(1)).ToContainTextAsync("To do");
        await FollowAsync("Set up your own");
        await tab.PressAsync("Next");
        await tab.Page.GetByText("Can’t scan it?").ClickAsync();
        var key = string.Concat((await tab.Page.GetByLabel("Manual key").InnerTextAsync()).Where(char.IsLetterOrDigit));
        await tab.PressAsync("Next");
        var now = TimeProvider.System.GetUtcNow();
        await tab.FillAsync("Six-digit code", await Oathtool.CodeAsync(key, now));
        await tab.PressAsync("Save");
        await tab.SaveCodesAsync();
        await tab.Page.GetByText("MFA Enabled").WaitForAsync();
        await ann.SignOutAsync();
        await ann.EnterPasswordAsync(Ann.Username, Ann.Password);
        // The app's next code: the first one is used up, and the portal takes one step to either side.
        await ann.EnterCodeAsync(await Oathtool.CodeAsync(key, now + Oathtool.Step));
        await ann.AccountMenu.WaitForAsync();

        var clicks = await tab.Page.EvaluateAsync<int>("Number(sessionStorage.clicks)");
        Assert.InRange(clicks, 12, 25);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromMinutes(3));
        tab.Problems.AssertNone();

        Task FollowAsync(string link) => tab.Page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).First.ClickAsync();
    }

    [Fact]
    public async Task Whoever_asked_for_a_page_lands_there_after_signing_in()
    {
        await using var portal = await PortalProcess.StartAsync();
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var admin = new Visitor(tab);

        await tab.GotoAsync("/account");
        await admin.SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await tab.Page.GetByText("MFA Enabled").WaitForAsync();
        Assert.EndsWith("/account", tab.Page.Url, StringComparison.Ordinal);
        await admin.SignOutAsync();

        await tab.GotoAsync("/login?returnUrl=%2Faccount");
        await admin.SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await tab.WaitForAddressAsync("/account");
        await admin.SignOutAsync();

        await tab.GotoAsync("/login?returnUrl=%2F%2Fevil.test");
        await admin.SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        Assert.Equal(portal.BaseAddress, new Uri(tab.Page.Url));
    }

    [Fact]
    public async Task After_disabling_MFA_the_password_is_enough_and_everybody_concerned_has_mail()
    {
        await using var portal = await PortalProcess.StartAsync();
        var (name, password) = (PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        var made = await portal.RunCommandAsync(["create-admin", "grace", "grace@northwind.test"], "nine calm herons wade\n");
        Assert.True(made.ExitCode == 0, made.ToString());
        var tab = await browser.NewPageAsync(portal.BaseAddress);
        var admin = new Visitor(tab);
        await tab.GotoAsync("/login");
        await admin.SignInAsync(name, password);
        await admin.SwitchMfaOnAsync();
        await admin.OpenOwnRecordAsync();
        await admin.SetUpMfaAsync();
        var mails = new Mailbox(portal.PickupFolder);
        await mails.WaitForAsync(PortalSettings.FirstAdministrator.Email, "mfa-set-up");

        await tab.PressAsync("Disable MFA");
        var popup = tab.Page.GetByRole(AriaRole.Dialog);
        await popup.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await popup.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await tab.PressAsync("Disable MFA");
        await popup.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await popup.WaitForAsync(new() { State = WaitForSelectorState.Detached });

        foreach (var (to, template) in new[]
        {
            (PortalSettings.FirstAdministrator.Email, "mfa-disabled"),
            ("grace@northwind.test", "mfa-disabled"),
            (PortalSettings.FirstAdministrator.Email, "mfa-removed")
        })
        {
            await mails.WaitForAsync(to, template);
            Assert.Single(mails.Of(to, template));
        }
        await admin.SignOutAsync();
        await admin.EnterPasswordAsync(name, password);
        await admin.AccountMenu.WaitForAsync();
    }

    /// <summary>Between the two steps of a sign-in nothing of the application may be reachable.</summary>
    private static async Task NothingAnswersButTheSignIn(PortalPage tab)
    {
        foreach (var address in new[] { "/", "/account", "/account/setup-mfa", "/settings/configuration/additional-settings" })
        {
            var answer = await tab.Context.APIRequest.GetAsync(address);
            var html = await answer.TextAsync();
            Assert.Contains("Username or email", html, StringComparison.Ordinal);
            Assert.DoesNotContain("Account menu", html, StringComparison.Ordinal);
            Assert.DoesNotContain(Ann.Email, html, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(await tab.Context.CookiesAsync(), cookie => cookie.Name is "session" or "__Host-session");
    }

    /// <summary>
    /// Asserts that the cookie is as strict as every browser keeps it over plain HTTP on this machine. Other combinations are in
    /// LoopbackCookiesTests.
    /// </summary>
    private static async Task CookieIsStrict(PortalPage tab)
    {
        var cookie = Assert.Single(await tab.Context.CookiesAsync(), c => c.Name is "session" or "__Host-session");
        Assert.Equal(("session", true, false), (cookie.Name, cookie.HttpOnly, cookie.Secure));
        Assert.Equal(SameSiteAttribute.Lax, cookie.SameSite);
        Assert.Equal("/", cookie.Path);
        Assert.True(cookie.Value.Length < 4096);
    }
}

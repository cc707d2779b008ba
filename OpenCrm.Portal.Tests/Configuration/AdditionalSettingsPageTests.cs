using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>The page as it behaves in a circuit, with the real service and a real database.</summary>
public sealed class AdditionalSettingsPageTests : IAsyncLifetime
{
    private readonly BunitContext _context = new();
    private readonly AuthenticatorKey _key = AuthenticatorKey.Generate();
    private SettingsPortal _portal = null!;
    private PortalUser _annLee = null!;
    private SettingsCircuit _ann = null!, _grace = null!;
    private IRenderedComponent<AdditionalSettingsPage> _page = null!;
    private string? _announced;

    public async ValueTask InitializeAsync()
    {
        _portal = await SettingsPortal.StartAsync();
        _annLee = await _portal.AddUserAsync("Ann Lee", key: _key);
        _ann = await _portal.SignInAsync(_annLee, byCode: true);
        _grace = await _portal.SignInAsync(await _portal.AddUserAsync("Grace Whitcombe"));
        await _portal.SwitchMfaAsync(on: true);
        await RenderAsync(_context, _portal, _ann);
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _portal.DisposeAsync();
    }

    [Fact]
    public void The_regions_and_fields_have_the_names_that_people_and_checks_rely_on()
    {
        Assert.Equal(
            ["General", "Security Settings", "Password Policy Settings", "Mail"],
            _page.FindAll("section").Select(s => _page.Find($"#{s.GetAttribute("aria-labelledby")}").TextContent));
        Assert.Equal(["General", "Security", "Password Policy", "Mail"], _page.FindAll("nav a").Select(a => a.TextContent));
        Assert.Equal(
            [
                "Company name", "Public address", "Logo", "Accent color", "Enable Multi-factor authentication", "Who must use MFA",
                "Days to set it up", "Login attempts before lock", "Lock duration (minutes, 0 = until unlocked)", "Session timeout (minutes)",
                "Lost-device link lifetime (minutes)", "Wait before a lost-device link removes MFA (hours)", "Hold after a recovery (hours)",
                "Minimum length",
            ],
            _page.FindAll("label").Select(l => l.TextContent).Take(14));
        Assert.Contains("Set up by 1 of 3 users.", _page.Find("#security").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_password_of_the_mail_server_is_never_shown_again_and_a_test_is_answered_on_the_page()
    {
        Type("Mail server", "no-such-server.invalid");
        Type("Mail server password", "Pelican-parcel-19");
        await SaveAsync("mail");

        Assert.Equal("Saved", _announced);
        Assert.Equal("", Field("Mail server password").GetAttribute("value") ?? "");
        Assert.DoesNotContain("Pelican", _page.Markup, StringComparison.Ordinal);
        Assert.Contains("A password is stored", _page.Find("#mail").TextContent, StringComparison.Ordinal);

        await _page.FindAll("#mail button").Single(button => button.TextContent.Trim() == "Send test").ClickAsync(new());
        _page.WaitForAssertion(
            () => Assert.Contains(
                "Nobody knows a mail server named “no-such-server.invalid”. Check “Mail server”",
                _page.Find("#mail [role=alert]").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Save_sleeps_until_something_changed_and_again_when_it_is_changed_back()
    {
        Assert.All(_page.FindAll("button[type=submit]"), save => Assert.True(save.HasAttribute("disabled")));

        Type("Login attempts before lock", "7");
        Assert.False(Save("security").HasAttribute("disabled"));
        Assert.True(Save("general").HasAttribute("disabled"));
        Assert.Contains("1 unsaved change", _page.Find("#security").TextContent, StringComparison.Ordinal);

        Type("Login attempts before lock", " 5 ");
        Assert.True(Save("security").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_save_is_announced_and_Save_sleeps_again()
    {
        Type("Login attempts before lock", "1 2");

        await SaveAsync("security");

        Assert.Equal("Saved", _announced);
        Assert.Equal(12, (await _portal.ReadSettingsAsync<SecuritySettings>()).AttemptsBeforeLock);
        Assert.True(Save("security").HasAttribute("disabled"));
        Assert.Equal("12", Field("Login attempts before lock").GetAttribute("value"));
        Assert.Contains("Saved by Ann Lee", _page.Find("#security").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("five")]
    [InlineData("-5")]
    [InlineData("5.5")]
    [InlineData("")]
    [InlineData("٥")]
    [InlineData("99999999999999999999")]
    public async Task Rubbish_is_refused_at_the_field_and_stays_to_be_mended(string typed)
    {
        Type("Lock duration (minutes, 0 = until unlocked)", typed);

        await SaveAsync("security");

        var field = Field("Lock duration (minutes, 0 = until unlocked)");
        Assert.Equal(("true", typed), (field.GetAttribute("aria-invalid")!, field.GetAttribute("value") ?? ""));
        Assert.Equal("Enter a whole number from 0 to 1440.", _page.Find($"#{field.Id}-error").TextContent.Trim());
        Assert.Null(_announced);
    }

    [Fact]
    public void Discard_brings_back_what_is_stored()
    {
        Type("Company name", "Somebody else's");

        _page.Find("#general .btn--quiet").Click();

        Assert.Equal("OpenCRM", Field("Company name").GetAttribute("value"));
        Assert.True(Save("general").HasAttribute("disabled"));
    }

    [Fact]
    public async Task What_somebody_else_saved_is_shown_beside_what_was_typed_and_the_next_Save_goes_on_top()
    {
        Type("Login attempts before lock", "20");
        await _grace.Settings.SaveAsync(new SecurityFields(0, true, 60, 15, 30, 30));

        await SaveAsync("security");

        Assert.Contains("Grace Whitcombe saved this block at", _page.Find("#security [role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Equal("20", Field("Login attempts before lock").GetAttribute("value"));
        Assert.Equal("15", Field("Lock duration (minutes, 0 = until unlocked)").GetAttribute("value"));
        var security = Words(_page.Find("#security"));
        Assert.Contains("Now saved: 60. You typed: 20. Use 60", security, StringComparison.Ordinal);
        Assert.Contains("Changed meanwhile from 0 to 15.", security, StringComparison.Ordinal);
        Assert.Contains("1 difference", security, StringComparison.Ordinal);

        await SaveAsync("security");

        Assert.Equal((20, 15), await ReadStoredAsync());
        Assert.Empty(_page.FindAll("#security [role=alert]"));
    }

    [Fact]
    public async Task Use_takes_the_others_value()
    {
        Type("Login attempts before lock", "20");
        await _grace.Settings.SaveAsync(new SecurityFields(0, true, 60, 0, 30, 30));
        await SaveAsync("security");

        _page.FindAll("#security button").Single(b => b.TextContent == "Use 60").Click();

        Assert.Equal("60", Field("Login attempts before lock").GetAttribute("value"));
        Assert.True(Save("security").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Switching_MFA_off_asks_how_and_Cancel_changes_nothing()
    {
        Tick("Enable Multi-factor authentication", false);
        await SaveAsync("security");

        var popup = _page.Find("[role=dialog]");
        Assert.Equal("Disable MFA for all users?", _page.Find($"#{popup.GetAttribute("aria-labelledby")}").TextContent);
        Assert.Equal(
            "1 user who enters a code today will sign in with the password alone. Nobody is notified.",
            _page.Find($"#{popup.GetAttribute("aria-describedby")}").TextContent);
        Assert.False(Field("Erase all enrolments").HasAttribute("checked"));
        Assert.DoesNotContain(_page.FindAll("[role=dialog] label"), label => label.TextContent == "Password");

        await _page.Find("[role=dialog] [data-cancel]").ClickAsync(new());

        Assert.Empty(_page.FindAll("[role=dialog]"));
        Assert.True((await _portal.ReadSettingsAsync<SecuritySettings>()).MfaEnabled);
        Assert.False(Field("Enable Multi-factor authentication").HasAttribute("checked"));
        Assert.False(Save("security").HasAttribute("disabled"));
    }

    [Fact]
    public async Task OK_in_the_popup_saves_the_whole_block()
    {
        Type("Login attempts before lock", "9");
        Tick("Enable Multi-factor authentication", false);
        await SaveAsync("security");
        Tick("Erase all enrolments", true);

        await _page.Find("[role=dialog] form").SubmitAsync();

        var stored = await _portal.ReadSettingsAsync<SecuritySettings>();
        Assert.Equal((false, 9), (stored.MfaEnabled, stored.AttemptsBeforeLock));
        Assert.DoesNotContain(await _portal.RowsAsync<PortalUser>(), user => user.TwoFactorEnabled);
        Assert.Equal("Saved", _announced);
        Assert.Empty(_page.FindAll("[role=dialog]"));
    }

    [Fact]
    public async Task An_old_proof_makes_the_popup_ask_for_password_and_code_and_a_wrong_one_keeps_it_open()
    {
        _portal.Host.Advance(TimeSpan.FromMinutes(11));
        Tick("Enable Multi-factor authentication", false);
        await SaveAsync("security");
        Type("Password", "not it");
        Type("Authentication code", await _portal.CodeAsync(_key));

        await _page.Find("[role=dialog] form").SubmitAsync();

        Assert.StartsWith("That is not right.", _page.Find("[role=dialog] [role=alert]").TextContent.Trim(), StringComparison.Ordinal);
        Assert.True(string.IsNullOrEmpty(Field("Password").GetAttribute("value")));

        Type("Password", SettingsPortal.Password);
        Type("Authentication code", await _portal.CodeAsync(_key));
        await _page.Find("[role=dialog] form").SubmitAsync();

        Assert.False((await _portal.ReadSettingsAsync<SecuritySettings>()).MfaEnabled);
    }

    /// <summary>Saving any block asks for a fresh proof, in a dialog over the page. Red when only the MFA switch asks.</summary>
    [Theory]
    [InlineData("general", "Company name", "Northwind")]
    [InlineData("security", "Login attempts before lock", "7")]
    [InlineData("password-policy", "Minimum length", "20")]
    public async Task An_old_proof_is_renewed_in_a_dialog_over_what_was_typed_and_the_save_goes_on_by_itself(string block, string label, string typed)
    {
        _portal.Host.Advance(TimeSpan.FromMinutes(11));
        Type(label, typed);

        await SaveAsync(block);

        var dialog = _page.Find("[role=dialog]");
        Assert.Equal("Confirm it is you", _page.Find($"#{dialog.GetAttribute("aria-labelledby")}").TextContent);
        Assert.Equal(["Password", "Authentication code"], dialog.QuerySelectorAll("label").Select(l => l.TextContent));
        Assert.Equal(["Cancel", "Continue"], dialog.QuerySelectorAll(".dialog__foot button").Select(b => b.TextContent.Trim()));
        Assert.Null(_announced);

        await _page.Find("[role=dialog] [data-cancel]").ClickAsync(new());
        Assert.Empty(_page.FindAll("[role=dialog]"));
        Assert.Equal(typed, Field(label).GetAttribute("value"));

        await SaveAsync(block);
        Type("Password", "not it");
        Type("Authentication code", await _portal.CodeAsync(_key));
        await _page.Find("[role=dialog] form").SubmitAsync();
        Assert.NotEmpty(_page.FindAll("[role=dialog] [role=alert]"));

        Type("Password", SettingsPortal.Password);
        Type("Authentication code", await _portal.CodeAsync(_key));
        await _page.Find("[role=dialog] form").SubmitAsync();

        Assert.Empty(_page.FindAll("[role=dialog]"));
        Assert.Equal("Saved", _announced);
        Assert.Equal(typed, Field(label).GetAttribute("value"));
        Assert.True(Save(block).HasAttribute("disabled"));
        Assert.Equal(typed, block switch
        {
            "general" => (await _portal.ReadSettingsAsync<GeneralSettings>()).CompanyName,
            "security" => $"{(await _portal.ReadSettingsAsync<SecuritySettings>()).AttemptsBeforeLock}",
            _ => $"{(await _portal.ReadSettingsAsync<PasswordPolicySettings>()).MinimumLength}",
        });
    }

    /// <summary>The client may claim any base address. Red when the page believes it.</summary>
    [Theory]
    [InlineData("http://localhost", "http://localhost", null)]
    [InlineData("https://old.northwind.test", "https://old.northwind.test", "http://localhost")]
    public async Task A_page_stands_where_its_socket_came_from_whatever_base_address_it_claims(string origin, string inUse, string? waiting)
    {
        await _portal.UseAddressAsync("https://old.northwind.test");
        await using var there = new BunitContext();
        await RenderAsync(there, _portal, await _portal.SignInAsync(_annLee, byCode: true, origin));
        Assert.Equal("http://localhost/", there.Services.GetRequiredService<NavigationManager>().BaseUri);
        Type("Public address", "http://localhost");

        await SaveAsync("general");

        Assert.Equal("Saved", _announced);
        var stored = await _portal.ReadSettingsAsync<GeneralSettings>();
        Assert.Equal((inUse, waiting), (stored.PublicUrl, stored.PendingPublicUrl));
        Assert.Equal(waiting is not null, _page.Find("#general").TextContent.Contains("This address is not in use yet", StringComparison.Ordinal));
    }

    /// <summary>Red when the page says that nothing was saved.</summary>
    [Fact]
    public async Task A_save_is_told_as_one_though_the_database_goes_away_before_the_address_could_be_taken_over()
    {
        var database = new DatabaseAway();
        await using var other = await SettingsPortal.StartAsync(new PortalSettings { PublicUrlFromSetup = true }, replace: database.Watch);
        var bob = await other.SignInAsync(await other.AddUserAsync("Bob"), origin: "http://localhost");
        await other.UseAddressAsync("https://old.northwind.test");
        await using var there = new BunitContext();
        await RenderAsync(there, other, bob);
        Type("Public address", "http://localhost");

        database.AfterTheNextSave();
        await SaveAsync("general");
        database.IsBack();

        Assert.Equal("Saved", _announced);
        Assert.True(Save("general").HasAttribute("disabled"));
        Assert.Equal("http://localhost", (await other.ReadSettingsAsync<GeneralSettings>()).PendingPublicUrl);
    }

    [Fact]
    public async Task Leaving_with_changes_asks_and_OK_leaves()
    {
        var navigation = _context.Services.GetRequiredService<NavigationManager>();
        Type("Company name", "Half typed");

        await _page.InvokeAsync(() => navigation.NavigateTo(PortalUrls.Home));

        Assert.EndsWith(PortalUrls.AdditionalSettings, navigation.Uri, StringComparison.Ordinal);
        Assert.Contains("Leave without saving?", _page.Find("[role=dialog]").TextContent, StringComparison.Ordinal);
        await _page.Find("[role=dialog] [data-cancel]").ClickAsync(new());
        Assert.Equal("Half typed", Field("Company name").GetAttribute("value"));

        await _page.InvokeAsync(() => navigation.NavigateTo(PortalUrls.Home));
        await _page.Find("[role=dialog] form").SubmitAsync();

        Assert.EndsWith("/", navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaving_without_changes_asks_nothing()
    {
        var navigation = _context.Services.GetRequiredService<NavigationManager>();

        await _page.InvokeAsync(() => navigation.NavigateTo(PortalUrls.Home));

        Assert.Empty(_page.FindAll("[role=dialog]"));
        Assert.EndsWith("/", navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_lost_the_right_meanwhile_reads_so_and_keeps_what_was_typed()
    {
        await using (var work = await _portal.Units.BeginAsync())
        {
            (await Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.SingleAsync(
                work.Tracked<PortalUser>().Where(u => u.Name == "Ann Lee"))).IsSystemAdministrator = false;
            await work.CommitAsync();
        }
        Type("Company name", "Mine");

        await SaveAsync("general");

        Assert.Contains("only system administrators", _page.Find("#general [role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Mine", Field("Company name").GetAttribute("value"));
    }

    private async Task RenderAsync(BunitContext browser, SettingsPortal at, SettingsCircuit circuit)
    {
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.JSInterop.SetupModule("./Configuration/AdditionalSettingsPage.razor.js").Mode = JSRuntimeMode.Loose;
        browser.Services.AddSingleton<TimeProvider>(at.Host.Clock);
        browser.Services.AddSingleton(circuit.Services.GetRequiredService<AdditionalSettings>());
        browser.Services.AddSingleton(circuit.Services.GetRequiredService<MfaSwitch>());
        browser.Services.AddSingleton(circuit.Services.GetRequiredService<PublicAddressChange>());
        browser.Services.AddSingleton(circuit.Services.GetRequiredService<MailTest>());
        browser.Services.AddSingleton(circuit.Services.GetRequiredService<StepUp>());
        browser.Services.AddScoped<Announcer>();
        browser.Services.AddScoped<BrandChange>();
        browser.Services.AddScoped<ReaderCulture>();
        browser.Services.AddScoped<BrowserTime>();
        browser.SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        browser.Services.GetRequiredService<Announcer>().Announced += announcement => _announced = announcement.Text;
        browser.Services.GetRequiredService<NavigationManager>().NavigateTo(PortalUrls.AdditionalSettings);
        _page = browser.Render<AdditionalSettingsPage>();
        await _page.WaitForElementAsync("#security", TimeSpan.FromSeconds(10));
    }

    private async Task<(int, int)> ReadStoredAsync() =>
        await _portal.ReadSettingsAsync<SecuritySettings>() is var stored ? (stored.AttemptsBeforeLock, stored.LockMinutes) : default;

    /// <summary>The field of an open dialog before one of the page: the block Mail has a password, too.</summary>
    private IElement Field(string label)
    {
        var found = _page.FindAll("[role=dialog] label").LastOrDefault(l => l.TextContent == label)
            ?? _page.FindAll("label").Last(l => l.TextContent == label);
        return _page.Find($"#{found.GetAttribute("for")}");
    }

    private IElement Save(string block) => _page.Find($"#{block} button[type=submit]");

    private void Type(string label, string text) => Field(label).Input(text);

    private void Tick(string label, bool on) => Field(label).Change(on);

    private Task SaveAsync(string block) => _page.Find($"#{block} form").SubmitAsync();

    private static string Words(IElement element) =>
        string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

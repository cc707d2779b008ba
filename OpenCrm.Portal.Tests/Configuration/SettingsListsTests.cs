using System.Reflection;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>A new setting takes a property, a line in its list, its texts and a migration. Everything else follows from the line.</summary>
public sealed class SettingsListsTests : IAsyncLifetime
{
    /// <summary>
    /// Properties that no administrator edits in these lists: what each block keeps about its saves, the MFA switch, and what the portal itself
    /// writes.
    /// </summary>
    private static readonly string[] NotEdited =
    [
        .. typeof(ISettingsBlock).GetProperties().Select(property => property.Name),
        nameof(SecuritySettings.MfaEnabled), nameof(GeneralSettings.PublicUrl), nameof(GeneralSettings.NameRules), nameof(GeneralSettings.SetUpAt),
        nameof(MailSettings.ProtectedPassword), nameof(GeneralSettings.LogoHash),
    ];

    /// <summary>Enough values that each setting accepts one which differs from the stored one.</summary>
    private static readonly string[] Values =
        ["True", "False", "15", "16", "Northwind", "https://portal.northwind.test", "Tls", "portal@northwind.test", "#1b6e3c", "Everyone"];

    private readonly BunitContext _context = new();
    private SettingsPortal _portal = null!;
    private PortalUser _ann = null!;
    private IRenderedComponent<AdditionalSettingsPage> _page = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await SettingsPortal.StartAsync();
        _ann = await _portal.AddUserAsync("Ann Lee");
        var ann = await _portal.SignInAsync(_ann);
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
        _context.JSInterop.SetupModule("./Configuration/AdditionalSettingsPage.razor.js").Mode = JSRuntimeMode.Loose;
        _context.Services.AddSingleton<TimeProvider>(_portal.Host.Clock);
        _context.Services.AddSingleton(ann.Services.GetRequiredService<AdditionalSettings>());
        _context.Services.AddSingleton(ann.Services.GetRequiredService<MfaSwitch>());
        _context.Services.AddSingleton(ann.Services.GetRequiredService<PublicAddressChange>());
        _context.Services.AddSingleton(ann.Services.GetRequiredService<MailTest>());
        _context.Services.AddSingleton(ann.Services.GetRequiredService<StepUp>());
        _context.Services.AddScoped<Announcer>();
        _context.Services.AddScoped<BrandChange>();
        _context.Services.AddScoped<ReaderCulture>();
        _context.Services.AddScoped<BrowserTime>();
        _context.SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        _page = _context.Render<AdditionalSettingsPage>();
        await _page.WaitForElementAsync("#security", TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _portal.DisposeAsync();
    }

    /// <summary>Red with a property that no line edits, and with two lines for one property.</summary>
    [Fact]
    public void Every_property_that_a_person_sets_stands_in_the_list_of_its_block_once()
    {
        var blocks = typeof(ISettingsBlock).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(ISettingsBlock)));
        Assert.Equal(
            [typeof(GeneralSettings), typeof(MailSettings), typeof(PasswordPolicySettings), typeof(SecuritySettings)],
            blocks.OrderBy(block => block.Name, StringComparer.Ordinal));

        Assert.Equal(EditedOf<GeneralSettings>(), NamesOf(SettingsLists.General));
        Assert.Equal(EditedOf<SecuritySettings>(), NamesOf(SettingsLists.Security));
        Assert.Equal(EditedOf<PasswordPolicySettings>(), NamesOf(SettingsLists.PasswordPolicy));
        Assert.Equal(EditedOf<MailSettings>(), NamesOf(SettingsLists.Mail));
    }

    [Fact]
    public void Every_setting_has_a_label_of_its_own_and_words_in_the_audit_trail()
    {
        List<(string Block, string Name, string Label)> all =
        [
            .. Lines(SettingsLists.General), .. Lines(SettingsLists.Security), .. Lines(SettingsLists.PasswordPolicy), .. Lines(SettingsLists.Mail),
        ];

        Assert.Equal(all.Count, all.Select(line => line.Label).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        foreach (var (block, name, label) in all)
        {
            Assert.False(string.IsNullOrWhiteSpace(label), $"{name} has no label");
            var told = AuditWording.Details(
                nameof(AuditEvent.SettingChanged),
                $$"""{"Block":"{{block}}","Setting":"{{name}}","Old":"1","New":"2"}""",
                at => $"{at}");
            // A name such as "LockMinutes" is for programs.
            Assert.Matches(@"^[\w ]+, [A-Z][a-z]+( [a-z]+| MFA)*: 1 → 2$", told);
        }
    }

    [Fact]
    public Task Every_setting_of_General_is_shown_saved_and_audited() => AssertShownSavedAndAuditedAsync("general", SettingsLists.General);

    [Fact]
    public async Task Every_setting_of_Security_is_shown_saved_and_audited()
    {
        // Whoever demands MFA has it, and recovery codes.
        await using (var work = await _portal.Host.BeginAsync())
        {
            await work.Query<PortalUser>().Where(u => u.Id == _ann.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, true).SetProperty(u => u.EnrolmentId, Guid.NewGuid()));
            await work.CommitAsync();
        }
        await _portal.Host.GiveRecoveryCodesAsync(new(_ann.Id, _ann.UserName!, _ann.Email!, "", Secret: null));
        await AssertShownSavedAndAuditedAsync("security", SettingsLists.Security);
    }

    [Fact]
    public Task Every_setting_of_the_password_policy_is_shown_saved_and_audited() =>
        AssertShownSavedAndAuditedAsync("password-policy", SettingsLists.PasswordPolicy);

    [Fact]
    public Task Every_setting_of_Mail_is_shown_saved_and_audited() => AssertShownSavedAndAuditedAsync("mail", SettingsLists.Mail);

    /// <summary>Changes every field of the block, and checks what is shown, stored and audited.</summary>
    private async Task AssertShownSavedAndAuditedAsync<TBlock>(string anchor, SettingsList<TBlock> list) where TBlock : class, ISettingsBlock
    {
        var before = await _portal.ReadSettingsAsync<TBlock>();
        var wanted = list.Settings.ToDictionary(setting => setting.Name, setting => Another(setting, before));
        foreach (var setting in list.Settings)
        {
            var field = _page.Find($"#{_page.FindAll($"#{anchor} label").Single(label => label.TextContent == setting.Label).GetAttribute("for")}");
            if (field.GetAttribute("type") == "checkbox") await field.ChangeAsync(new() { Value = wanted[setting.Name] == bool.TrueString });
            else if (field.LocalName == "select") await field.ChangeAsync(new() { Value = wanted[setting.Name] });
            else await field.InputAsync(new() { Value = wanted[setting.Name] });
            if (setting.Hint is { } hint) Assert.Contains(hint(), _page.Find($"#{anchor}").TextContent, StringComparison.Ordinal);
        }

        await _page.Find($"#{anchor} form").SubmitAsync();

        var after = await _portal.ReadSettingsAsync<TBlock>();
        Assert.Equal(wanted, list.Settings.ToDictionary(setting => setting.Name, setting => setting.Text(after)));
        Assert.Equal(
            list.Settings.Select(setting =>
            {
                var (old, now) = (setting.Audited(before), setting.Audited(after));
                return $$"""{"Block":"{{list.Block}}","Setting":"{{setting.Name}}","Old":"{{old}}","New":"{{now}}"}""";
            }),
            (await _portal.RowsAsync<AuditEntry>())
                .Where(entry => entry.Kind == nameof(AuditEvent.SettingChanged))
                .OrderBy(entry => entry.Id).Select(entry => entry.Details));
    }

    /// <summary>Returns a value that the setting accepts and that differs from the stored one.</summary>
    private static string Another<TBlock>(Setting<TBlock> setting, TBlock stored) where TBlock : class, ISettingsBlock =>
        Values.First(text => setting.Accepts(text, stored) && text != setting.Text(stored));

    private static List<string> NamesOf<TBlock>(SettingsList<TBlock> list) where TBlock : class, ISettingsBlock =>
        [.. list.Settings.Select(setting => setting.Name).Order(StringComparer.Ordinal)];

    private static List<string> EditedOf<TBlock>() =>
    [
        .. typeof(TBlock).GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.CanWrite).Select(property => property.Name)
            .Except(NotEdited).Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<(string Block, string Name, string Label)> Lines<TBlock>(SettingsList<TBlock> list)
        where TBlock : class, ISettingsBlock =>
        list.Settings.Select(setting => (list.Block, setting.Name, setting.Label));
}

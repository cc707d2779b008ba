using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Configuration;

/// <summary>The page Settings → Configuration → Additional Settings: blocks that are saved separately (docs/spec.md 4).</summary>
public sealed partial class AdditionalSettingsPage(
    AdditionalSettings settings, MfaSwitch mfaSwitch, IJSRuntime script, ILogger<AdditionalSettingsPage> log) : IAsyncDisposable
{
    private GeneralDraft? general;
    private SecurityDraft? security;
    private BlockDraft<PasswordPolicySettings>? passwordPolicy;
    private MailBlockDraft? mail;
    private string? configuredPublicUrl, configuredFrom;
    private ConfiguredMail? configuredMail;
    private EnrolmentCount? enrolments;
    private ElementReference links;
    private PageModule? module;
    private bool started, left;

    private bool HasChanges => new BlockDraft?[] { general, security, passwordPolicy, mail }.Any(draft => draft?.IsChanged == true);

    public async ValueTask DisposeAsync()
    {
        left = true;
        if (module is null) return;
        await module.CallAsync("stop");
        await module.DisposeAsync();
    }

    protected override async Task OnInitializedAsync()
    {
        var current = await settings.ReadAsync();
        (configuredPublicUrl, configuredMail, configuredFrom) = (current.ConfiguredPublicUrl, current.ConfiguredMail, current.ConfiguredFrom);
        // An address in the server's configuration is shown but cannot be edited.
        var editable = configuredPublicUrl is null ? SettingsLists.General : SettingsLists.General.Without(nameof(GeneralSettings.PendingPublicUrl));
        (general, security, passwordPolicy) =
            (new(editable, current.General), new(current.Security), new(SettingsLists.PasswordPolicy, current.PasswordPolicy));
        mail = new(configuredFrom is null ? SettingsLists.Mail : SettingsLists.Mail.Without(nameof(MailSettings.From)), current.Mail);
        await CountAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (started || general is null) return;
        started = true;
        if (await script.ImportAsync("./Configuration/AdditionalSettingsPage.razor.js") is not { } imported) return;
        if (left)
        {
            // The page was left while the script was loading: nothing else would dispose the script.
            await imported.DisposeAsync();
            return;
        }
        module = imported;
        await module.CallAsync("start", links);
    }

    /// <summary>The numbers are an extra: without them, and while the database is away, the page keeps what is typed.</summary>
    private async Task CountAsync()
    {
        try
        {
            enrolments = await mfaSwitch.CountEnrolmentsAsync();
        }
        catch (Exception failure) when (Outage.IsOne(failure))
        {
            LogNotCounted(log, Outage.Reason(failure));
        }
    }

    [LoggerMessage(LogLevel.Warning, "The settings page shows no number of enrolments, because the database does not answer: {Reason}")]
    private static partial void LogNotCounted(ILogger log, string reason);
}

using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>The page Settings → Configuration → Additional Settings: blocks that are saved separately (docs/spec.md 4).</summary>
public sealed partial class AdditionalSettingsPage : IAsyncDisposable
{
    private BlockDraft<GeneralSettings>? general;
    private SecurityDraft? security;
    private BlockDraft<PasswordPolicySettings>? passwordPolicy;
    private string? configuredPublicUrl;
    private EnrolmentCount? enrolments;
    private ElementReference links;
    private PageModule? script;
    private bool started, left;

    [Inject] private AdditionalSettings Settings { get; set; } = null!;

    [Inject] private MfaSwitch Switch { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    private bool HasChanges => general?.IsChanged == true || security?.IsChanged == true || passwordPolicy?.IsChanged == true;

    public async ValueTask DisposeAsync()
    {
        left = true;
        if (script is null) return;
        await script.CallAsync("stop");
        await script.DisposeAsync();
    }

    protected override async Task OnInitializedAsync()
    {
        var current = await Settings.ReadAsync();
        configuredPublicUrl = current.ConfiguredPublicUrl;
        // An address in the server's configuration is shown but cannot be edited.
        var editable = configuredPublicUrl is null ? SettingsLists.General : SettingsLists.General.Without(nameof(GeneralSettings.PendingPublicUrl));
        (general, security, passwordPolicy) = (new(editable, current.General), new(current.Security), new(SettingsLists.PasswordPolicy, current.PasswordPolicy));
        await CountAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (started || general is null) return;
        started = true;
        if (await Script.ImportAsync("./Configuration/AdditionalSettingsPage.razor.js") is not { } imported) return;
        if (left)
        {
            // The page was left while the script was loading: nothing else would dispose the script.
            await imported.DisposeAsync();
            return;
        }
        script = imported;
        await script.CallAsync("start", links);
    }

    private async Task CountAsync() => enrolments = await Switch.CountEnrolmentsAsync();
}

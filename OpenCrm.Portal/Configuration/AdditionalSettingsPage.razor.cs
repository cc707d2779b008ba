using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Configuration;

/// <summary>Settings → Configuration → Additional Settings: a page of blocks, each saved on its own (spec 4).</summary>
public sealed partial class AdditionalSettingsPage : IAsyncDisposable
{
    private GeneralDraft? general;
    private SecurityDraft? security;
    private PasswordPolicyDraft? passwordPolicy;
    private string? configuredPublicUrl;
    private EnrolmentCount? enrolments;
    private ElementReference links;
    private IJSObjectReference? script;
    private bool started;

    [Inject] private AdditionalSettings Settings { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    private bool HasChanges => general?.IsChanged == true || security?.IsChanged == true || passwordPolicy?.IsChanged == true;

    public async ValueTask DisposeAsync()
    {
        if (script is null) return;
        try
        {
            await script.InvokeVoidAsync("stop");
            await script.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its script with it.
        }
    }

    protected override async Task OnInitializedAsync()
    {
        var current = await Settings.ReadAsync();
        (general, security, passwordPolicy) = (new(current.General), new(current.Security), new(current.PasswordPolicy));
        configuredPublicUrl = current.ConfiguredPublicUrl;
        await CountAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (started || general is null) return;
        started = true;
        script = await Script.InvokeAsync<IJSObjectReference>("import", "./Configuration/AdditionalSettingsPage.razor.js");
        await script.InvokeVoidAsync("start", links);
    }

    private async Task CountAsync() => enrolments = await Settings.CountEnrolmentsAsync();
}

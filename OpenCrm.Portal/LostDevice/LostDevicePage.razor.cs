using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.LostDevice;

/// <summary>Asks for the link that disables MFA (docs/spec.md 3.2). The answer is the same for every name.</summary>
public sealed partial class LostDevicePage(LostDeviceFlow flow, IJSRuntime script)
{
    private string? name, problem;
    private bool nameMissing, sent, changed;
    private LostDeviceTerms terms = new(0, 0);

    protected override async Task OnInitializedAsync() => terms = await flow.ReadTermsAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!changed) return;
        changed = false;
        await script.FocusHeadingAsync();
    }

    private async Task SendAsync()
    {
        problem = null;
        nameMissing = string.IsNullOrWhiteSpace(name);
        if (nameMissing) return;
        if (await flow.AskAsync(name!)) (sent, changed) = (true, true);
        else problem = Texts.Links_TooMany;
    }

    private void AskAgain() => (sent, changed) = (false, true);
}

using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.SignIn;

/// <summary>Asks for a link to set a new password (docs/spec.md 1.8). The answer is the same for every name.</summary>
public sealed partial class ForgottenPasswordPage
{
    private string? name, problem;
    private bool nameMissing, sent, changed;

    [Inject] private MailedLinkRequests Links { get; set; } = null!;

    [Inject] private ClientConnection Connection { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!changed) return;
        changed = false;
        await Script.FocusHeadingAsync();
    }

    private async Task SendAsync()
    {
        problem = null;
        nameMissing = string.IsNullOrWhiteSpace(name);
        if (nameMissing) return;
        if (await Links.AddAsync(MailedLinkKind.ForgottenPassword, name!, Connection.Nobody)) (sent, changed) = (true, true);
        else problem = Texts.Links_TooMany;
    }

    private void AskAgain() => (sent, changed) = (false, true);
}

using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.SignIn;

/// <summary>Asks for a link to set a new password (docs/spec.md 1.8). The answer is the same for every name.</summary>
public sealed partial class ForgottenPasswordPage(MailedLinkRequests links, ClientConnection connection, IJSRuntime script)
{
    private string? name, problem;
    private bool nameMissing, sent, changed;

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
        if (await links.AddAsync(MailedLinkKind.ForgottenPassword, name!, connection.Nobody)) (sent, changed) = (true, true);
        else problem = Texts.Links_TooMany;
    }

    private void AskAgain() => (sent, changed) = (false, true);
}

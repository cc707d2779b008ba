using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.SignIn;

/// <summary>Step one: name and password in, a submit out.</summary>
public sealed partial class PasswordStep : ComponentBase
{
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // After a refusal the password is typed again, so the caret waits there.
        if (!firstRender && Problem is not null && Problem != shown && passwordField is not null) await passwordField.FocusAsync();
        shown = Problem;
    }
}

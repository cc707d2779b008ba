using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.SignIn;

/// <summary>Step one of signing in: takes name and password and raises a submit.</summary>
public sealed partial class PasswordStep : ComponentBase
{
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // After a refusal the password must be typed again, so its field gets the focus.
        if (!firstRender && Problem is not null && Problem != shown && passwordField is not null) await passwordField.FocusAsync();
        shown = Problem;
    }
}

using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.SignIn;

/// <summary>Step one of signing in: takes name and password and raises a submit.</summary>
public sealed partial class PasswordStep : ComponentBase
{
    private PasswordField? passwordField;
    private string? shown;

    [Parameter] public string? Name { get; set; }

    [Parameter] public EventCallback<string?> NameChanged { get; set; }

    [Parameter] public string? Password { get; set; }

    [Parameter] public EventCallback<string?> PasswordChanged { get; set; }

    [Parameter] public string? Problem { get; set; }

    [Parameter] public bool NameMissing { get; set; }

    [Parameter] public bool PasswordMissing { get; set; }

    [Parameter] public EventCallback OnSubmit { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // After a refusal the password must be typed again, so its field gets the focus.
        if (!firstRender && Problem is not null && Problem != shown && passwordField is not null) await passwordField.FocusAsync();
        shown = Problem;
    }
}

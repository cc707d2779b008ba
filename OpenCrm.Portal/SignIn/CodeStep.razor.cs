using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.SignIn;

/// <summary>
/// Step two of signing in: takes a code and raises a submit. The field of a recovery or temporary code has letters on a phone's keyboard; either
/// field takes any of them (docs/spec.md 11.2, 11.5).
/// </summary>
public sealed partial class CodeStep : ComponentBase
{
    private SecondFactorField? field;
    private bool submitted;

    [Parameter] public string? Person { get; set; }

    [Parameter] public string? Company { get; set; }

    [Parameter] public string? Code { get; set; }

    [Parameter] public EventCallback<string?> CodeChanged { get; set; }

    /// <summary>Whether a recovery code is asked for, by the person's choice.</summary>
    [Parameter] public bool Recovery { get; set; }

    [Parameter] public EventCallback<bool> RecoveryChanged { get; set; }

    [Parameter] public bool Wrong { get; set; }

    [Parameter] public string? Problem { get; set; }

    [Parameter] public EventCallback OnSubmit { get; set; }

    [Parameter] public EventCallback OnNotYou { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // On the first render this field replaces the focused one of step one. After a wrong code the field is empty and gets the focus again.
        if (!firstRender && !submitted) return;
        submitted = false;
        if (field is not null) await field.FocusAsync();
    }

    private async Task SubmitAsync()
    {
        await OnSubmit.InvokeAsync();
        submitted = true;
    }
}

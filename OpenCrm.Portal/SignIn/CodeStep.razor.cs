using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.SignIn;

/// <summary>Step two of signing in: takes a code and raises a submit.</summary>
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
        if ((!firstRender && !submitted) || field is null) return;
        submitted = false;
        await field.FocusAsync();
    }

    private async Task SubmitAsync()
    {
        await OnSubmit.InvokeAsync();
        submitted = true;
    }
}

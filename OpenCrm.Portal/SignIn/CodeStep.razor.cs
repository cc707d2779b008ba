using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.SignIn;

/// <summary>Step two of signing in: takes a code and raises a submit.</summary>
public sealed partial class CodeStep : ComponentBase
{
    private bool submitted;

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

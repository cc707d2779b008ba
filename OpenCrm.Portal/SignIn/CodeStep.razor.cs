using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.SignIn;

/// <summary>Step two: a code in, a submit out.</summary>
public sealed partial class CodeStep : ComponentBase
{
    private bool submitted;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // The field took the place of the one that had the focus; after a wrong code it is empty and keeps it.
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

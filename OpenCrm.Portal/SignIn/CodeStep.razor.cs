using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.SignIn;

/// <summary>
/// Step two of signing in: takes a code and raises a submit. The field of a temporary code has letters on a phone's keyboard; either field takes
/// either code (docs/spec.md 11.5).
/// </summary>
public sealed partial class CodeStep : ComponentBase
{
    private CodeField? field;
    private Field? lettersField;
    private bool submitted, letters;

    [Parameter] public string? Person { get; set; }

    [Parameter] public string? Company { get; set; }

    [Parameter] public string? Code { get; set; }

    [Parameter] public EventCallback<string?> CodeChanged { get; set; }

    [Parameter] public bool Wrong { get; set; }

    [Parameter] public string? Problem { get; set; }

    [Parameter] public EventCallback OnSubmit { get; set; }

    [Parameter] public EventCallback OnNotYou { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // On the first render this field replaces the focused one of step one. After a wrong code the field is empty and gets the focus again.
        if (!firstRender && !submitted) return;
        submitted = false;
        if (letters && lettersField is not null) await lettersField.FocusAsync();
        else if (!letters && field is not null) await field.FocusAsync();
    }

    private async Task ToggleAsync()
    {
        (letters, submitted) = (!letters, true);
        await CodeChanged.InvokeAsync("");
    }

    private async Task SubmitAsync()
    {
        await OnSubmit.InvokeAsync();
        submitted = true;
    }
}

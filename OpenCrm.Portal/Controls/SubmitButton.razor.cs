using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>The button that submits a form, and shows that the server works.</summary>
public sealed partial class SubmitButton
{
    [CascadingParameter] private InteractiveForm? Form { get; set; }

    [Parameter] public string? Text { get; set; }

    [Parameter] public RenderFragment? ChildContent { get; set; }

    /// <summary>Whether progress is shown. Inside an <see cref="InteractiveForm"/> it is shown by itself while the form's OnSubmit runs.</summary>
    [Parameter] public bool Busy { get; set; }

    [Parameter] public bool Block { get; set; }

    [Parameter] public bool Danger { get; set; }

    [Parameter] public bool Disabled { get; set; }

    [Parameter] public string? Class { get; set; }

    private bool IsBusy => Busy || Form?.IsBusy == true;
}

using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The heading of a step. Screen readers go on reading here after a change of step.</summary>
public sealed partial class StepHeading
{
    private ElementReference heading;

    [Parameter, EditorRequired] public RenderFragment? ChildContent { get; set; }

    /// <summary>Takes the focus when it appears, because the button that led here is gone.</summary>
    [Parameter] public bool Focus { get; set; }

    [Parameter] public string? Class { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && Focus) await heading.FocusAsync();
    }
}

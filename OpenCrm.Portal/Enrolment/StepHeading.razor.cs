using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The heading of a step. Screen readers go on reading here after a change of step.</summary>
public sealed partial class StepHeading
{
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && Focus) await heading.FocusAsync();
    }
}

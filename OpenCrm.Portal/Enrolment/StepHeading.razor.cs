using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The heading of a step: where reading goes on after a step change.</summary>
public sealed partial class StepHeading
{
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && Focus) await heading.FocusAsync();
    }
}

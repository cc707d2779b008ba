using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The progress through the wizard: steps that are done, the current one, and those to come.</summary>
public sealed partial class Stepper
{
    /// <summary>The current step, from 0; 3 when all are done.</summary>
    [Parameter] public int At { get; set; }

    private static string[] Names => [Texts.Enrolment_StepApp, Texts.Enrolment_StepScan, Texts.Enrolment_StepConfirm];
}

using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The wizard's end: what changes from now on, and the recovery codes, whose tick wakes Done (docs/spec.md 11.1).</summary>
public sealed partial class DoneStep
{
    private bool saved;

    [Parameter] public string? ForSomebodyElse { get; set; }

    /// <summary>The name of the authenticator that was set up beside others; null if it was the first, or replaced one.</summary>
    [Parameter] public string? Added { get; set; }

    /// <summary>Recovery codes to show once; null if none were made.</summary>
    [Parameter] public RecoveryCodesOutcome.Made? Codes { get; set; }

    [Parameter] public EventCallback OnDone { get; set; }
}

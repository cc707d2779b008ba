using System.Diagnostics;
using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Shell;

/// <summary>Says that a request failed, with the id under which the log has it.</summary>
public sealed partial class ErrorPage
{
    /// <summary>Trace id of the request that failed, not of the circuit that shows this page.</summary>
    [PersistentState] public string? RequestId { get; set; }

    protected override void OnInitialized() => RequestId ??= Activity.Current?.TraceId.ToString();
}

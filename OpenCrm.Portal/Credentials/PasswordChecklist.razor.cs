using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// The rules of a new password, ticked while it is typed. Screen readers do not announce each key; the list can be read at any time.
/// </summary>
public sealed partial class PasswordChecklist
{
    private IReadOnlyList<PasswordFault> faults = [];

    [Parameter, EditorRequired] public PasswordRules Rules { get; set; } = null!;

    [Parameter] public string? Password { get; set; }

    protected override void OnParametersSet() => faults = Rules.Evaluate(Password ?? "");

    private bool Met(PasswordFault fault) => !string.IsNullOrEmpty(Password) && !faults.Contains(fault);
}

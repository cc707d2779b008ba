using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Enrolment;

/// <summary>Asks somebody who has authenticators whether to add another or replace one, and which (docs/spec.md 11.4).</summary>
public sealed partial class ChooseStep
{
    private Guid replaced;

    [Parameter, EditorRequired] public IReadOnlyList<EnrolledAuthenticator> Authenticators { get; set; } = [];

    [Parameter] public bool MayAdd { get; set; }

    [Parameter] public bool Focus { get; set; }

    [Parameter] public EventCallback<SetUpChoice> OnChosen { get; set; }

    [Parameter] public EventCallback OnCancel { get; set; }

    protected override void OnParametersSet()
    {
        if (Authenticators.All(one => one.Id != replaced)) replaced = Authenticators is [var first, ..] ? first.Id : Guid.Empty;
    }

    private void Choose(string? id) => replaced = Guid.TryParse(id, out var chosen) ? chosen : replaced;
}

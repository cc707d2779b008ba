using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The last step of the wizard: takes the first code and raises a save.</summary>
public sealed partial class ConfirmStep
{
    private CodeField? field;
    private bool submitted;

    [Parameter] public string? Issuer { get; set; }

    [Parameter] public string? Username { get; set; }

    [Parameter] public string? Code { get; set; }

    [Parameter] public EventCallback<string?> CodeChanged { get; set; }

    /// <summary>What the person calls the authenticator.</summary>
    [Parameter] public string? Name { get; set; }

    [Parameter] public EventCallback<string?> NameChanged { get; set; }

    /// <summary>Why the name is refused.</summary>
    [Parameter] public string? NameProblem { get; set; }

    [Parameter] public string? Problem { get; set; }

    /// <summary>How far the device's clock is off, positive when it is ahead; null if the clock is not the problem.</summary>
    [Parameter] public TimeSpan? ClockOff { get; set; }

    [Parameter] public string? ForSomebodyElse { get; set; }

    /// <summary>An older authenticator is replaced at Save, and works until then.</summary>
    [Parameter] public bool Replaces { get; set; }

    [Parameter] public bool Focus { get; set; }

    [Parameter] public EventCallback OnSave { get; set; }

    [Parameter] public EventCallback OnBack { get; set; }

    [Parameter] public EventCallback OnCancel { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // After a wrong code the field is empty and gets the focus again.
        if (!submitted || field is null) return;
        submitted = false;
        await field.FocusAsync();
    }

    private async Task SubmitAsync()
    {
        await OnSave.InvokeAsync();
        submitted = NameProblem is null;
    }
}

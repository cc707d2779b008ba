namespace OpenCrm.Portal.Enrolment;

/// <summary>The last step of the wizard: takes the first code and raises a save.</summary>
public sealed partial class ConfirmStep
{
    private bool submitted;

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
        submitted = true;
    }
}

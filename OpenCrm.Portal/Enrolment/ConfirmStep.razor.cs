namespace OpenCrm.Portal.Enrolment;

/// <summary>The last step: the first code in, a save out.</summary>
public sealed partial class ConfirmStep
{
    private bool submitted;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // After a wrong code the field is empty and keeps the focus.
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

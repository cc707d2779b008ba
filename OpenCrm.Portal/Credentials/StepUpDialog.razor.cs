namespace OpenCrm.Portal.Credentials;

/// <summary>
/// The dialog "Confirm it is you": asks until the proof succeeds or the person cancels. If its own wrong answers lock the account, the session ends
/// and the page leaves.
/// </summary>
public sealed partial class StepUpDialog(StepUp stepUp, TimeProvider time)
{
    private StepUpForm form = null!;
    private string? error;

    protected override void OnInitialized()
    {
        form = new(stepUp, For, time);
        form.Ask(Need is StepUpNeed.Nothing ? new StepUpNeed.Password() : Need);
    }

    private async Task ContinueAsync()
    {
        error = await form.ProveAsync();
        if (error is null) await OnProved.InvokeAsync();
    }
}

using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// The dialog "Confirm it is you": asks until the proof succeeds or the person cancels. If its own wrong answers lock the account, the session ends
/// and the page leaves.
/// </summary>
public sealed partial class StepUpDialog
{
    private StepUpForm form = null!;
    private string? error;

    [Inject] private StepUp StepUp { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    protected override void OnInitialized()
    {
        form = new(StepUp, For, Time);
        form.Ask(Need is StepUpNeed.Nothing ? new StepUpNeed.Password() : Need);
    }

    private async Task ContinueAsync()
    {
        error = await form.ProveAsync();
        if (error is null) await OnProved.InvokeAsync();
    }
}

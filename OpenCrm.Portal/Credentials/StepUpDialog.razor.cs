using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Credentials;

/// <summary>Asks for a fresh proof before an action goes on (spec 3.5).</summary>
public sealed partial class StepUpDialog
{
    private string? password, code, problem;

    [Inject] private StepUp StepUp { get; set; } = null!;

    private async Task ProveAsync()
    {
        var outcome = await StepUp.ProveAsync(For, password, code);
        code = null;
        problem = StepUpTexts.Problem(outcome);
        if (problem is null) await OnProved.InvokeAsync();
    }
}

using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Credentials;

/// <summary>"Confirm it is you": asks until it is proved or given up. A lock that its own answers reach ends the session, and the page leaves by itself.</summary>
public sealed partial class StepUpDialog
{
    [Inject] private StepUp StepUp { get; set; } = null!;

    private async Task ContinueAsync()
    {
        error = null;
        var outcome = await StepUp.ProveAsync(For, password, code);
        error = StepUpFields.Describe(outcome);
        switch (outcome)
        {
            case StepUpOutcome.Incomplete incomplete:
                // An authenticator set up since asks for a code as well.
                need = incomplete.Need;
                return;
            case StepUpOutcome.Proved:
                (password, code) = (null, null);
                await OnProved.InvokeAsync();
                return;
            default:
                (password, code) = ("", "");
                return;
        }
    }
}

using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Users;

/// <summary>Ends one's own other sessions, or one of them, after a fresh proof (ASVS 7.5.2).</summary>
public sealed partial class EndSessionsPopup
{
    private StepUpNeed? need;
    private string? password, code, problem;

    [Inject] private OwnCredentials Own { get; set; } = null!;

    [Inject] private StepUp StepUp { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    protected override Task OnInitializedAsync() => AskAsync();

    private async Task EndAsync()
    {
        problem = null;
        if (need is not null && !await ProveAsync()) return;
        switch (await (Session is null ? Own.EndOtherSessionsAsync() : Own.EndSessionAsync(Session.Id)))
        {
            case OwnOutcome.StepUpNeeded:
                // The proof grew old while the popup stood open.
                await AskAsync();
                problem = Texts.Users_ProveAgain;
                return;
            case OwnOutcome.Done when Session is null:
                Announcer.Announce(Texts.Users_OtherSessionsEnded);
                break;
            default:
                // Ended by this or a moment before: it is what was asked for.
                Announcer.Announce(Texts.Users_SessionEnded);
                break;
        }
        await OnEnded.InvokeAsync();
    }

    private async Task AskAsync() => need = await StepUp.NeedAsync(StepUpFor.EndingOwnSessions) is var asked and not StepUpNeed.Nothing ? asked : null;

    private async Task<bool> ProveAsync()
    {
        var outcome = await StepUp.ProveAsync(StepUpFor.EndingOwnSessions, password, code);
        if (outcome is StepUpOutcome.Incomplete incomplete) need = incomplete.Need;
        code = null;
        problem = StepUpFields.Describe(outcome);
        if (problem is not null) return false;
        (need, password) = (null, null);
        return true;
    }
}

using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Changes one's own e-mail address, after a fresh proof (spec 3.5).</summary>
public sealed partial class ChangeEmailPopup
{
    private StepUpNeed? need;
    private string? email, password, code, problem, fault;

    [Inject] private OwnCredentials Own { get; set; } = null!;

    [Inject] private StepUp StepUp { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private ILogger<ChangeEmailPopup> Log { get; set; } = null!;

    protected override Task OnInitializedAsync() => AskAsync();

    private async Task ChangeAsync() => problem = await PageAction.RunAsync(TryChangeAsync, broken => LogFailed(Log, broken), Texts.Users_NotSaved) ?? problem;

    private async Task TryChangeAsync()
    {
        problem = null;
        fault = string.IsNullOrWhiteSpace(email) ? Texts.Users_EmailInvalid : null;
        if (fault is not null || (need is not null && !await ProveAsync())) return;
        switch (await Own.ChangeEmailAsync(email!))
        {
            case OwnOutcome.Done:
                Announcer.Announce(Texts.Users_EmailIsChanged);
                await OnChanged.InvokeAsync();
                break;
            case OwnOutcome.EmailRefused { Fault: UserFault.EmailTaken }:
                fault = Texts.Users_EmailTaken;
                break;
            case OwnOutcome.EmailRefused { Fault: UserFault.EmailUnreadable }:
                fault = Texts.Text_Unreadable;
                break;
            case OwnOutcome.EmailRefused:
                fault = Texts.Users_EmailInvalid;
                break;
            case OwnOutcome.NothingToDo:
                fault = Texts.Users_EmailSame;
                break;
            case OwnOutcome.StepUpNeeded:
                // The proof grew old while the popup stood open.
                await AskAsync();
                problem = Texts.Users_ProveAgain;
                break;
            case OwnOutcome.NotProved later:
                problem = StepUpFields.Describe(later.Proof);
                break;
        }
    }

    private async Task AskAsync() => need = await StepUp.NeedAsync(StepUpFor.ChangingOwnEmail) is var asked and not StepUpNeed.Nothing ? asked : null;

    private async Task<bool> ProveAsync()
    {
        var outcome = await StepUp.ProveAsync(StepUpFor.ChangingOwnEmail, password, code);
        if (outcome is StepUpOutcome.Incomplete incomplete) need = incomplete.Need;
        code = null;
        problem = StepUpFields.Describe(outcome);
        if (problem is not null) return false;
        (need, password) = (null, null);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "An email address could not be changed")]
    private static partial void LogFailed(ILogger log, Exception broken);
}

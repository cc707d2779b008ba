using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Lifts the hold after another person's recovery, with a reason and a fresh proof (docs/spec.md 11.3).</summary>
public sealed partial class LiftHoldPopup(
    UserAdministration administration, StepUp stepUp, Announcer announcer, TimeProvider time, ILogger<LiftHoldPopup> log)
{
    private StepUpForm proof = null!;
    private string? reason, problem, fault;

    protected override async Task OnInitializedAsync()
    {
        proof = new(stepUp, StepUpFor.ActingAsAdministrator, time);
        await proof.AskAsync();
    }

    private async Task LiftAsync() =>
        problem = await PageAction.RunAsync(TryLiftAsync, broken => LogFailed(log, broken), Texts.Users_NotSaved) ?? problem;

    private async Task TryLiftAsync()
    {
        problem = null;
        fault = string.IsNullOrWhiteSpace(reason) ? Phrase.Of(Texts.Users_LiftHoldReasonInvalid, RecoveryHolds.ReasonLength) : null;
        if (fault is not null) return;
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        switch (await administration.LiftHoldAsync(Record.Id, reason!))
        {
            case UserOutcome.Done:
                announcer.Announce(Texts.Users_HoldLifted);
                await OnDone.InvokeAsync();
                break;
            case UserOutcome.ReasonInvalid:
                fault = Phrase.Of(Texts.Users_LiftHoldReasonInvalid, RecoveryHolds.ReasonLength);
                break;
            case UserOutcome.StepUpNeeded:
                // The proof became too old while the popup was open.
                await proof.AskAsync();
                problem = Texts.Users_ProveAgain;
                break;
            case UserOutcome.OwnAccount:
                problem = Texts.Users_OwnAccount;
                break;
            default:
                announcer.Announce(Texts.Users_NothingToDo);
                await OnDone.InvokeAsync();
                break;
        }
    }

    [LoggerMessage(LogLevel.Error, "A hold could not be lifted")]
    private static partial void LogFailed(ILogger log, Exception broken);
}

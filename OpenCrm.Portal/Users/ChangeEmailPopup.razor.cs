using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Changes one's own e-mail address, after a fresh proof (docs/spec.md 3.5).</summary>
public sealed partial class ChangeEmailPopup(OwnCredentials own, StepUp stepUp, Announcer announcer, TimeProvider time, ILogger<ChangeEmailPopup> log)
{
    private StepUpForm proof = null!;
    private string? email, problem, fault;

    protected override async Task OnInitializedAsync()
    {
        proof = new(stepUp, StepUpFor.ChangingOwnEmail, time);
        await proof.AskAsync();
    }

    private async Task ChangeAsync() =>
        problem = await PageAction.RunAsync(TryChangeAsync, broken => LogFailed(log, broken), Texts.Users_NotSaved) ?? problem;

    private async Task TryChangeAsync()
    {
        problem = null;
        fault = string.IsNullOrWhiteSpace(email) ? Texts.Users_EmailInvalid : null;
        if (fault is not null) return;
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        switch (await own.ChangeEmailAsync(email!))
        {
            case OwnOutcome.Done:
                announcer.Announce(Texts.Users_EmailIsChanged);
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
                // The proof became too old while the popup was open.
                await proof.AskAsync();
                problem = Texts.Users_ProveAgain;
                break;
            case OwnOutcome.Refused(var refusal):
                problem = RefusalWording.Of(refusal, wrong: Texts.StepUp_Wrong, changed: Texts.StepUp_TryLater, time.GetUtcNow());
                break;
        }
    }

    [LoggerMessage(LogLevel.Error, "An email address could not be changed")]
    private static partial void LogFailed(ILogger log, Exception broken);
}

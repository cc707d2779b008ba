using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Makes new recovery codes on the person's own record, after password and six digits, and shows them once (docs/spec.md 11.2).</summary>
public sealed partial class NewRecoveryCodesPopup(OwnRecoveryCodes own, TimeProvider time, ILogger<NewRecoveryCodesPopup> log)
{
    private RecoveryCodesOutcome.Made? made;
    private string? password, code, problem;
    private bool saved;

    /// <summary>Raised when the popup closes, whether codes were made or not.</summary>
    [Parameter] public EventCallback OnDone { get; set; }

    private async Task MakeAsync()
    {
        problem = null;
        problem = await PageAction.RunAsync(TryMakeAsync, broken => LogFailed(log, broken), Texts.Users_NotSaved) ?? problem;
    }

    private async Task TryMakeAsync()
    {
        switch (await own.MakeNewAsync(password, code))
        {
            case RecoveryCodesOutcome.Made codes:
                (made, password, code) = (codes, null, null);
                break;
            case RecoveryCodesOutcome.NotProved(var proof):
                if (proof is StepUpOutcome.Refused) (password, code) = ("", "");
                problem = StepUpForm.Describe(proof, time.GetUtcNow());
                break;
            case RecoveryCodesOutcome.Busy:
                problem = Texts.SignIn_Busy;
                break;
            default:
                problem = Texts.StepUp_TryLater;
                break;
        }
    }

    [LoggerMessage(LogLevel.Error, "Recovery codes could not be made")]
    private static partial void LogFailed(ILogger log, Exception broken);
}

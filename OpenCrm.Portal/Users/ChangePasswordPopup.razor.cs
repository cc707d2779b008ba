using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>
/// Changes one's own password and shows the policy while it is typed. A failure keeps what was typed, except a wrong current password.
/// </summary>
public sealed partial class ChangePasswordPopup(OwnCredentials own, Announcer announcer, TimeProvider time, ILogger<ChangePasswordPopup> log)
{
    private PasswordRules? rules;
    private string? current, password, confirm, problem, currentFault, passwordFault, confirmFault;

    protected override async Task OnInitializedAsync() => rules = await own.ReadRulesAsync();

    private async Task ChangeAsync() =>
        problem = await PageAction.RunAsync(TryChangeAsync, broken => LogFailed(log, broken), Texts.Users_NotSaved) ?? problem;

    private async Task TryChangeAsync()
    {
        problem = null;
        currentFault = string.IsNullOrEmpty(current) ? Texts.StepUp_PasswordMissing : null;
        passwordFault = string.IsNullOrEmpty(password) ? Texts.Links_PasswordMissing : null;
        confirmFault = passwordFault is null && password != confirm ? Texts.Links_ConfirmDiffers : null;
        if (currentFault is not null || passwordFault is not null || confirmFault is not null) return;
        switch (await own.ChangePasswordAsync(current!, password!))
        {
            case OwnOutcome.Done:
                (current, password, confirm) = (null, null, null);
                announcer.Announce(Texts.Users_PasswordIsChanged);
                await OnChanged.InvokeAsync();
                break;
            case OwnOutcome.PasswordRefused refused:
                passwordFault = PasswordWording.Describe(refused.Faults, refused.MinimumLength);
                break;
            case OwnOutcome.Refused { Refusal: Refusal.Wrong }:
                (current, currentFault) = ("", Texts.Users_CurrentPasswordWrong);
                break;
            case OwnOutcome.Refused(var refusal):
                problem = RefusalWording.Of(refusal, wrong: Texts.Users_CurrentPasswordWrong, changed: Texts.StepUp_TryLater, time.GetUtcNow());
                break;
        }
    }

    [LoggerMessage(LogLevel.Error, "A password could not be changed")]
    private static partial void LogFailed(ILogger log, Exception broken);
}

using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>
/// Changes one's own password and shows the policy while it is typed. A failure keeps what was typed, except a wrong current password.
/// </summary>
public sealed partial class ChangePasswordPopup
{
    private PasswordRules? rules;
    private string? current, password, confirm, problem, currentFault, passwordFault, confirmFault;

    [Inject] private OwnCredentials Own { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    [Inject] private ILogger<ChangePasswordPopup> Log { get; set; } = null!;

    protected override async Task OnInitializedAsync() => rules = await Own.ReadRulesAsync();

    private async Task ChangeAsync() => problem = await PageAction.RunAsync(TryChangeAsync, broken => LogFailed(Log, broken), Texts.Users_NotSaved) ?? problem;

    private async Task TryChangeAsync()
    {
        problem = null;
        currentFault = string.IsNullOrEmpty(current) ? Texts.StepUp_PasswordMissing : null;
        passwordFault = string.IsNullOrEmpty(password) ? Texts.Links_PasswordMissing : null;
        confirmFault = passwordFault is null && password != confirm ? Texts.Links_ConfirmDiffers : null;
        if (currentFault is not null || passwordFault is not null || confirmFault is not null) return;
        switch (await Own.ChangePasswordAsync(current!, password!))
        {
            case OwnOutcome.Done:
                (current, password, confirm) = (null, null, null);
                Announcer.Announce(Texts.Users_PasswordIsChanged);
                await OnChanged.InvokeAsync();
                break;
            case OwnOutcome.PasswordRefused refused:
                passwordFault = PasswordWording.Describe(refused.Faults, refused.MinimumLength);
                break;
            case OwnOutcome.Refused { Refusal: Refusal.Wrong }:
                (current, currentFault) = ("", Texts.Users_CurrentPasswordWrong);
                break;
            case OwnOutcome.Refused(var refusal):
                problem = RefusalWording.Of(refusal, wrong: Texts.Users_CurrentPasswordWrong, changed: Texts.StepUp_TryLater, Time.GetUtcNow());
                break;
        }
    }

    [LoggerMessage(LogLevel.Error, "A password could not be changed")]
    private static partial void LogFailed(ILogger log, Exception broken);
}

using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// The block Security Settings: how people sign in and when an account locks (docs/spec.md 4.2). It includes the MFA switch; one Save takes both.
/// </summary>
public sealed partial class SecurityBlock(MfaSwitch mfaSwitch)
{
    private SettingsBlock block = null!;
    private MfaSwitchConfirmation confirmation = null!;
    private MfaRollOutPreview? rollOut;
    private string? obstacle;

    private Task<SettingsOutcome> SaveAsync()
    {
        obstacle = null;
        return mfaSwitch.SaveAsync(Draft.WithMfa);
    }

    /// <summary>Saves the rule about who must use MFA once the person has seen whom it touches.</summary>
    private Task SaveSeenAsync()
    {
        rollOut = null;
        return block.ActAsync(() => mfaSwitch.SaveAsync(Draft.WithMfa, rollOutSeen: true), Texts.Configuration_NotSaved);
    }

    private void Ask(SettingsOutcome outcome)
    {
        switch (outcome)
        {
            case SettingsOutcome.ConfirmationNeeded needed:
                confirmation.Ask(needed.Question);
                break;
            case SettingsOutcome.RollOutShown shown:
                rollOut = shown.Preview;
                break;
            case SettingsOutcome.RollOutRefused refused:
                obstacle = Words(refused.Obstacle);
                break;
        }
        StateHasChanged();
    }

    private static string Words(MfaRollOutObstacle obstacle) => obstacle switch
    {
        MfaRollOutObstacle.NotEnrolled => Texts.Configuration_RollOutNotEnrolled,
        MfaRollOutObstacle.NoRecoveryCodes => Phrase.Of(Texts.Configuration_RollOutNoRecoveryCodes, Texts.Users_NewRecoveryCodes),
        MfaRollOutObstacle.NoTestMail => Texts.Configuration_RollOutNoTestMail,
        _ => throw new ArgumentOutOfRangeException(nameof(obstacle)),
    };

    private async Task ShowAsync(SettingsOutcome outcome)
    {
        var switched = Draft.Mfa.Value.IsChanged;
        if (!await block.ShowAsync(outcome)) Ask(outcome);
        if (switched && outcome is SettingsOutcome.Saved) await OnSwitched.InvokeAsync();
    }
}

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// The block Security Settings: how people sign in and when an account locks (docs/spec.md 4.2). It includes the MFA switch; one Save takes both.
/// </summary>
public sealed partial class SecurityBlock(MfaSwitch mfaSwitch)
{
    private SettingsBlock block = null!;
    private MfaSwitchConfirmation confirmation = null!;

    private Task<SettingsOutcome> SaveAsync() => mfaSwitch.SaveAsync(Draft.WithMfa);

    private void Ask(SettingsOutcome outcome)
    {
        if (outcome is SettingsOutcome.ConfirmationNeeded needed) confirmation.Ask(needed.Question);
    }

    private async Task ShowAsync(SettingsOutcome outcome)
    {
        var switched = Draft.Mfa.Value.IsChanged;
        await block.ShowAsync(outcome);
        if (switched && outcome is SettingsOutcome.Saved) await OnSwitched.InvokeAsync();
    }
}

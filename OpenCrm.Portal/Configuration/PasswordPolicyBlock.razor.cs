namespace OpenCrm.Portal.Configuration;

/// <summary>The block Password Policy Settings: the rules for new passwords (docs/spec.md 4.3).</summary>
public sealed partial class PasswordPolicyBlock(AdditionalSettings settings)
{
    private Task<SettingsOutcome> SaveAsync() => settings.SaveAsync(Draft.Edit);
}

using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Configuration;

/// <summary>The block Password Policy Settings: the rules for new passwords (docs/spec.md 4.3).</summary>
public sealed partial class PasswordPolicyBlock
{
    [Inject] private AdditionalSettings Settings { get; set; } = null!;

    private Task<SettingsOutcome> SaveAsync() => Settings.SaveAsync(Draft.Edit);
}

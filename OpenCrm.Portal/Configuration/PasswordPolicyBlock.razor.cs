using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Configuration;

/// <summary>What a new password must look like (spec 4.3).</summary>
public sealed partial class PasswordPolicyBlock
{
    [Inject] private AdditionalSettings Settings { get; set; } = null!;

    private Task<SettingsOutcome> SaveAsync() => Settings.SaveAsync(Draft.Edit);
}

using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Configuration;

/// <summary>Company and address (spec 4.2).</summary>
public sealed partial class GeneralBlock
{
    [Inject] private AdditionalSettings Settings { get; set; } = null!;

    [Inject] private PublicAddressChange Change { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private async Task<SettingsOutcome> SaveAsync()
    {
        var outcome = await Settings.SaveAsync(Draft.Edit);
        // This very page may stand at the new address already: by another name of this machine.
        return outcome is SettingsOutcome.Saved(GeneralSettings { PendingPublicUrl: not null }) && await Change.TakeOverAsync(Navigation.BaseUri)
            ? new SettingsOutcome.Saved((await Settings.ReadAsync()).General)
            : outcome;
    }
}

using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>The block General: company name, public address, logo and accent color (docs/spec.md 4.2).</summary>
public sealed partial class GeneralBlock(AdditionalSettings settings, PublicAddressChange change, BrandChange brand)
{
    private static bool IsColour(SettingDraft<GeneralSettings> draft) => draft.Setting is ColourSetting<GeneralSettings>;

    private async Task<SettingsOutcome> SaveAsync()
    {
        var outcome = await settings.SaveAsync(Draft.WithLogo);
        if (outcome is SettingsOutcome.Saved) brand.Tell();
        if (outcome is not SettingsOutcome.Saved(GeneralSettings { PendingPublicUrl: not null })) return outcome;
        try
        {
            // This page may have been opened at the new address already, by another name of this machine.
            return await change.TakeOverAsync() is { } now ? new SettingsOutcome.Saved(now) : outcome;
        }
        catch (AccessRefusedException)
        {
            // The save is done, whatever has become of the session or the role since.
            return outcome;
        }
    }
}

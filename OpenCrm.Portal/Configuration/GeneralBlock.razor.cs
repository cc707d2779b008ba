using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Configuration;

/// <summary>Company and address (spec 4.2).</summary>
public sealed partial class GeneralBlock
{
    [Inject] private AdditionalSettings Settings { get; set; } = null!;

    private Task<SettingsOutcome> SaveAsync() => Settings.SaveAsync(Draft.Edit);
}

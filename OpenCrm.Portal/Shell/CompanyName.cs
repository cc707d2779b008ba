using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Shell;

/// <summary>The company's name, shown on every page beside the mark.</summary>
public sealed class CompanyName(UnitsOfWork units)
{
    public async Task<string> ReadAsync()
    {
        await using var work = await units.ReadAsync();
        return (await work.ReadSettingsAsync<GeneralSettings>()).CompanyName;
    }
}

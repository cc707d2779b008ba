using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Shell;

/// <summary>Reads the company's name, which every page shows beside the logo.</summary>
public sealed class CompanyName(UnitsOfWork units)
{
    public async Task<string> ReadAsync() => (await units.ReadSettingsAsync<GeneralSettings>()).CompanyName;
}

using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Home;

/// <summary>Reads how well the caller's own account is protected.</summary>
public sealed class OwnSecurity(UnitsOfWork units, CurrentCaller currentCaller)
{
    public sealed record View(bool IsProtected, bool MfaSwitchedOn, bool IsSystemAdministrator);

    public async Task<View> ReadAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var caller = await currentCaller.RequirePersonAsync(work, cancel);
        var switchedOn = (await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled;
        var enrolled = (await work.Users.FindAsync(caller.UserId, cancel))!.TwoFactorEnabled;
        return new(switchedOn && enrolled, switchedOn, caller.IsSystemAdministrator);
    }
}

using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Home;

/// <summary>How well the person's own account is protected.</summary>
public sealed class OwnSecurity(UnitsOfWork units, Callers callers)
{
    public sealed record View(bool IsProtected, bool MfaSwitchedOn, bool IsSystemAdministrator);

    public async Task<View> ReadAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var caller = await callers.PersonAsync(work, cancel);
        var switchedOn = (await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled;
        var enrolled = (await work.Users.FindAsync(caller.UserId, cancel))!.TwoFactorEnabled;
        return new(switchedOn && enrolled, switchedOn, caller.IsSystemAdministrator);
    }
}

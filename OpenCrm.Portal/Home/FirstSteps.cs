using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Home;

/// <summary>
/// Reads which steps of a portal's first days are done (docs/spec.md 8.7). Each is read where it is decided, and none is remembered.
/// </summary>
public sealed class FirstSteps(UnitsOfWork units, CurrentCaller currentCaller, MailOptions mail)
{
    /// <param name="MfaSwitchedOn">Whether the MFA switch is on.</param>
    /// <param name="OwnMfa">Whether the caller has set up MFA.</param>
    /// <param name="MailConnected">Whether a mail server is configured, or connected in the portal.</param>
    /// <param name="OthersInvited">Whether anybody but the caller has an account.</param>
    public sealed record View(bool MfaSwitchedOn, bool OwnMfa, bool MailConnected, bool OthersInvited)
    {
        /// <summary>Whether nothing is left to do.</summary>
        public bool IsDone => MfaSwitchedOn && OwnMfa && MailConnected && OthersInvited;
    }

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<View> ReadAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        return new(
            (await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled,
            await work.Query<PortalUser>().AnyAsync(u => u.Id == administrator.UserId && u.TwoFactorEnabled, cancel),
            (await mail.NowAsync(work, cancel)).Smtp is not null,
            await work.Query<PortalUser>().AnyAsync(u => u.Id != administrator.UserId, cancel));
    }
}

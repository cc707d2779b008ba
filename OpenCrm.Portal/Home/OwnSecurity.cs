using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Home;

/// <summary>Reads how well the caller's own account is protected, and when the caller last signed in.</summary>
public sealed class OwnSecurity(UnitsOfWork units, CurrentCaller currentCaller)
{
    private const int SignIns = 5;

    /// <param name="SignIns">The caller's last sign-ins, newest first; the first one is usually this session's.</param>
    public sealed record View(bool IsProtected, bool MfaSwitchedOn, bool IsSystemAdministrator, IReadOnlyList<OwnSignIn> SignIns)
    {
        /// <summary>Until when the caller has to set up MFA; null if nothing asks for it.</summary>
        public DateTimeOffset? MfaDueAt { get; init; }
    }

    public async Task<View> ReadAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var caller = await currentCaller.RequirePersonAsync(work, cancel);
        var settings = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        var user = (await work.Users.FindAsync(caller.UserId, cancel))!;
        var signIns = await work.Query<AuditEntry>()
            .SignInsOf(caller.UserId)
            .OrderByDescending(e => e.At).ThenByDescending(e => e.Id)
            .Take(SignIns)
            .Select(e => new OwnSignIn(e.At, e.Kind, e.Address))
            .ToListAsync(cancel);
        return new(settings.MfaEnabled && user.TwoFactorEnabled, settings.MfaEnabled, caller.IsSystemAdministrator, signIns)
        {
            MfaDueAt = (await work.Duties.FindAsync(user, settings, cancel)).DueAt,
        };
    }
}

/// <summary>One of the caller's own sign-ins.</summary>
/// <param name="Kind">Whether it began a session or woke an idle one: the event's kind.</param>
public sealed record OwnSignIn(DateTimeOffset At, string Kind, string? Address);

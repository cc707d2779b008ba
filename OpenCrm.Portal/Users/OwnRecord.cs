using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>One's own user record as it is shown (spec 5.2).</summary>
/// <param name="MfaSince">Null: not enrolled, or the MFA switch is off and the enrolment dormant (spec 3.4: "MFA Enabled" reads No).</param>
public sealed record UserRecord(
    Guid Id, string Name, string Username, string Email, bool IsSystemAdministrator, AccountStatus Status, bool MfaSwitchedOn,
    DateTimeOffset? MfaSince, string? MfaSetUpBy, DateTimeOffset? PasswordChangedAt, DateTimeOffset? LastSignInAt, IReadOnlyList<SessionRow> Sessions, IReadOnlyList<ActivityRow> Activity);

/// <summary>A session that stands.</summary>
public sealed record SessionRow(Guid Id, string? UserAgent, string? Address, DateTimeOffset Since, bool IsThis);

/// <summary>A recent event about the person.</summary>
public sealed record ActivityRow(string Kind, string By, string? Address, DateTimeOffset At);

/// <summary>How disabling one's own MFA ended.</summary>
public abstract record DisableMfaOutcome
{
    private DisableMfaOutcome() { }

    public sealed record Done(int OtherSessionsEnded) : DisableMfaOutcome;

    /// <summary>It was off already.</summary>
    public sealed record OffAlready : DisableMfaOutcome;

    public sealed record StepUpNeeded(StepUpNeed Need) : DisableMfaOutcome;
}

/// <summary>What people see and do on their own record.</summary>
public sealed class OwnRecord(UnitsOfWork units, Callers callers, MfaRemoval removal, StepUp stepUp)
{
    private const int RecentEvents = 6;

    public async Task<UserRecord> ReadAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var caller = await callers.PersonAsync(work, cancel);
        var user = (await work.Users.FindAsync(caller.UserId, cancel))!;
        var switchedOn = (await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled;
        var authenticator = switchedOn ? user.Authenticator : null;
        var setUpBy = authenticator is null ? null
            : authenticator.SetUpById == user.Id ? user.Name
            : await work.Query<PortalUser>().Where(u => u.Id == authenticator.SetUpById).Select(u => u.Name).SingleOrDefaultAsync(cancel);
        var sessions = await work.Query<PortalSession>()
            .Where(s => s.UserId == user.Id && s.EndedAt == null && s.ExpiresAt > work.Now)
            .OrderByDescending(s => s.CreatedAt)
            .Select(s => new SessionRow(s.Id, s.UserAgent, s.Address, s.CreatedAt, s.Id == caller.SessionId))
            .Take(20)
            .ToListAsync(cancel);
        var activity = await work.Query<AuditEntry>()
            .Where(e => e.SubjectId == user.Id)
            .OrderByDescending(e => e.At).ThenByDescending(e => e.Id)
            .Select(e => new ActivityRow(e.Kind, e.ActorName, e.Address, e.At))
            .Take(RecentEvents)
            .ToListAsync(cancel);
        return new(user.Id, user.Name, user.UserName!, user.Email!, user.IsSystemAdministrator, user.StatusAt(work.Now), switchedOn,
            authenticator?.SetUpAt, setUpBy, user.PasswordChangedAt, user.LastSignInAt, sessions, activity);
    }

    /// <summary>Disables one's own MFA (spec 3.1), after a fresh proof (spec 3.5).</summary>
    public async Task<DisableMfaOutcome> DisableMfaAsync(CancellationToken cancel = default)
    {
        if (await stepUp.NeedAsync(StepUpFor.DisablingOwnMfa, cancel) is var need and not StepUpNeed.Nothing) return new DisableMfaOutcome.StepUpNeeded(need);
        await using var work = await units.BeginAsync(cancel);
        var caller = await callers.PersonAsync(work, cancel);
        // The proof is judged in the transaction that acts; the question above only says which fields to show.
        if (!caller.ProvedInPartRecently(work.Now)) return new DisableMfaOutcome.StepUpNeeded(new StepUpNeed.PasswordOrCode());
        if (!(await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled) return new DisableMfaOutcome.OffAlready();
        var others = await work.Query<PortalSession>().CountAsync(s => s.UserId == caller.UserId && s.EndedAt == null && s.ExpiresAt > work.Now && s.Id != caller.SessionId, cancel);
        if (!await removal.RemoveAsync(work, caller.UserId, MfaDisabledBy.User, caller, cancel)) return new DisableMfaOutcome.OffAlready();
        await work.CommitAsync(cancel);
        return new DisableMfaOutcome.Done(others);
    }
}

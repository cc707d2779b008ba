using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>A user record as it is shown (docs/spec.md 5.2).</summary>
/// <param name="MfaSince">When MFA was set up. Null if the user is not enrolled, or if the MFA switch is off and the enrolment dormant: "MFA Enabled"
/// then reads No.</param>
/// <param name="LastCodeAt">When a code of any authenticator was last used. Null if none was.</param>
/// <param name="Version">The version that an edit starts from; it is saved on top of this version only.</param>
public sealed record UserRecord(
    Guid Id, string Name, string Username, string Email, bool IsSystemAdministrator, AccountStatus Status, bool MfaSwitchedOn,
    DateTimeOffset? MfaSince, string? MfaSetUpBy, DateTimeOffset? LastCodeAt,
    PasswordState Password, DateTimeOffset? PasswordChangedAt, DateTimeOffset? LastSignInAt,
    DateTimeOffset CreatedAt, int FailedAttempts, int AttemptsBeforeLock, string Version,
    IReadOnlyList<SessionRow> Sessions, IReadOnlyList<ActivityRow> Activity)
{
    private const int RecentEvents = 6, MostSessions = 20;

    public bool Enrolled => MfaSince is not null;

    /// <summary>Oldest first; none while the MFA switch is off.</summary>
    public IReadOnlyList<AuthenticatorRow> Authenticators { get; init; } = [];

    /// <summary>How many recovery codes can still be used; null if the person has none to use.</summary>
    public int? RecoveryCodesLeft { get; init; }

    public bool FewRecoveryCodesLeft => RecoveryCodesLeft <= RecoveryCodeSet.FewLeft;

    /// <summary>The language that the person chose; null = as in the browser.</summary>
    public string? Language { get; init; }

    /// <summary>What the rule about MFA asks of the user now, and until when.</summary>
    public MfaDuty Duty { get; init; }

    /// <summary>Whether the user must use MFA: whoever disables it has to set it up again.</summary>
    public bool MustUseMfa { get; init; }

    /// <summary>Until when what matters is on hold for the person after a recovery (docs/spec.md 11.3); null if it is not.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>When a confirmed lost-device link removes the MFA (docs/spec.md 11.7); null if none waits.</summary>
    public DateTimeOffset? MfaRemovalAt { get; init; }

    /// <summary>Reads the record of <paramref name="userId"/>; null if there is none. The calling service checks the reader's right.</summary>
    /// <param name="thisSession">The reader's own session, which is marked in the list.</param>
    internal static async Task<UserRecord?> ReadAsync(UnitOfWork work, Guid userId, Guid thisSession, CancellationToken cancel)
    {
        if (await work.Users.FindAsync(userId, cancel) is not { } user) return null;
        var security = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        var authenticators = security.MfaEnabled && user.Enrolment is SecondFactor.Due ? await work.Enrolments.ListAsync(user, cancel) : [];
        var first = authenticators.FirstOrDefault();
        var setUpBy = first is null ? null
            : first.SetUpById == user.Id ? user.Name
            : await work.Query<PortalUser>().Where(u => u.Id == first.SetUpById).Select(u => u.Name).SingleOrDefaultAsync(cancel);
        var sessions = await OpenSessions.ListAsync(work, user.Id, thisSession, MostSessions, cancel);
        var activity = await work.Query<AuditEntry>()
            .Where(e => e.SubjectId == user.Id)
            .OrderByDescending(e => e.At).ThenByDescending(e => e.Id)
            .Select(e => new ActivityRow(e.Kind, e.Details, e.ActorName, e.ActorId == e.SubjectId, e.Address, e.At))
            .Take(RecentEvents)
            .ToListAsync(cancel);
        var password = user.PasswordHash is not null ? PasswordState.Set
            : user.PasswordChangedAt is null ? PasswordState.Invited
            : PasswordState.Reset;
        return new(user.Id, user.Name, user.UserName!, user.Email!, user.IsSystemAdministrator, user.StatusAt(work.Now), security.MfaEnabled,
            first?.SetUpAt, setUpBy, authenticators.Max(one => one.LastUsedAt),
            password, user.PasswordChangedAt, user.LastSignInAt,
            user.CreatedAt, user.AccessFailedCount, security.AttemptsBeforeLock, user.ConcurrencyStamp!, sessions, activity)
        {
            Language = user.Language,
            Duty = await work.Duties.FindAsync(user, security, cancel),
            MustUseMfa = MfaRule.Of(security).Covers(user.IsSystemAdministrator),
            RecoveryCodesLeft = first is null ? null : await work.RecoveryCodes.CountLeftAsync(user.Id, cancel),
            Authenticators = [.. authenticators.Select(one => new AuthenticatorRow(one.Id, one.Name, one.SetUpAt, one.LastUsedAt))],
            MfaRemovalAt = await MfaRemovals.FindDueAsync(work, user.Id, cancel),
            HeldUntil = await RecoveryHolds.FindAsync(work, user.Id, cancel),
        };
    }
}

/// <summary>An authenticator on the user record (docs/spec.md 11.4).</summary>
public sealed record AuthenticatorRow(Guid Id, string Name, DateTimeOffset Since, DateTimeOffset? LastUsedAt);

/// <summary>The state of a user's password.</summary>
public enum PasswordState
{
    Set,

    /// <summary>The person is invited and has not chosen a password yet.</summary>
    Invited,

    /// <summary>An administrator withdrew the old password, and no new one is chosen yet.</summary>
    Reset,
}

/// <summary>A recent event about the person.</summary>
/// <param name="Details">As stored in <see cref="AuditEntry.Details"/>.</param>
/// <param name="ByPerson">Whether the person did it themselves.</param>
public sealed record ActivityRow(string Kind, string Details, string By, bool ByPerson, string? Address, DateTimeOffset At);

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.AuditLog;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Home;

/// <summary>
/// Reads what Home shows a system administrator. Nothing is counted here that grows with the portal: days are counted already, and each other query
/// is a short range of an index.
/// </summary>
public sealed class HomeFigures(UnitsOfWork units, CurrentCaller currentCaller)
{
    /// <summary>The days of the line of MFA's roll-out.</summary>
    internal const int RolloutDays = 90;

    private const int NewestEvents = 6;

    /// <summary>
    /// What an administrator should notice. Everyday sign-ins and wrong passwords are in the chart; each of these stands for itself.
    /// </summary>
    private static readonly string[] SecurityKinds =
    [
        nameof(AuditEvent.LockedAfterFailures), nameof(AuditEvent.LockedByAdministrator), nameof(AuditEvent.AddressLimitReached),
        nameof(AuditEvent.ReusedCode), nameof(AuditEvent.AuthenticatorUnreadable), nameof(AuditEvent.MfaSetUp), nameof(AuditEvent.MfaDisabled),
        nameof(AuditEvent.AuthenticatorAdded), nameof(AuditEvent.AuthenticatorRemoved),
        nameof(AuditEvent.RecoveryCodesMade), nameof(AuditEvent.RecoveryCodeUsed),
        nameof(AuditEvent.MfaSwitchChanged), nameof(AuditEvent.PasswordReset), nameof(AuditEvent.PasswordWithdrawn),
        nameof(AuditEvent.SettingChanged), nameof(AuditEvent.MfaDeadlineExtended),
        nameof(AuditEvent.MfaRemovalScheduled), nameof(AuditEvent.RecoveryHoldLifted),
        nameof(AuditEvent.TemporaryCodeGiven), nameof(AuditEvent.TemporaryCodeUsed),
    ];

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<AdministratorFigures> ReadAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        await work.Planner.PreferIndexesAsync(cancel: cancel);
        var (rollout, signIns) = await ReadDaysAsync(work, cancel);
        return new(
            (await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled,
            rollout,
            signIns,
            await CountUsersAsync(work, AccountStatus.LockedFailedAttempts, cancel),
            await CountUsersAsync(work, AccountStatus.Locked, cancel),
            await CountFailedMailsAsync(work, cancel),
            await work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Dead)
                .OrderByDescending(e => e.CreatedAt).ThenByDescending(e => e.Id)
                .Select(e => (DateTimeOffset?)e.CreatedAt).FirstOrDefaultAsync(cancel),
            await ReadSecurityEventsAsync(work, cancel))
        {
            MfaDuties = await CountDutiesAsync(work, cancel),
        };
    }

    /// <summary>Counts who is due and overdue, as the list does whose filters the tile leads to; null while the rule covers nobody.</summary>
    private static async Task<DutyFigures?> CountDutiesAsync(UnitOfWork work, CancellationToken cancel)
    {
        var terms = await ListTerms.ReadAsync(work, [MfaDutyState.Due, MfaDutyState.Overdue], cancel: cancel);
        return terms.Rule.CoversAnybody ? new(await CountAsync(MfaDutyState.Due), await CountAsync(MfaDutyState.Overdue)) : null;

        async Task<CappedCount> CountAsync(MfaDutyState state) => new(
            await UserList.Filtered(work.Query<PortalUser>(), terms.Narrowed(new() { Duty = state }), terms)
                .Take(CappedCount.Limit + 1).CountAsync(cancel));
    }

    private static async Task<(IReadOnlyList<RolloutDay> Rollout, IReadOnlyList<SignInDay> SignIns)> ReadDaysAsync(
        UnitOfWork work, CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(work.Now.UtcDateTime);
        var first = today.AddDays(1 - RolloutDays);
        var days = await work.Query<DayFigures>().Where(d => d.Day >= first && d.Day <= today).OrderBy(d => d.Day).ToListAsync(cancel);
        var counted = days.ToDictionary(d => d.Day);
        // A day without a row had no sign-in that was counted; without its bar the days beside it would move together.
        var signIns = Enumerable.Range(1 - DayCounting.Days, DayCounting.Days).Select(today.AddDays)
            .Select(day => counted.TryGetValue(day, out var found) ? new SignInDay(day, found.SignIns, found.Refusals) : new SignInDay(day, 0, 0));
        return ([.. days.Where(d => d.UsersCountedAt != null).Select(d => new RolloutDay(d.Day, d.WithMfa, d.WithoutMfa))], [.. signIns]);
    }

    private static async Task<CappedCount> CountUsersAsync(UnitOfWork work, AccountStatus status, CancellationToken cancel) =>
        new(await work.Query<PortalUser>().Where(UserOrder.Is(status, work.Now)).Take(CappedCount.Limit + 1).CountAsync(cancel));

    private static async Task<CappedCount> CountFailedMailsAsync(UnitOfWork work, CancellationToken cancel) =>
        new(await work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Dead).Take(CappedCount.Limit + 1).CountAsync(cancel));

    /// <summary>Asks for the newest of each kind, in one query: of all kinds at once, a database would sort what years have left of them.</summary>
    private static async Task<IReadOnlyList<SecurityEvent>> ReadSecurityEventsAsync(UnitOfWork work, CancellationToken cancel)
    {
        var newest = SecurityKinds.Select(kind => Newest(work.Query<AuditEntry>().Where(e => e.Kind == kind)))
            .Aggregate((all, ofKind) => all.Concat(ofKind));
        var rows = await AuditList.Project(work, Newest(newest)).ToListAsync(cancel);
        return [.. rows.Select(row => new SecurityEvent(row.At, row.Kind, row.Details, row.By, row.About, row.Address))];
    }

    private static IQueryable<AuditEntry> Newest(IQueryable<AuditEntry> events) =>
        events.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(NewestEvents);
}

/// <summary>What Home shows a system administrator.</summary>
/// <param name="Rollout">The days on which users were counted, oldest first; the last one is the newest count.</param>
/// <param name="SignIns">The last days without a gap, oldest first.</param>
/// <param name="LastMailFailure">When the newest mail was made that was given up; null if there is none.</param>
public sealed record AdministratorFigures(
    bool MfaSwitchedOn, IReadOnlyList<RolloutDay> Rollout, IReadOnlyList<SignInDay> SignIns,
    CappedCount LockedAfterFailures, CappedCount LockedByAdministrator,
    CappedCount FailedMails, DateTimeOffset? LastMailFailure, IReadOnlyList<SecurityEvent> Events)
{
    /// <summary>Who is due and overdue with setting up MFA; null while nobody has to.</summary>
    public DutyFigures? MfaDuties { get; init; }
}

/// <summary>How many users had MFA on a day in UTC.</summary>
public sealed record RolloutDay(DateOnly Day, int With, int Without);

/// <summary>How often people signed in, and were refused, on a day in UTC.</summary>
public sealed record SignInDay(DateOnly Day, int SignIns, int Refusals);

/// <summary>How many users have to set up MFA until a deadline ahead, and how many had to by now.</summary>
public sealed record DutyFigures(CappedCount Due, CappedCount Overdue);

/// <summary>An event that an administrator should notice.</summary>
/// <param name="Details">As stored in <see cref="AuditEntry.Details"/>.</param>
/// <param name="About">The present name of whom it is about; null if it is about nobody.</param>
public sealed record SecurityEvent(DateTimeOffset At, string Kind, string Details, string By, string? About, string? Address);

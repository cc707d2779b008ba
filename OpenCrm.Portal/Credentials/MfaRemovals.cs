using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Schedules the removal of MFA under a waiting time, and ends the wait (docs/spec.md 11.7). Every caller holds the user's row, so a removal is
/// either ended or carried out. Each deletion is one statement, true for the one caller that ended something.
/// </summary>
public static class MfaRemovals
{
    /// <summary>
    /// Schedules the removal of the user's enrolment, in the transaction that uses up the link, and mails the person and every system administrator.
    /// One that waits already keeps its time: a second link neither hurries nor delays it.
    /// </summary>
    /// <returns>When MFA is removed.</returns>
    internal static async Task<DateTimeOffset> ScheduleAsync(
        UnitOfWork work, PortalUser user, TimeSpan wait, Caller by, CancellationToken cancel = default)
    {
        var enrolment = user.EnrolmentId!.Value;
        if (await Of(work, user.Id).SingleOrDefaultAsync(cancel) is { } waiting)
        {
            if (waiting.SecurityStamp == user.SecurityStamp && waiting.EnrolmentId == enrolment) return waiting.DueAt;
            await Of(work, user.Id).ExecuteDeleteAsync(cancel);
        }
        var due = work.Now + wait;
        work.Add(new MfaRemoval
        {
            UserId = user.Id,
            EnrolmentId = enrolment,
            SecurityStamp = user.SecurityStamp!,
            ConfirmedAt = work.Now,
            DueAt = due,
            NextAttemptAt = due,
            Address = by.Address,
        });
        work.Record(new AuditEvent.MfaRemovalScheduled(user.Id, due), by);
        await work.QueueToPersonAndAdministratorsAsync(
            user, (to, isPerson) => new MailDraft.MfaRemovalWaiting(to, isPerson, user, due, by, work.Now), cancel);
        work.AfterCommit<MfaRemovalSignal>(signal => signal.Raise());
        return due;
    }

    /// <summary>When the user's MFA is going to be removed; null if no removal waits.</summary>
    public static async Task<DateTimeOffset?> FindDueAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) =>
        await Of(work, userId).Select(r => (DateTimeOffset?)r.DueAt).SingleOrDefaultAsync(cancel);

    /// <summary>Ends the wait: MFA stays. The person and every system administrator get a mail.</summary>
    /// <returns>False if no removal was waiting; then nothing happened.</returns>
    public static async Task<bool> EndAsync(UnitOfWork work, PortalUser user, MfaRemovalEnd why, Caller by, CancellationToken cancel = default)
    {
        if (await Of(work, user.Id).ExecuteDeleteAsync(cancel) != 1) return false;
        work.Record(new AuditEvent.MfaRemovalEnded(user.Id, why.ToString()), by);
        await work.QueueToPersonAndAdministratorsAsync(
            user, (to, isPerson) => new MailDraft.MfaRemovalEnded(to, isPerson, user, why, by, work.Now), cancel);
        return true;
    }

    /// <summary>Drops the removal because MFA is disabled in another way, which has its own event and mails.</summary>
    internal static Task DropAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) => Of(work, userId).ExecuteDeleteAsync(cancel);

    /// <summary>
    /// Drops everybody's removals when the MFA switch goes off, which mails nobody (docs/spec.md 3.4). Switching it on revives none.
    /// </summary>
    internal static Task DropAllAsync(UnitOfWork work, CancellationToken cancel = default) => work.Query<MfaRemoval>().ExecuteDeleteAsync(cancel);

    /// <summary>
    /// Takes the removal to carry it out: true once, whichever node is first, and only while account and enrolment are the ones that confirmed.
    /// </summary>
    internal static async Task<bool> TakeDueAsync(UnitOfWork work, Guid userId, CancellationToken cancel) =>
        await Of(work, userId)
            .Where(r => r.DueAt <= work.Now
                && work.Query<PortalUser>().Any(u => u.Id == r.UserId && u.State == AccountState.Active
                    && u.SecurityStamp == r.SecurityStamp && u.EnrolmentId == r.EnrolmentId))
            .ExecuteDeleteAsync(cancel) == 1;

    private static IQueryable<MfaRemoval> Of(UnitOfWork work, Guid userId) => work.Query<MfaRemoval>().Where(r => r.UserId == userId);
}

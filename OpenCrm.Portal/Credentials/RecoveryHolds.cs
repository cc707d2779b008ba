using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Starts and ends the hold after a recovery (docs/spec.md 11.3). Whoever starts one holds the user's row. The person's open pages show and lose the
/// note about it at once, on every node.
/// </summary>
public sealed class RecoveryHolds(SessionEnding sessions)
{
    public const int ReasonLength = 300;

    /// <summary>
    /// Starts the hold in the transaction that uses up the recovery: a lost-device link, a temporary code or a recovery code. One that is on already
    /// becomes longer, never shorter.
    /// </summary>
    public async Task StartAsync(UnitOfWork work, PortalUser user, RecoveryKind recovery, Caller by, CancellationToken cancel = default)
    {
        var hours = (await work.ReadSettingsAsync<SecuritySettings>(cancel)).RecoveryHoldHours;
        if (hours == 0) return;
        var (now, until, kind) = (work.Now, work.Now + TimeSpan.FromHours(hours), (int)recovery);
        await work.ExecuteAsync(
            $"""
            INSERT INTO "RecoveryHolds" ("UserId", "StartedAt", "Until", "Recovery") VALUES ({user.Id}, {now}, {until}, {kind})
            ON CONFLICT ("UserId") DO UPDATE SET
                "StartedAt" = CASE WHEN "RecoveryHolds"."Until" <= {now} THEN {now} ELSE "RecoveryHolds"."StartedAt" END,
                "Until" = CASE WHEN "RecoveryHolds"."Until" > {until} THEN "RecoveryHolds"."Until" ELSE {until} END,
                "Recovery" = {kind}
            """, cancel);
        work.Record(new AuditEvent.RecoveryHoldStarted(user.Id, recovery.ToString(), until), by);
        await sessions.EvaluateAgainAsync(work, user.Id, cancel);
    }

    /// <summary>Until when the person is on hold; null if they are not.</summary>
    public static async Task<DateTimeOffset?> FindAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) =>
        await Of(work, userId).Select(h => (DateTimeOffset?)h.Until).SingleOrDefaultAsync(cancel);

    /// <summary>Ends the hold because six digits of an authenticator were right, if that authenticator was there before the recovery.</summary>
    /// <param name="setUpAt">When the authenticator was set up.</param>
    internal async Task EndByDeviceAsync(UnitOfWork work, PortalUser user, DateTimeOffset setUpAt, Caller by, CancellationToken cancel)
    {
        if (await Of(work, user.Id).Where(h => h.StartedAt > setUpAt).ExecuteDeleteAsync(cancel) != 1) return;
        work.Record(new AuditEvent.RecoveryHoldEnded(user.Id), by);
        await sessions.EvaluateAgainAsync(work, user.Id, cancel);
    }

    /// <summary>
    /// Lifts the hold, and mails the person and every system administrator. The calling service checks the caller's right and proof, and the reason.
    /// </summary>
    /// <returns>False if the person is not on hold; then nothing happened.</returns>
    public async Task<bool> LiftAsync(UnitOfWork work, PortalUser user, string reason, Caller by, CancellationToken cancel = default)
    {
        if (await Of(work, user.Id).ExecuteDeleteAsync(cancel) != 1) return false;
        work.Record(new AuditEvent.RecoveryHoldLifted(user.Id, reason), by);
        await work.QueueToPersonAndAdministratorsAsync(
            user, (to, isPerson) => new MailDraft.HoldLifted(to, isPerson, user, reason, by, work.Now), cancel);
        await sessions.EvaluateAgainAsync(work, user.Id, cancel);
        return true;
    }

    private static IQueryable<RecoveryHold> Of(UnitOfWork work, Guid userId) =>
        work.Query<RecoveryHold>().Where(h => h.UserId == userId && h.Until > work.Now);
}

using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Disables MFA for one user. Every way to do so (own record, lost device, administrator, rescue command) comes here, so the same things happen in
/// one commit (docs/spec.md 3.1–3.3).
/// </summary>
public sealed class MfaDisabling(SessionEnding sessions, RecoveryHolds holds)
{
    /// <summary>
    /// Erases the enrolment, ends the person's other sessions and half-done sign-ins, records it, and mails the person and every system
    /// administrator. The calling service checks the caller's right and proof.
    /// </summary>
    /// <returns>False if MFA was off already; then nothing happened.</returns>
    public async Task<bool> DisableAsync(UnitOfWork work, Guid userId, MfaDisabledBy way, Caller by, CancellationToken cancel = default)
    {
        if (!await work.Enrolments.DisableAsync(userId, cancel)) return false;
        var user = (await work.Users.FindAsync(userId, cancel))!;
        var own = by is Caller.Person person && person.UserId == userId ? person.SessionId : default(Guid?);
        work.Record(new AuditEvent.MfaDisabled(userId, way), by);
        await sessions.EndAsync(work, userId, SessionEnd.MfaChanged, by, except: own, cancel);
        // The session that stays may have to set up MFA again at once (docs/spec.md 12.3).
        await sessions.EvaluateAgainAsync(work, userId, cancel);
        // A wizard that is open in another tab would set up MFA again right after it was disabled.
        await work.Enrolments.DropPendingAsync(userId, cancel);
        await MfaRemovals.DropAsync(work, userId, cancel);
        await TemporaryCodes.DropAsync(work, userId, cancel);
        // Somebody who has the mailbox and the password got in: what would make the takeover lasting waits for the owner or another administrator.
        if (way is MfaDisabledBy.LostDevice) await holds.StartAsync(work, user, RecoveryKind.LostDevice, by, cancel);
        work.Queue(new MailDraft.MfaDisabledToPerson(user, way, by, work.Now));
        await work.QueueToAdministratorsAsync(
            administrator => new MailDraft.MfaDisabledToAdministrator(administrator, user, way, by, work.Now), cancel);
        return true;
    }
}

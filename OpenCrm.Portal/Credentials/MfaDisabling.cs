using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>The one way out of MFA for one user (spec 3.1–3.3, 8.4): whoever asks, the same things happen in one commit.</summary>
public sealed class MfaDisabling(SessionEnding sessions)
{
    /// <summary>
    /// Erases the enrolment, ends the person's other sessions and half-done sign-ins, records it, mails the person and every system administrator. The caller's right
    /// and proof are the caller's service to check.
    /// </summary>
    /// <returns>False: MFA was off already, and nothing happened.</returns>
    public async Task<bool> DisableAsync(UnitOfWork work, Guid userId, MfaDisabledBy way, Caller by, CancellationToken cancel = default)
    {
        if (!await work.Enrolments.DisableAsync(userId, cancel)) return false;
        var user = (await work.Users.FindAsync(userId, cancel))!;
        var own = by is Caller.Person person && person.UserId == userId ? person.SessionId : default(Guid?);
        work.Record(new AuditEvent.MfaDisabled(userId, way), by);
        await sessions.EndAsync(work, userId, SessionEnd.MfaChanged, by, except: own, cancel);
        // The wizard that stands open in another tab would set up on top of what was just removed.
        await work.Enrolments.DropPendingAsync(userId, cancel);
        work.Queue(new MailDraft.MfaDisabledToPerson(user, way, by, work.Now));
        await work.QueueToAdministratorsAsync(administrator => new MailDraft.MfaDisabledToAdministrator(administrator, user, way, by, work.Now), cancel);
        return true;
    }
}

using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Everything that follows when something was accepted in the place of the six digits, in the transaction of its use: event, mails, and whatever else
/// the specification says of <see cref="Sessions.RecoveryKind"/>. Sign-in, signing in again and step-up all come here.
/// </summary>
internal static class StandInUse
{
    /// <param name="left">How many codes the person has now.</param>
    public static async Task NoteRecoveryCodeAsync(UnitOfWork work, PortalUser user, int left, AskedAt at, Caller by, CancellationToken cancel)
    {
        work.Record(new AuditEvent.RecoveryCodeUsed(user.Id, at.ToString(), left), by);
        work.Queue(new MailDraft.RecoveryCodeUsed(MailRecipient.Of(user), ToAdministrator: false, user, left, by.Address, work.Now));
        await work.QueueToAdministratorsAsync(
            administrator => new MailDraft.RecoveryCodeUsed(administrator, ToAdministrator: true, user, left, by.Address, work.Now), cancel);
    }
}

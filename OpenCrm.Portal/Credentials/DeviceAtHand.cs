using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// What follows from how a second factor was proved, wherever it was asked for: every settled attempt with a code comes here. Whoever can show six
/// digits of an authenticator has the device, so what was begun for want of it is over (docs/spec.md 11.3, 11.5, 11.7). Something in their place
/// starts the hold.
/// </summary>
public sealed class DeviceAtHand(RecoveryHolds holds)
{
    /// <param name="user">The user whose row is held: whatever begins one of these holds it too, so that what is read here stays true.</param>
    /// <param name="setUpAt">When the authenticator of the digits was set up.</param>
    internal async Task NoteAsync(UnitOfWork work, PortalUser user, DateTimeOffset setUpAt, Caller by, CancellationToken cancel)
    {
        // One statement at nearly every sign-in; the others only where something is to end.
        var begun = await work.Query<PortalUser>().Where(u => u.Id == user.Id)
            .Select(u => new
            {
                Removal = work.Query<MfaRemoval>().Any(r => r.UserId == u.Id),
                Hold = work.Query<RecoveryHold>().Any(h => h.UserId == u.Id),
                Temporary = work.Query<TemporaryCode>().Any(c => c.UserId == u.Id),
            })
            .SingleAsync(cancel);
        if (begun.Removal) await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Code, by, cancel);
        if (begun.Hold) await holds.EndByDeviceAsync(work, user, setUpAt, by, cancel);
        if (begun.Temporary) await TemporaryCodes.EndAsync(work, user.Id, TemporaryCodeEnd.Code, by, cancel);
    }

    /// <summary>Notes what took the place of six digits: the hold, the event, and the mails to the person and every system administrator.</summary>
    /// <param name="user">The user whose row is held.</param>
    internal async Task NoteMissingAsync(UnitOfWork work, PortalUser user, RecoveryKind recovery, AskedAt at, Caller by, CancellationToken cancel)
    {
        await holds.StartAsync(work, user, recovery, by, cancel);
        if (recovery is not RecoveryKind.TemporaryCode) return;
        work.Record(new AuditEvent.TemporaryCodeUsed(user.Id, at.ToString()), by);
        var heldUntil = await RecoveryHolds.FindAsync(work, user.Id, cancel);
        await work.QueueToPersonAndAdministratorsAsync(
            user, (to, isPerson) => new MailDraft.TemporaryCodeUsed(to, isPerson, user, heldUntil, by, work.Now), cancel);
    }
}

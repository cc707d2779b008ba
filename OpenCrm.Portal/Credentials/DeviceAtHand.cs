using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// What six digits of an authenticator end besides what they were asked for: whoever can show them has the device, so what was begun for want of it
/// is over (docs/spec.md 11.3, 11.7). Every settled attempt with six digits comes here, wherever they were asked for.
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
            })
            .SingleAsync(cancel);
        if (begun.Removal) await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Code, by, cancel);
        if (begun.Hold) await holds.EndByDeviceAsync(work, user, setUpAt, by, cancel);
    }
}

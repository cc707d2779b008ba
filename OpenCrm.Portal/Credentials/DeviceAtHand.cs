using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// What six digits of an authenticator end besides what they were asked for: whoever can show them has the device, so what was begun for want of it
/// is over (docs/spec.md 11.7). Every settled attempt with six digits comes here, wherever they were asked for.
/// </summary>
internal static class DeviceAtHand
{
    /// <param name="user">The user whose row is held.</param>
    public static async Task NoteAsync(UnitOfWork work, PortalUser user, Caller by, CancellationToken cancel) =>
        await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Code, by, cancel);
}

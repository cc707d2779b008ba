using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>Signing out from inside the circuit: the row, then the page, then the cookie.</summary>
public sealed class SignOut(UnitsOfWork units, Callers callers, SessionEnding sessions, PortalAuthenticationStateProvider authentication, SessionCookie cookie)
{
    public async Task SignOutAsync()
    {
        try
        {
            await using var work = await units.BeginAsync();
            await EndAsync(work, sessions, await callers.PersonAsync(work), CancellationToken.None);
            await work.CommitAsync();
        }
        catch (AccessRefusedException)
        {
            // It had ended already; the cookie goes all the same.
        }
        authentication.SwitchToNobody(SessionEnd.SignedOut);
        await cookie.DropAsync();
    }

    internal static async Task EndAsync(UnitOfWork work, SessionEnding sessions, Caller.Person person, CancellationToken cancel)
    {
        if (await sessions.EndOneAsync(work, person.SessionId, SessionEnd.SignedOut, cancel))
            work.Record(new AuditEvent.SignedOut(person.UserId), person);
    }
}

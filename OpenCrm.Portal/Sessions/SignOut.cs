using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>Signs out from inside the circuit, also from an idle session: ends the row, then leaves the page, then drops the cookie.</summary>
public sealed class SignOut(
    UnitsOfWork units, SessionEnding sessions, PortalAuthenticationStateProvider authentication, ClientConnection connection, SessionCookie cookie)
{
    public async Task SignOutAsync()
    {
        if (authentication.SessionId is { } session)
        {
            await using var work = await units.BeginAsync();
            await EndAsync(work, sessions, await SessionCheck.EvaluateAsync(work, session), connection.Address, CancellationToken.None);
            await work.CommitAsync();
        }
        authentication.SwitchToNobody(SessionEnd.SignedOut);
        await cookie.DropAsync();
    }

    internal static async Task EndAsync(UnitOfWork work, SessionEnding sessions, SessionState state, string? address, CancellationToken cancel)
    {
        var person = state switch
        {
            SessionState.Active active => active.Caller,
            SessionState.Idle idle => idle.Person,
            // The session had ended already; the cookie is dropped all the same.
            _ => null,
        };
        if (person is not null && await sessions.EndOneAsync(work, person.UserId, person.SessionId, SessionEnd.SignedOut, cancel))
            work.Record(new AuditEvent.SignedOut(person.UserId), address is null ? person : person with { Address = address });
    }
}

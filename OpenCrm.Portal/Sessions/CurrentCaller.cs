using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components.Authorization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>Reads who calls, again for each action: session, status and role may have changed since the page was drawn.</summary>
public sealed class CurrentCaller(AuthenticationStateProvider authentication, ClientConnection connection, Refusals refusals)
{
    /// <summary>Returns the signed-in person.</summary>
    /// <exception cref="AccessRefusedException">
    /// Nobody is signed in, or the session ended; the page shows the sign-in form. Or the session is idle, and the page asks to sign in again. Or the
    /// person had to set up MFA by now, and the page leads to the wizard.
    /// </exception>
    public Task<Caller.Person> RequirePersonAsync(UnitOfWork work, CancellationToken cancel = default) =>
        RequireAsync(work, evenOverdue: false, cancel);

    /// <summary>The same for the few services that answer also while MFA is overdue (docs/spec.md 12.2): the wizard's and the help's.</summary>
    /// <exception cref="AccessRefusedException">Nobody is signed in, or the session ended or is idle.</exception>
    public Task<Caller.Person> RequirePersonEvenOverdueAsync(UnitOfWork work, CancellationToken cancel = default) =>
        RequireAsync(work, evenOverdue: true, cancel);

    /// <summary>
    /// Returns the signed-in system administrator. In a unit of work that writes, the one of every write under Settings, it refuses an administrator
    /// who is on hold after a recovery (docs/spec.md 11.3): so no service can forget to ask.
    /// </summary>
    /// <param name="act">The requested action, for the log.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator, or no longer one.</exception>
    /// <exception cref="RecoveryHoldException">The administrator is on hold, and the unit of work writes.</exception>
    public async Task<Caller.Person> RequireAdministratorAsync(
        UnitOfWork work, CancellationToken cancel = default, [CallerMemberName] string act = "")
    {
        var person = await RequirePersonAsync(work, cancel);
        if (person.IsSystemAdministrator)
        {
            if (work.Writes) person.RequireNotHeld(work.Now);
            return person;
        }
        NoteWithoutRight(person, act);
        throw new AccessRefusedException("Only system administrators may do this.");
    }

    /// <summary>
    /// Logs that somebody asked a service for an action that no page offers them. For services that refuse by returning an outcome.
    /// </summary>
    /// <param name="act">The requested action.</param>
    public void NoteWithoutRight(Caller.Person person, string act) => refusals.Note(RefusalKind.ActionWithoutRight, person, act);

    private async Task<Caller.Person> RequireAsync(UnitOfWork work, bool evenOverdue, CancellationToken cancel)
    {
        var principal = (await authentication.GetAuthenticationStateAsync()).User;
        if (!Guid.TryParse(principal.FindFirst(PortalClaims.SessionId)?.Value, out var sessionId))
            throw new AccessRefusedException("Nobody is signed in.");
        switch (await SessionCheck.EvaluateAsync(work, sessionId, cancel))
        {
            case SessionState.Active { Duty.IsOverdue: true } overdue when !evenOverdue:
                (authentication as PortalAuthenticationStateProvider)?.GoOn(overdue);
                throw new MfaOverdueException();
            case SessionState.Active active:
                return active.Caller with { Address = connection.Address };
            case SessionState.Idle idle:
                (authentication as PortalAuthenticationStateProvider)?.GoIdle(idle);
                throw new SessionIdleException();
            case SessionState.Ended ended:
                (authentication as PortalAuthenticationStateProvider)?.SwitchToNobody(ended.By);
                throw new AccessRefusedException("The session ended.");
            default:
                (authentication as PortalAuthenticationStateProvider)?.SwitchToNobody(SessionEnd.Expired);
                throw new AccessRefusedException("There is no such session.");
        }
    }
}

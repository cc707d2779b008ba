using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>State of one person in a circuit. When the person changes it is dropped, so that nothing of it is reachable by the next (security I7).</summary>
public interface IForgetsPerson
{
    void Forget();
}

/// <summary>
/// Who this circuit belongs to at the moment. Sign-in, sign-out and the end of a session switch it in place, without a page load (spec 1.2).
/// </summary>
public sealed class PortalAuthenticationStateProvider(
    ILoggerFactory loggers, UnitsOfWork units, CircuitRegistry circuits, IServiceProvider services) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    private static readonly AuthenticationState Nobody = new(new ClaimsPrincipal(new ClaimsIdentity()));
    private Guid? _registered;
    private (string? Name, bool Administers) _drawn;
    private bool _follows;

    /// <summary>Why the last session in this circuit ended; shown above the sign-in form.</summary>
    public SessionEnd? EndedBy { get; private set; }

    /// <summary>A backstop: revocations are pushed, and every action asks anyway.</summary>
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    /// <summary>
    /// Also after a lost connection: the framework then takes the person from the cookie, which another tab may have changed meanwhile.
    /// </summary>
    private async Task FollowAsync(Task<AuthenticationState> changed)
    {
        var user = (await changed).User;
        _drawn = Drawn(user);
        var session = SessionId(user);
        if (session == _registered) return;
        ForgetPerson();
        Register(session);
    }

    public override async Task<AuthenticationState> GetAuthenticationStateAsync()
    {
        var state = await base.GetAuthenticationStateAsync();
        if (!_follows)
        {
            _follows = true;
            AuthenticationStateChanged += changed => _ = FollowAsync(changed);
            _drawn = Drawn(state.User);
        }
        Register(SessionId(state.User));
        return state;
    }

    /// <summary>The circuit goes on as this person.</summary>
    public void Switch(SessionStanding.Stands standing)
    {
        EndedBy = null;
        ForgetPerson();
        Register(standing.Caller.SessionId);
        SetAuthenticationState(Task.FromResult(new AuthenticationState(standing.Principal())));
    }

    /// <summary>A change of role keeps the session, and the open page is judged again (spec 5.3); a change of name is drawn with it.</summary>
    internal void JudgeAgain(SessionStanding.Stands standing)
    {
        if (standing.Caller.SessionId != _registered) return;
        var principal = standing.Principal();
        if (Drawn(principal) != _drawn) SetAuthenticationState(Task.FromResult(new AuthenticationState(principal)));
    }

    /// <summary>The circuit goes on with nobody signed in; <paramref name="by"/> is told, except after a sign-out.</summary>
    public void SwitchToNobody(SessionEnd by)
    {
        EndedBy = by is SessionEnd.SignedOut ? null : by;
        ForgetPerson();
        Register(null);
        SetAuthenticationState(Task.FromResult(Nobody));
    }

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        if (SessionId(authenticationState.User) is not { } id) return true;
        await using var work = await units.ReadAsync(cancellationToken);
        switch (await SessionCheck.JudgeAsync(work, id, cancellationToken))
        {
            case SessionStanding.Stands standing:
                JudgeAgain(standing);
                return true;
            case SessionStanding.Ended ended:
                EndedBy = ended.By;
                break;
            default:
                EndedBy = SessionEnd.Expired;
                break;
        }
        ForgetPerson();
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        Register(null);
        base.Dispose(disposing);
    }

    private static Guid? SessionId(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirst(PortalClaims.SessionId)?.Value, out var id) ? id : null;

    private static (string? Name, bool Administers) Drawn(ClaimsPrincipal principal) =>
        (principal.FindFirst(PortalClaims.DisplayName)?.Value, principal.IsInRole(PortalRoles.SystemAdministrator));

    private void Register(Guid? session)
    {
        if (session == _registered) return;
        if (_registered is { } old) circuits.Remove(old, this);
        if (session is { } current) circuits.Add(current, this);
        _registered = session;
    }

    // Asked late: these services ask for this provider themselves.
    private void ForgetPerson()
    {
        foreach (var holder in services.GetServices<IForgetsPerson>()) holder.Forget();
    }
}

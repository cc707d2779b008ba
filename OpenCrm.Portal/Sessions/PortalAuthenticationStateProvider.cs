using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// A service that keeps state of one person in a circuit. When the person changes the state is dropped, so that the next one cannot reach any of it
/// (docs/threats.md I7).
/// </summary>
public interface IForgetsPerson
{
    void Forget();
}

/// <summary>A session in which nothing happened for too long (docs/spec.md 4.5).</summary>
/// <param name="OverPage">
/// True: the person's page is open in this circuit and is kept behind the dialog. False: the page was loaded while the session was idle, and nothing
/// of it was drawn.
/// </param>
public sealed record IdleSession(Guid SessionId, bool OverPage);

/// <summary>
/// Knows whose circuit this is at the moment. Sign-in, sign-out and the end of a session switch the person in place, without a page load.
/// </summary>
public sealed class PortalAuthenticationStateProvider(
    ILoggerFactory loggers, UnitsOfWork units, CircuitRegistry circuits, ReaderCulture reader, IServiceProvider services,
    IHostApplicationLifetime host)
    : RevalidatingServerAuthenticationStateProvider(loggers), IHostEnvironmentAuthenticationStateProvider
{
    private static readonly AuthenticationState Nobody = new(new ClaimsPrincipal(new ClaimsIdentity()));
    private Guid? _registered;
    private (string? Name, bool Administers, bool Overdue, string? HeldUntil) _drawn;
    private bool _follows;
    private DateTimeOffset _lastSeenAt;

    /// <summary>Why the last session in this circuit ended; shown above the sign-in form.</summary>
    public SessionEnd? EndedBy { get; private set; }

    /// <summary>The idle session; while it is set, nothing can be done in this circuit but signing in again. Null = not idle.</summary>
    public IdleSession? Idle { get; private set; }

    /// <summary>
    /// The deadline of a person who has just signed in and has to set up MFA until then; null once they have read it (docs/spec.md 12.2).
    /// </summary>
    public DateTimeOffset? ReminderOfMfa { get; private set; }

    /// <summary>The person has read until when MFA has to be set up. The next sign-in says it again.</summary>
    public void DropReminder() => ReminderOfMfa = null;

    /// <summary>Raised on whichever thread noticed the change.</summary>
    public event Action? IdleChanged;

    /// <summary>The session of this circuit, idle or not. Its row decides what may be done in it.</summary>
    public Guid? SessionId => _registered;

    /// <summary>How often the framework checks the session. A backstop: revocations are pushed, and every action checks anyway.</summary>
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    /// <summary>
    /// Follows a change of person. It may also come from a restored connection: the framework then takes the person from the cookie, which another
    /// tab may have changed.
    /// </summary>
    private async Task FollowAsync(Task<AuthenticationState> changed)
    {
        var user = (await changed).User;
        _drawn = Drawn(user);
        var session = SessionOf(user);
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
        Register(SessionOf(state.User));
        return state;
    }

    /// <summary>
    /// Takes over the person that the framework read from the cookie: when the circuit begins, and when a lost connection is restored. A session that
    /// became idle meanwhile keeps its page.
    /// </summary>
    void IHostEnvironmentAuthenticationStateProvider.SetAuthenticationState(Task<AuthenticationState> authenticationStateTask)
    {
        var idle = authenticationStateTask.IsCompletedSuccessfully ? IdleSessionOf(authenticationStateTask.Result.User) : null;
        if (idle is { } kept && kept == _registered)
        {
            SetIdle(Idle ?? new(kept, OverPage: true));
            return;
        }
        if (idle is { } loaded)
        {
            // The page was loaded while its session was idle, so the dialog has no page behind it. Idle is set before the change of person is
            // announced, so that its subscribers already find the dialog.
            ForgetPerson();
            Register(loaded);
            SetIdle(new(loaded, OverPage: false));
        }
        else SetIdle(null);
        // Nobody, and a person who still has to sign in again, read what the browser remembers.
        if (authenticationStateTask is { IsCompletedSuccessfully: true, Result.User: var user }
            && user.HasClaim(claim => claim.Type == PortalClaims.SessionId))
            reader.PassTo(user.FindFirst(PortalClaims.Language)?.Value);
        SetAuthenticationState(authenticationStateTask);
    }

    /// <summary>Switches the circuit to this person.</summary>
    public void Switch(SessionState.Active active)
    {
        (EndedBy, _lastSeenAt) = (null, active.Times.LastSeenAt);
        ForgetPerson();
        ReminderOfMfa = active.Duty is { State: MfaDutyState.Due, DueAt: { } dueAt } ? dueAt : null;
        Register(active.Caller.SessionId);
        reader.PassTo(active.Language);
        SetIdle(null);
        SetAuthenticationState(Task.FromResult(new AuthenticationState(active.Principal())));
    }

    /// <summary>Keeps the page and what is typed on it behind a dialog that asks to sign in again; every other action is refused.</summary>
    public void GoIdle(SessionState.Idle idle)
    {
        // A check that is older than the person's latest sign-in must not bring the dialog back.
        if (Idle is null && idle.Person.SessionId == _registered && idle.Times.LastSeenAt >= _lastSeenAt)
            SetIdle(new(idle.Person.SessionId, OverPage: true));
    }

    /// <summary>
    /// Applies the state of an active session. An idle page goes on where it was. A changed role keeps the session, but the open page is authorized
    /// again, as it is when MFA becomes overdue or is set up; a changed name is drawn with it.
    /// </summary>
    public void GoOn(SessionState.Active active)
    {
        if (active.Caller.SessionId != _registered) return;
        if (Idle is { OverPage: false })
        {
            Switch(active);
            return;
        }
        if (Idle is not null) _lastSeenAt = active.Times.LastSeenAt;
        SetIdle(null);
        reader.FollowSoon(active.Language);
        var principal = active.Principal();
        if (Drawn(principal) != _drawn) SetAuthenticationState(Task.FromResult(new AuthenticationState(principal)));
    }

    /// <summary>
    /// Switches the circuit to nobody. The page shows <paramref name="by"/> as the reason, in the language of the person whose session it was; after
    /// a sign-out no reason, in the browser's language.
    /// </summary>
    public void SwitchToNobody(SessionEnd by)
    {
        EndedBy = by is SessionEnd.SignedOut ? null : by;
        if (by is SessionEnd.SignedOut) reader.PassTo(null);
        ForgetPerson();
        Register(null);
        SetIdle(null);
        SetAuthenticationState(Task.FromResult(Nobody));
    }

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        if (SessionOf(authenticationState.User) is not { } id) return true;
        try
        {
            return await StandsAsync(id, cancellationToken);
        }
        catch (Exception failure) when (Outage.IsOne(failure))
        {
            // Otherwise the framework would sign the person out and lose what is typed, only because the database is away for a moment. Every action
            // asks it anyway.
            return true;
        }
        catch (ObjectDisposedException) when (host.ApplicationStopping.IsCancellationRequested)
        {
            // The framework ends its loop in silence only if it believes that its own token was cancelled.
            throw new TaskCanceledException(null, null, cancellationToken);
        }
    }

    private async Task<bool> StandsAsync(Guid id, CancellationToken cancellationToken)
    {
        // The framework's timer has the culture of the moment at which it began.
        reader.Apply();
        await using var work = await units.ReadAsync(cancellationToken);
        switch (await SessionCheck.EvaluateAsync(work, id, cancellationToken))
        {
            case SessionState.Idle idle:
                GoIdle(idle);
                return true;
            case SessionState.Active active:
                GoOn(active);
                return true;
            case SessionState.Ended ended:
                EndedBy = ended.By;
                break;
            default:
                EndedBy = SessionEnd.Expired;
                break;
        }
        ForgetPerson();
        SetIdle(null);
        return false;
    }

    /// <summary>Runs in the reader's culture what somebody else's action does to this circuit.</summary>
    internal void RunForReader(Action act) => reader.Run(act);

    protected override void Dispose(bool disposing)
    {
        Register(null);
        base.Dispose(disposing);
    }

    private static Guid? SessionOf(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirst(PortalClaims.SessionId)?.Value, out var id) ? id : IdleSessionOf(principal);

    private static Guid? IdleSessionOf(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirst(PortalClaims.IdleSessionId)?.Value, out var id) ? id : null;

    private void SetIdle(IdleSession? idle)
    {
        if (Idle == idle) return;
        Idle = idle;
        IdleChanged?.Invoke();
    }

    private static (string? Name, bool Administers, bool Overdue, string? HeldUntil) Drawn(ClaimsPrincipal principal) => (
        principal.FindFirst(PortalClaims.DisplayName)?.Value,
        principal.IsInRole(PortalRoles.SystemAdministrator),
        principal.HasClaim(claim => claim.Type == PortalClaims.MfaOverdue),
        principal.FindFirst(PortalClaims.HeldUntil)?.Value);

    private void Register(Guid? session)
    {
        if (session == _registered) return;
        if (_registered is { } old) circuits.Remove(old, this);
        if (session is { } current) circuits.Add(current, this);
        _registered = session;
    }

    // Resolved late: these services depend on this provider themselves.
    private void ForgetPerson()
    {
        ReminderOfMfa = null;
        foreach (var holder in services.GetServices<IForgetsPerson>()) holder.Forget();
    }
}

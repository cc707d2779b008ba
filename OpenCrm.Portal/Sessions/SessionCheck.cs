using System.Globalization;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>The state of a session, as the database has it at this moment.</summary>
public abstract record SessionState
{
    private SessionState() { }

    /// <summary>The session may be used; <paramref name="ProvedByCode"/> says whether a code was proved besides the password.</summary>
    public sealed record Active(Caller.Person Caller, string Username, bool ProvedByCode) : SessionState
    {
        public SessionTimes Times { get; init; }

        /// <summary>The language that the person chose; null = as in the browser.</summary>
        public string? Language { get; init; }

        /// <summary>What the rule about MFA asks of the person. While it is overdue nearly every service refuses (docs/spec.md 12.2).</summary>
        public MfaDuty Duty { get; init; }

        /// <summary>When the session has to be looked at again, if nothing happens until then: idle, expired, or overdue with MFA.</summary>
        internal DateTimeOffset LookAgainAt => Duty is { State: MfaDutyState.Due, DueAt: { } due } && due < Times.DueAt ? due : Times.DueAt;
    }

    /// <summary>
    /// Nothing happened for too long: the session opens nothing until the person signs in again, and then goes on (docs/spec.md 4.5).
    /// </summary>
    /// <param name="Person">The owner. No action may run in this name.</param>
    public sealed record Idle(Caller.Person Person, SessionTimes Times) : SessionState;

    /// <summary>The session ended, or may no longer be used.</summary>
    public sealed record Ended(SessionEnd By) : SessionState;

    /// <summary>There is no such session.</summary>
    public sealed record Unknown : SessionState;
}

/// <summary>The one rule that evaluates a session. The cookie, the circuit and every service method use it.</summary>
public static class SessionCheck
{
    /// <summary>Evaluates the session of a cookie.</summary>
    public static Task<SessionState> EvaluateAsync(UnitOfWork work, string token, CancellationToken cancel = default)
    {
        var hash = SecretToken.Hash(token);
        return EvaluateAsync(work, work.Query<PortalSession>().Where(s => s.TokenHash == hash), cancel);
    }

    /// <summary>Evaluates the session of a circuit.</summary>
    public static Task<SessionState> EvaluateAsync(UnitOfWork work, Guid sessionId, CancellationToken cancel = default) =>
        EvaluateAsync(work, work.Query<PortalSession>().Where(s => s.Id == sessionId), cancel);

    /// <summary>Evaluates the sessions of many circuits in one query.</summary>
    public static async Task<IReadOnlyDictionary<Guid, SessionState>> EvaluateAsync(
        UnitOfWork work, IReadOnlyCollection<Guid> sessions, CancellationToken cancel = default)
    {
        var found = await Found(work, work.Query<PortalSession>().Where(s => sessions.Contains(s.Id))).ToListAsync(cancel);
        var states = found.ToDictionary(f => f.Session.Id, f => Evaluate(f, work.Now));
        foreach (var gone in sessions.Except(states.Keys).ToList()) states[gone] = new SessionState.Unknown();
        return states;
    }

    /// <summary>The administrator of a session that no circuit stands for: a download's.</summary>
    /// <exception cref="AccessRefusedException">
    /// The session is over or idle, or its person is no system administrator, or had to set up MFA by now.
    /// </exception>
    public static async Task<Caller.Person> RequireAdministratorAsync(UnitOfWork work, Guid sessionId, CancellationToken cancel = default) =>
        await EvaluateAsync(work, sessionId, cancel) is SessionState.Active { Caller: { IsSystemAdministrator: true } caller, Duty.IsOverdue: false }
            ? caller
            : throw new AccessRefusedException("Only system administrators may do this.");

    private static async Task<SessionState> EvaluateAsync(UnitOfWork work, IQueryable<PortalSession> sessions, CancellationToken cancel) =>
        await Found(work, sessions).SingleOrDefaultAsync(cancel) is { } found ? Evaluate(found, work.Now) : new SessionState.Unknown();

    private static IQueryable<FoundSession> Found(UnitOfWork work, IQueryable<PortalSession> sessions) =>
        sessions.Join(work.Query<PortalUser>(), s => s.UserId, u => u.Id, (s, u) => new FoundSession
        {
            Session = s,
            Name = u.Name,
            Username = u.UserName ?? "",
            Language = u.Language,
            State = u.State,
            IsSystemAdministrator = u.IsSystemAdministrator,
            HeldUntil = work.Query<RecoveryHold>().Where(h => h.UserId == u.Id).OrderBy(h => h.UserId)
                .Select(h => (DateTimeOffset?)h.Until)
                .FirstOrDefault(),
            CodeNeeded = u.TwoFactorEnabled && work.Query<SecuritySettings>().Any(settings => settings.MfaEnabled),
            TimeoutMinutes = work.Query<SecuritySettings>().OrderBy(settings => settings.Id)
                .Select(settings => settings.SessionTimeoutMinutes)
                .First(),
            IsEnrolled = u.TwoFactorEnabled,
            MfaSwitchedOn = work.Query<SecuritySettings>().Any(settings => settings.MfaEnabled),
            MustUseMfa = work.Query<SecuritySettings>().OrderBy(settings => settings.Id).Select(settings => settings.WhoMustUseMfa).First(),
            MfaDueAt = work.Query<MfaDeadline>().Where(d => d.UserId == u.Id).Select(d => (DateTimeOffset?)d.DueAt).FirstOrDefault(),
            MfaPassedUntil = work.Query<MfaClock>().OrderBy(c => c.Id).Select(c => c.PassedUntil).FirstOrDefault(),
        });

    private static SessionState Evaluate(FoundSession found, DateTimeOffset now)
    {
        var session = found.Session;
        if (session.EndedAt is not null) return new SessionState.Ended(session.EndedBy ?? SessionEnd.EndedByAdministrator);
        if (session.ExpiresAt <= now) return new SessionState.Ended(SessionEnd.Expired);
        if (found.State != AccountState.Active) return new SessionState.Ended(SessionEnd.AccountClosed);
        // Default deny: where MFA is on for this user, a password alone opens nothing, whenever the session began.
        if (found.CodeNeeded && !session.ProvedByCode) return new SessionState.Ended(SessionEnd.CodeNeeded);
        var person = new Caller.Person(session.UserId, found.Name, session.Id, found.IsSystemAdministrator, session.ProvedAt)
        {
            Address = session.Address,
            ProvedInPartAt = session.ProvedInPartAt,
            HeldUntil = found.HeldUntil > now ? found.HeldUntil : null,
            RecoveredAt = session.RecoveredAt,
            ProvedByDigits = session is { ProvedByCode: true, RecoveredBy: null },
        };
        var times = new SessionTimes(session.LastSeenAt, TimeSpan.FromMinutes(found.TimeoutMinutes), session.ExpiresAt);
        return times.IsIdle(now)
            ? new SessionState.Idle(person, times)
            : new SessionState.Active(person, found.Username, session.ProvedByCode)
            {
                Times = times,
                Language = found.Language,
                Duty = found.Duty(now),
            };
    }

    /// <summary>Returns the principal of an active session. It decides only what is drawn.</summary>
    public static ClaimsPrincipal Principal(this SessionState.Active active)
    {
        var identity = new ClaimsIdentity("session", PortalClaims.DisplayName, ClaimTypes.Role);
        identity.AddClaim(new(PortalClaims.SessionId, active.Caller.SessionId.ToString()));
        identity.AddClaim(new(ClaimTypes.NameIdentifier, active.Caller.UserId.ToString()));
        identity.AddClaim(new(PortalClaims.DisplayName, active.Caller.Name));
        if (active.Language is { } language) identity.AddClaim(new(PortalClaims.Language, language));
        if (active.Caller.HeldUntil is { } held) identity.AddClaim(new(PortalClaims.HeldUntil, held.ToString("O", CultureInfo.InvariantCulture)));
        // The role is left out with it: every page and address that asks for the role is closed too.
        if (active.Duty.IsOverdue) identity.AddClaim(new(PortalClaims.MfaOverdue, $"{active.Duty.DueAt:O}"));
        else if (active.Caller.IsSystemAdministrator) identity.AddClaim(new(ClaimTypes.Role, PortalRoles.SystemAdministrator));
        return new(identity);
    }

    /// <summary>
    /// Returns the principal of an idle session. To pages and policies it is nobody; it only names the session that goes on once its person signs in
    /// again.
    /// </summary>
    public static ClaimsPrincipal Principal(this SessionState.Idle idle) =>
        new(new ClaimsIdentity([new(PortalClaims.IdleSessionId, idle.Person.SessionId.ToString())]));

    private sealed class FoundSession
    {
        public required PortalSession Session { get; init; }
        public required string Name { get; init; }
        public required string Username { get; init; }
        public required string? Language { get; init; }
        public required AccountState State { get; init; }
        public required bool IsSystemAdministrator { get; init; }
        public required DateTimeOffset? HeldUntil { get; init; }
        public required bool CodeNeeded { get; init; }
        public required int TimeoutMinutes { get; init; }
        public required bool IsEnrolled { get; init; }
        public required bool MfaSwitchedOn { get; init; }
        public required MustUseMfa MustUseMfa { get; init; }
        public required DateTimeOffset? MfaDueAt { get; init; }
        public required DateTimeOffset? MfaPassedUntil { get; init; }

        public MfaDuty Duty(DateTimeOffset now) => MfaDuty.Of(new()
        {
            IsAwake = MfaSwitchedOn,
            Who = MustUseMfa,
            IsSystemAdministrator = IsSystemAdministrator,
            IsEnrolled = IsEnrolled,
            DueAt = MfaDueAt,
            Clock = MfaClock.At(now, MfaPassedUntil),
        });
    }
}

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>Turns a proved sign-in of a circuit into a session of its browser.</summary>
public sealed class SignInTickets(UnitsOfWork units, SessionEnding sessions)
{
    /// <summary>
    /// Issues a ticket in the transaction that completes the sign-in. Only the browser of <paramref name="connection"/> can redeem it.
    /// </summary>
    /// <param name="resumes">The idle session that goes on (docs/spec.md 4.5); null = a new session begins.</param>
    /// <returns>The ticket itself; the database keeps only its hash.</returns>
    /// <param name="standIn">What was accepted in the place of the six digits; null if nothing was.</param>
    public static string Issue(
        UnitOfWork work, PortalUser user, bool provedByCode, ClientConnection connection, Guid? resumes = null, StandIn? standIn = null)
    {
        var ticket = SecretToken.Generate();
        work.Add(new SignInTicket
        {
            Hash = SecretToken.Hash(ticket),
            UserId = user.Id,
            SecurityStamp = user.SecurityStamp!,
            BrowserHash = connection.BrowserHash ?? throw new InvalidOperationException("A browser without cookies cannot be signed in."),
            ProvedByCode = provedByCode,
            StandIn = standIn,
            ResumesSessionId = resumes,
            ExpiresAt = work.Now + SignInTicket.Lifetime,
        });
        return ticket;
    }

    /// <summary>
    /// Redeems a ticket once, for the browser it was issued to: writes the session row and the event, and ends the session that the browser had
    /// before.
    /// </summary>
    /// <returns>The session's token for the cookie, or null: the ticket is not valid.</returns>
    internal async Task<string?> RedeemAsync(string ticket, HttpContext http, string? previousToken, CancellationToken cancel)
    {
        if (BrowserCookie.Read(http) is not { } browser) return null;
        var connection = new ClientConnection(new HttpContextAccessor { HttpContext = http });
        var (hash, browserHash) = (SecretToken.Hash(ticket), SecretToken.Hash(browser));
        await using var work = await units.BeginAsync(cancel);
        if (await work.Query<SignInTicket>().SingleOrDefaultAsync(t => t.Hash == hash, cancel) is not { } proved) return null;
        var sessionId = proved.ResumesSessionId ?? Guid.CreateVersion7(work.Now);
        // Holds the user's row, and before the ticket's row, in the same order as a lock does. So a password change or a lock comes either wholly
        // before this session, and refuses it, or wholly after, and ends it.
        var language = Languages.OfBrowser(connection.AcceptLanguage)?.Name;
        if (!await work.Users.NoteSignedInAsync(proved.UserId, proved.SecurityStamp, language, work.Now, cancel)) return null;
        var redeemed = await work.Query<SignInTicket>()
            .Where(t => t.Hash == hash && t.BrowserHash == browserHash && t.SessionId == null && t.ExpiresAt > work.Now)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.SessionId, sessionId), cancel);
        if (redeemed != 1) return null;
        if (previousToken is not null) await EndPreviousAsync(work, previousToken, sessionId, cancel);
        var token = SecretToken.Generate();
        if (proved.ResumesSessionId is null) await BeginAsync(work, proved, sessionId, token, connection, cancel);
        else if (!await ResumeAsync(work, proved, sessionId, token, connection, cancel)) return null;
        await work.CommitAsync(cancel);
        return token;
    }

    /// <summary>
    /// Returns the session that a ticket became; null while the browser has not redeemed it. The circuit trusts this, never the script's answer
    /// alone.
    /// </summary>
    public async Task<SessionState.Active?> FindRedeemedAsync(string ticket, CancellationToken cancel = default)
    {
        var hash = SecretToken.Hash(ticket);
        await using var work = await units.ReadAsync(cancel);
        var session = await work.Query<SignInTicket>().Where(t => t.Hash == hash).Select(t => t.SessionId).SingleOrDefaultAsync(cancel);
        return session is { } id ? await SessionCheck.EvaluateAsync(work, id, cancel) as SessionState.Active : null;
    }

    /// <summary>Ends the browser's previous session, also an idle one: a browser has one session.</summary>
    private async Task EndPreviousAsync(UnitOfWork work, string token, Guid sessionId, CancellationToken cancel)
    {
        var previous = await SessionCheck.EvaluateAsync(work, token, cancel) switch
        {
            SessionState.Active active => active.Caller,
            SessionState.Idle idle => idle.Person,
            _ => null,
        };
        if (previous is null || previous.SessionId == sessionId) return;
        if (await sessions.EndOneAsync(work, previous.UserId, previous.SessionId, SessionEnd.SignedInAgain, cancel))
            work.Record(new AuditEvent.SessionsEnded(previous.UserId, 1, nameof(SessionEnd.SignedInAgain)), previous);
    }

    private static async Task BeginAsync(
        UnitOfWork work, SignInTicket proved, Guid sessionId, string token, ClientConnection connection, CancellationToken cancel)
    {
        var user = (await work.Users.FindAsync(proved.UserId, cancel))!;
        work.Add(new PortalSession
        {
            Id = sessionId,
            UserId = user.Id,
            TokenHash = SecretToken.Hash(token),
            CreatedAt = work.Now,
            ExpiresAt = work.Now + SessionTimes.AbsoluteLifetime,
            ProvedAt = work.Now,
            ProvedInPartAt = work.Now,
            LastSeenAt = work.Now,
            ProvedByCode = proved.ProvedByCode,
            StandIn = proved.StandIn,
            Address = connection.Address,
            UserAgent = connection.UserAgent,
        });
        work.Record(new AuditEvent.SignedIn(user.Id, With(proved)),
            new Caller.Person(user.Id, user.Name, sessionId, user.IsSystemAdministrator, work.Now) { Address = connection.Address });
    }

    /// <summary>
    /// Lets an idle session go on. Row and id stay, and with them the open pages; the token is new, so that the old cookie opens nothing (ASVS
    /// 7.2.4). The absolute end stays too.
    /// </summary>
    private async Task<bool> ResumeAsync(
        UnitOfWork work, SignInTicket proved, Guid sessionId, string token, ClientConnection connection, CancellationToken cancel)
    {
        var tokenHash = SecretToken.Hash(token);
        var resumed = await work.Query<PortalSession>()
            .Where(s => s.Id == sessionId && s.UserId == proved.UserId && s.EndedAt == null && s.ExpiresAt > work.Now)
            .ExecuteUpdateAsync(set => set
                .SetProperty(s => s.TokenHash, tokenHash)
                .SetProperty(s => s.ProvedAt, work.Now)
                .SetProperty(s => s.ProvedInPartAt, work.Now)
                .SetProperty(s => s.LastSeenAt, work.Now)
                .SetProperty(s => s.ProvedByCode, proved.ProvedByCode)
                .SetProperty(s => s.StandIn, proved.StandIn), cancel);
        if (resumed != 1 || await SessionCheck.EvaluateAsync(work, sessionId, cancel) is not SessionState.Active active) return false;
        work.Record(new AuditEvent.SignedInAgain(proved.UserId, With(proved)), active.Caller with { Address = connection.Address });
        await sessions.AnnounceResumedAsync(work, active, cancel);
        return true;
    }

    private static string With(SignInTicket proved) => (proved.ProvedByCode, proved.StandIn) switch
    {
        (_, StandIn.RecoveryCode) => "password and recovery code",
        (true, _) => "password and code",
        _ => "password",
    };
}

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>Authenticators, the keys that wait for their first code, and the switch that all of them depend on (spec 2, 3).</summary>
public sealed class Enrolments(PortalDbContext context)
{
    /// <summary>Uses a time step up: true once for each step, and never for an older one, whatever the clock says (spec 1.4).</summary>
    public async Task<bool> ConsumeStepAsync(PortalUser user, Guid authenticatorId, long step, DateTimeOffset now, CancellationToken cancel = default) =>
        await context.Unchanged(user, now)
            .Where(u => u.Authenticator!.Id == authenticatorId && u.Authenticator.LastStep < step)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.Authenticator!.LastStep, step), cancel) == 1;

    /// <summary>
    /// Makes <paramref name="authenticator"/> the user's only one, if the account is still as it was judged and its enrolment is still
    /// <paramref name="replaces"/> (null = none).
    /// </summary>
    public async Task<bool> EnrolAsync(PortalUser user, Authenticator authenticator, Guid? replaces, DateTimeOffset now, CancellationToken cancel = default)
    {
        var held = await context.Unchanged(user, now)
            .Where(u => replaces == null ? !u.TwoFactorEnabled : u.Authenticator!.Id == replaces)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, true), cancel) == 1;
        if (held) (await context.User(user.Id).SingleAsync(cancel)).Authenticator = authenticator;
        return held;
    }

    /// <summary>Turns MFA off for one user: true for one caller, which holds the row and goes on to erase the enrolment.</summary>
    public async Task<bool> DisableAsync(Guid userId, CancellationToken cancel = default)
    {
        // Half an enrolment refuses every sign-in, so it is cleared away too.
        var ended = await context.User(userId).Where(u => u.TwoFactorEnabled || u.Authenticator != null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, false), cancel) == 1;
        if (ended) (await context.User(userId).SingleAsync(cancel)).Authenticator = null;
        return ended;
    }

    /// <summary>Turns MFA off for everybody and erases all enrolments (spec 3.4).</summary>
    /// <returns>How many users were enrolled.</returns>
    public Task<int> EraseAllAsync(CancellationToken cancel = default) =>
        // The same words on SQLite and PostgreSQL; EF sets no owned object to null by a statement, and a million users are not loaded.
        context.Database.ExecuteSqlAsync(
            $"""
            UPDATE "Users" SET "TwoFactorEnabled" = FALSE, "AuthenticatorId" = NULL, "AuthenticatorKey" = NULL, "AuthenticatorLastStep" = NULL,
                "AuthenticatorSetUpAt" = NULL, "AuthenticatorSetUpById" = NULL
            WHERE "TwoFactorEnabled" OR "AuthenticatorId" IS NOT NULL
            """, cancel);

    /// <summary>
    /// Counts a code of the wizard before it is looked at; false when the run is over or had its <paramref name="most"/> codes. Loading the page again gives none back
    /// (spec 2.6).
    /// </summary>
    public async Task<bool> CountPendingCodeAsync(Guid pendingId, Guid sessionId, int most, DateTimeOffset now, CancellationToken cancel = default) =>
        await Pending(pendingId, sessionId).Where(p => p.Codes < most && p.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.Codes, p => p.Codes + 1), cancel) == 1;

    /// <summary>Ends a run of the wizard: true for one caller, whose Save or Cancel it is (spec 2.5).</summary>
    public async Task<bool> ConsumePendingAsync(Guid pendingId, Guid sessionId, CancellationToken cancel = default) =>
        await Pending(pendingId, sessionId).ExecuteDeleteAsync(cancel) == 1;

    /// <summary>Drops the keys that wait for their first code, whoever began: of one user whose MFA is disabled, or of everybody when the switch goes off.</summary>
    /// <param name="userId">Whose MFA they would set up; null: everybody's.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task DropPendingAsync(Guid? userId, CancellationToken cancel = default) =>
        context.Set<PendingEnrolment>().Where(p => userId == null || p.UserId == userId).ExecuteDeleteAsync(cancel);

    /// <summary>
    /// Holds the MFA switch as it is until the transaction ends, if it is <paramref name="on"/>: nobody enrols while it is being switched off and everything is erased.
    /// Whoever changes users as well holds this row first.
    /// </summary>
    public async Task<bool> HoldSwitchAsync(bool on, CancellationToken cancel = default) =>
        await context.Set<SecuritySettings>().Where(s => s.MfaEnabled == on)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, on), cancel) == 1;

    private IQueryable<PendingEnrolment> Pending(Guid id, Guid sessionId) => context.Set<PendingEnrolment>().Where(p => p.Id == id && p.SessionId == sessionId);
}

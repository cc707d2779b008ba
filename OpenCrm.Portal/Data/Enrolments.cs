using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Changes authenticators, the keys that wait for their first code, and the MFA switch that all of them depend on (docs/spec.md 2, 3).
/// </summary>
public sealed class Enrolments(PortalDbContext context)
{
    /// <summary>
    /// Uses up a time step: true once for each step, and never for an older one, whatever the clock says. A code can thus be used only once, also in
    /// a race.
    /// </summary>
    public async Task<bool> ConsumeStepAsync(
        PortalUser user, Guid authenticatorId, long step, DateTimeOffset now, CancellationToken cancel = default) =>
        await context.Unchanged(user, now)
            .Where(u => u.Authenticator!.Id == authenticatorId && u.Authenticator.LastStep < step)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.Authenticator!.LastStep, step), cancel) == 1;

    /// <summary>
    /// Makes <paramref name="authenticator"/> the user's only one. False if the account changed since <paramref name="user"/> was read, or its
    /// enrolment is not <paramref name="replaces"/> (null = none).
    /// </summary>
    public async Task<bool> EnrolAsync(
        PortalUser user, Authenticator authenticator, Guid? replaces, DateTimeOffset now, CancellationToken cancel = default)
    {
        var held = await context.Unchanged(user, now)
            .Where(u => replaces == null ? !u.TwoFactorEnabled : u.Authenticator!.Id == replaces)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, true), cancel) == 1;
        if (held) (await context.User(user.Id).SingleAsync(cancel)).Authenticator = authenticator;
        return held;
    }

    /// <summary>Turns MFA off for one user and erases the enrolment: true for one caller only, which then holds the row.</summary>
    public async Task<bool> DisableAsync(Guid userId, CancellationToken cancel = default)
    {
        // One half of an enrolment refuses every sign-in, so it is erased too.
        var ended = await context.User(userId).Where(u => u.TwoFactorEnabled || u.Authenticator != null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, false), cancel) == 1;
        if (ended) (await context.User(userId).SingleAsync(cancel)).Authenticator = null;
        return ended;
    }

    /// <summary>Turns MFA off for everybody and erases all enrolments.</summary>
    /// <returns>How many users were enrolled.</returns>
    public Task<int> EraseAllAsync(CancellationToken cancel = default) =>
        // The statement is the same on SQLite and PostgreSQL. EF cannot set an owned object to null in a statement, and loading a million users is no
        // choice.
        context.Database.ExecuteSqlAsync(
            $"""
            UPDATE "Users" SET "TwoFactorEnabled" = FALSE, "AuthenticatorId" = NULL, "AuthenticatorKey" = NULL, "AuthenticatorLastStep" = NULL,
                "AuthenticatorSetUpAt" = NULL, "AuthenticatorSetUpById" = NULL
            WHERE "TwoFactorEnabled" OR "AuthenticatorId" IS NOT NULL
            """, cancel);

    /// <summary>
    /// Counts a code of the wizard before it is checked; false when the run is over or has used its <paramref name="most"/> codes. A reload gives
    /// none back.
    /// </summary>
    public async Task<bool> CountPendingCodeAsync(Guid pendingId, Guid sessionId, int most, DateTimeOffset now, CancellationToken cancel = default) =>
        await Pending(pendingId, sessionId).Where(p => p.Codes < most && p.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.Codes, p => p.Codes + 1), cancel) == 1;

    /// <summary>Ends a run of the wizard: true for one caller only, which may then save or cancel.</summary>
    public async Task<bool> ConsumePendingAsync(Guid pendingId, Guid sessionId, CancellationToken cancel = default) =>
        await Pending(pendingId, sessionId).ExecuteDeleteAsync(cancel) == 1;

    /// <summary>
    /// Deletes keys that wait for their first code, no matter who began the wizard: of one user whose MFA is disabled, or of everybody when the MFA
    /// switch goes off.
    /// </summary>
    /// <param name="userId">The user whose MFA they would set up; null: everybody's.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task DropPendingAsync(Guid? userId, CancellationToken cancel = default) =>
        context.Set<PendingEnrolment>().Where(p => userId == null || p.UserId == userId).ExecuteDeleteAsync(cancel);

    /// <summary>
    /// Holds the MFA switch until the transaction ends, if its value is <paramref name="on"/>; else false. So nobody enrols while MFA is being
    /// switched off and all enrolments are erased. A transaction that also changes users must hold this row first.
    /// </summary>
    public async Task<bool> HoldSwitchAsync(bool on, CancellationToken cancel = default) =>
        await context.Set<SecuritySettings>().Where(s => s.MfaEnabled == on)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, on), cancel) == 1;

    private IQueryable<PendingEnrolment> Pending(Guid id, Guid sessionId) =>
        context.Set<PendingEnrolment>().Where(p => p.Id == id && p.SessionId == sessionId);
}

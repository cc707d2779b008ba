using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Changes authenticators, the keys that wait for their first code, and the MFA switch that all of them depend on (docs/spec.md 2, 3).
/// </summary>
public sealed class Enrolments(PortalDbContext context)
{
    private readonly StoredRecoveryCodes _recoveryCodes = new(context);

    /// <summary>
    /// Lists the authenticators of the enrolment under which <paramref name="user"/> was read, oldest first; none if that has ended.
    /// </summary>
    public Task<List<Authenticator>> ListAsync(PortalUser user, CancellationToken cancel = default) =>
        context.User(user.Id).Where(u => u.EnrolmentId == user.EnrolmentId)
            .Join(context.Set<Authenticator>(), u => u.Id, a => a.UserId, (_, a) => a)
            .OrderBy(a => a.SetUpAt).ThenBy(a => a.Id)
            .AsNoTracking().ToListAsync(cancel);

    /// <summary>
    /// Uses up a time step: true once for each step of an authenticator, and never for an older one, whatever the clock says. A code can thus be used
    /// only once, also in a race. The caller holds the user's row, so that what is asked about the account stays true.
    /// </summary>
    public async Task<bool> ConsumeStepAsync(
        PortalUser user, Guid authenticatorId, long step, DateTimeOffset now, CancellationToken cancel = default)
    {
        var unchanged = context.Unchanged(user, now);
        return await context.Set<Authenticator>()
            .Where(a => a.Id == authenticatorId && a.UserId == user.Id && a.LastStep < step && unchanged.Any())
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.LastStep, step).SetProperty(a => a.LastUsedAt, now), cancel) == 1;
    }

    /// <summary>
    /// Adds an authenticator: the first one, another one, or one in the place of <see cref="PendingEnrolment.Replaces"/>. Everything that adds or
    /// removes one holds the user's row first, so that what is counted here stays true until the commit.
    /// </summary>
    /// <param name="run">What the wizard was asked for, on top of which enrolment.</param>
    public async Task<EnrolOutcome> EnrolAsync(
        PortalUser user, Authenticator authenticator, PendingEnrolment run, DateTimeOffset now, CancellationToken cancel = default)
    {
        var (before, replaces) = (run.EnrolmentId, run.Replaces);
        var after = before is null || replaces is not null ? authenticator.Id : before;
        var held = await context.Unchanged(user, now)
            .Where(u => before == null ? !u.TwoFactorEnabled : u.EnrolmentId == before)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, true).SetProperty(u => u.EnrolmentId, after), cancel) == 1;
        if (!held) return EnrolOutcome.Changed;
        var others = context.Set<Authenticator>().Where(a => a.UserId == user.Id);
        // Before the first one only the remains of a damaged enrolment can be there. No code of before survives a new enrolment.
        if (before is null)
        {
            await others.ExecuteDeleteAsync(cancel);
            await _recoveryCodes.EndAsync(user.Id, cancel);
        }
        else if (replaces is not null && await others.Where(a => a.Id == replaces).ExecuteDeleteAsync(cancel) != 1) return EnrolOutcome.Changed;
        if (authenticator.KeyFingerprint is { } fingerprint
            && await context.Set<Authenticator>().AnyAsync(a => a.KeyFingerprint == fingerprint, cancel))
        {
            return EnrolOutcome.Changed;
        }
        if (await others.CountAsync(cancel) >= Authenticator.MostPerUser) return EnrolOutcome.Full;
        context.Add(authenticator);
        return EnrolOutcome.Enrolled;
    }

    /// <summary>Gives an authenticator of the user another name; false if the user has no such authenticator.</summary>
    public async Task<bool> RenameAsync(Guid userId, Guid authenticatorId, string name, CancellationToken cancel = default) =>
        await context.Set<Authenticator>().Where(a => a.Id == authenticatorId && a.UserId == userId)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.Name, name), cancel) == 1;

    /// <summary>
    /// Removes an authenticator of a user who has others. The caller holds the user's row and has seen the others; without any, MFA is disabled
    /// instead.
    /// </summary>
    public async Task<bool> RemoveAsync(Guid userId, Guid authenticatorId, CancellationToken cancel = default) =>
        await context.Set<Authenticator>().Where(a => a.Id == authenticatorId && a.UserId == userId).ExecuteDeleteAsync(cancel) == 1;

    /// <summary>
    /// Turns MFA off for one user and erases the enrolment with its recovery codes: true for one caller only, which then holds the row.
    /// </summary>
    public async Task<bool> DisableAsync(Guid userId, CancellationToken cancel = default)
    {
        // One half of an enrolment refuses every sign-in, so it is erased too.
        var ended = await context.User(userId).Where(u => u.TwoFactorEnabled || u.EnrolmentId != null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, false).SetProperty(u => u.EnrolmentId, (Guid?)null), cancel) == 1;
        if (!ended) return false;
        await context.Set<Authenticator>().Where(a => a.UserId == userId).ExecuteDeleteAsync(cancel);
        await _recoveryCodes.EndAsync(userId, cancel);
        return true;
    }

    /// <summary>Turns MFA off for everybody and erases all enrolments.</summary>
    /// <returns>How many users were enrolled.</returns>
    public async Task<int> EraseAllAsync(CancellationToken cancel = default)
    {
        var ended = await context.Set<PortalUser>().Where(u => u.TwoFactorEnabled || u.EnrolmentId != null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, false).SetProperty(u => u.EnrolmentId, (Guid?)null), cancel);
        await context.Set<Authenticator>().ExecuteDeleteAsync(cancel);
        await context.Set<RecoveryCode>().ExecuteDeleteAsync(cancel);
        await context.Set<RecoveryCodeSet>().ExecuteDeleteAsync(cancel);
        return ended;
    }

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

/// <summary>How adding an authenticator ended.</summary>
public enum EnrolOutcome
{
    /// <summary>It is added, and the caller holds the user's row.</summary>
    Enrolled,

    /// <summary>The account, its enrolment or the authenticator to replace changed since, or this key is enrolled already.</summary>
    Changed,

    /// <summary>The user has as many as one may have.</summary>
    Full,
}

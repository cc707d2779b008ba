using System.Runtime.CompilerServices;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>How an administrator's action on a user ended: a closed set.</summary>
public abstract record UserOutcome
{
    private UserOutcome() { }

    public sealed record Done(PortalUser User) : UserOutcome;

    public sealed record NoSuchUser : UserOutcome;

    /// <summary>The user is that way already; nothing happened.</summary>
    public sealed record NothingToDo(PortalUser User) : UserOutcome;

    /// <summary>A fresh proof of the administrator is needed first; then the call is repeated.</summary>
    public sealed record StepUpNeeded(StepUpNeed Need) : UserOutcome;

    /// <summary>Nothing happened: afterwards nobody could act as system administrator (docs/spec.md 5.5).</summary>
    public sealed record LastAdministrator(PortalUser User) : UserOutcome;

    /// <summary>Administrators may not do this to their own account; another one has to.</summary>
    public sealed record OwnAccount(PortalUser User) : UserOutcome;

    /// <summary>The user is a system administrator, and the action was asked for on condition that it spares them.</summary>
    public sealed record Administrator(PortalUser User) : UserOutcome;

    /// <summary>The account is inactive or locked, so the action would have no use.</summary>
    public sealed record NotActive(PortalUser User) : UserOutcome;

    /// <summary>No reason was given, or one that is too long or cannot be stored.</summary>
    public sealed record ReasonInvalid : UserOutcome;

    public sealed record Invalid(IReadOnlyList<UserFault> User, IReadOnlyList<PasswordFault> Password) : UserOutcome;
}

/// <summary>
/// Carries out what system administrators do to other people's accounts. Each action first holds the user's row, so actions on one user run one after
/// the other.
/// </summary>
public sealed class UserAdministration(
    UnitsOfWork units, CurrentCaller currentCaller, MfaDisabling mfa, RecoveryHolds holds, SessionEnding sessions)
{
    /// <summary>
    /// Disables a user's MFA, for a system administrator with a fresh proof. The person's sessions end; the person and every system administrator get
    /// a mail.
    /// </summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> DisableMfaAsync(Guid userId, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (!by.ProvedRecently(work.Now)) return new UserOutcome.StepUpNeeded(new StepUpNeed.PasswordAndCode());
        if (!(await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled) return new UserOutcome.NothingToDo(user);
        var way = user.Id == by.UserId ? MfaDisabledBy.User : MfaDisabledBy.Administrator;
        if (!await mfa.DisableAsync(work, user.Id, way, by, cancel)) return new UserOutcome.NothingToDo(user);
        return await CommitAsync(work, user, cancel);
    }

    /// <summary>
    /// Ends the hold after a user's recovery, for another system administrator with a fresh proof, who says why (docs/spec.md 11.3).
    /// </summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator, or is on hold.</exception>
    public async Task<UserOutcome> LiftHoldAsync(Guid userId, string reason, CancellationToken cancel = default)
    {
        var why = reason.Trim();
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (user.Id == by.UserId) return new UserOutcome.OwnAccount(user);
        if (!IncomingText.IsLine(why) || why.Length is 0 or > RecoveryHolds.ReasonLength) return new UserOutcome.ReasonInvalid();
        if (!by.ProvedRecently(work.Now)) return new UserOutcome.StepUpNeeded(new StepUpNeed.PasswordAndCode());
        if (!await holds.LiftAsync(work, user, why, by, cancel)) return new UserOutcome.NothingToDo(user);
        return await CommitAsync(work, user, cancel);
    }

    /// <summary>
    /// Ends the waiting time of a confirmed lost-device link, so that the user's MFA stays; for a system administrator with a fresh proof
    /// (docs/spec.md 11.7).
    /// </summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> StopMfaRemovalAsync(Guid userId, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (!by.ProvedRecently(work.Now)) return new UserOutcome.StepUpNeeded(new StepUpNeed.PasswordAndCode());
        if (!await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Administrator, by, cancel)) return new UserOutcome.NothingToDo(user);
        return await CommitAsync(work, user, cancel);
    }

    /// <summary>Locks a user's account until an administrator unlocks it: sessions, half-done sign-ins and mailed links end.</summary>
    /// <param name="spareAdministrators">Whether nothing happens to a user who is a system administrator by now.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> LockAsync(Guid userId, bool spareAdministrators = false, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (spareAdministrators && user.IsSystemAdministrator) return new UserOutcome.Administrator(user);
        if (await CheckSparedAsync(work, user, by, cancel) is { } spared) return spared;
        if (!await work.Locks.LockAsync(user.Id, cancel)) return new UserOutcome.NothingToDo(user);
        work.Record(new AuditEvent.LockedByAdministrator(user.Id), by);
        work.Queue(new MailDraft.AccountLocked(user, Attempts: null, Until: null, work.Now, FromAddress: null));
        return await CloseAsync(work, user, MfaRemovalEnd.Locked, by, cancel);
    }

    /// <summary>Deactivates a user's account: from then on it behaves as if it did not exist.</summary>
    /// <param name="spareAdministrators">Whether nothing happens to a user who is a system administrator by now.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> DeactivateAsync(Guid userId, bool spareAdministrators = false, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (spareAdministrators && user.IsSystemAdministrator) return new UserOutcome.Administrator(user);
        if (await CheckSparedAsync(work, user, by, cancel) is { } spared) return spared;
        if (!await work.Locks.DeactivateAsync(user.Id, cancel)) return new UserOutcome.NothingToDo(user);
        work.Record(new AuditEvent.Deactivated(user.Id), by);
        return await CloseAsync(work, user, MfaRemovalEnd.Deactivated, by, cancel);
    }

    /// <summary>Activates an inactive account and resets its counters.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> ActivateAsync(Guid userId, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (!await work.Locks.ActivateAsync(user.Id, cancel)) return new UserOutcome.NothingToDo(user);
        work.Record(new AuditEvent.Activated(user.Id), by);
        return await CommitAsync(work, user, cancel);
    }

    /// <summary>Unlocks an account, whether failed attempts or an administrator locked it, and resets its counters.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> UnlockAsync(Guid userId, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (!await work.Locks.UnlockAsync(user.Id, work.Now, cancel)) return new UserOutcome.NothingToDo(user);
        work.Record(new AuditEvent.Unlocked(user.Id), by);
        return await CommitAsync(work, user, cancel);
    }

    /// <summary>
    /// Withdraws a user's password at once, ends what it opened, and mails a link to set a new one; for a system administrator with a fresh proof
    /// (docs/spec.md 3.5). MFA stays as it is.
    /// </summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> ResetPasswordAsync(Guid userId, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (!by.ProvedRecently(work.Now)) return new UserOutcome.StepUpNeeded(new StepUpNeed.PasswordAndCode());
        return await ResetPasswordAsync(work, user, by, cancel);
    }

    /// <summary>
    /// The same for one of several users. The proof was checked when the action on all of them began; a long one would otherwise stop in its middle.
    /// </summary>
    /// <param name="spareAdministrators">Whether nothing happens to a user who is a system administrator by now.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    internal async Task<UserOutcome> ResetPasswordOfOneAsync(Guid userId, bool spareAdministrators, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (spareAdministrators && user.IsSystemAdministrator) return new UserOutcome.Administrator(user);
        return await ResetPasswordAsync(work, user, by, cancel);
    }

    private async Task<UserOutcome> ResetPasswordAsync(UnitOfWork work, PortalUser user, Caller.Person by, CancellationToken cancel)
    {
        if (user.Id == by.UserId) return new UserOutcome.OwnAccount(user);
        if (user.StatusAt(work.Now) != AccountStatus.Active) return new UserOutcome.NotActive(user);
        if (await work.Users.WithdrawPasswordAsync(user.Id, work.Now, cancel) is not { } withdrawn) return new UserOutcome.NothingToDo(user);
        work.Record(new AuditEvent.PasswordWithdrawn(user.Id), by);
        await sessions.EndAsync(work, user.Id, SessionEnd.PasswordChanged, by, except: null, cancel);
        await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Password, by, cancel);
        await PasswordLinks.MailForgottenPasswordAsync(work, withdrawn, by, cancel);
        return await CommitAsync(work, withdrawn, cancel);
    }

    /// <summary>Mails a new invitation to a person who has not chosen a password yet; the older link ends.</summary>
    /// <param name="spareAdministrators">Whether nothing happens to a user who is a system administrator by now.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> InviteAgainAsync(Guid userId, bool spareAdministrators = false, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (spareAdministrators && user.IsSystemAdministrator) return new UserOutcome.Administrator(user);
        if (user is not { PasswordHash: null, PasswordChangedAt: null }) return new UserOutcome.NothingToDo(user);
        if (user.StatusAt(work.Now) != AccountStatus.Active) return new UserOutcome.NotActive(user);
        await PasswordLinks.InviteAsync(work, user, by, cancel);
        return await CommitAsync(work, user, cancel);
    }

    /// <summary>Ends all sessions and half-done sign-ins of a user; on oneself, all but the current session.</summary>
    /// <param name="spareAdministrators">Whether nothing happens to a user who is a system administrator by now.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> EndSessionsAsync(Guid userId, bool spareAdministrators = false, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (spareAdministrators && user.IsSystemAdministrator) return new UserOutcome.Administrator(user);
        var ended =
            await sessions.EndAsync(work, user.Id, SessionEnd.EndedByAdministrator, by, except: user.Id == by.UserId ? by.SessionId : null, cancel);
        // Committed all the same: a half-done sign-in may have ended.
        var done = await CommitAsync(work, user, cancel);
        return ended > 0 ? done : new UserOutcome.NothingToDo(user);
    }

    /// <summary>Ends one session of a user.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> EndSessionAsync(Guid userId, Guid sessionId, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, userId, cancel) is not var (user, by)) return new UserOutcome.NoSuchUser();
        if (!await sessions.EndOneAsync(work, user.Id, sessionId, SessionEnd.EndedByAdministrator, cancel)) return new UserOutcome.NothingToDo(user);
        work.Record(new AuditEvent.SessionsEnded(user.Id, 1, nameof(SessionEnd.EndedByAdministrator)), by);
        return await CommitAsync(work, user, cancel);
    }

    /// <summary>Holds the user's row and checks the caller; null if there is no such user.</summary>
    /// <param name="act">What is asked for, for the log.</param>
    private async Task<Held?> HoldAsync(UnitOfWork work, Guid userId, CancellationToken cancel, [CallerMemberName] string act = "")
    {
        await currentCaller.RequireAdministratorAsync(work, cancel, act);
        if (await work.Users.HoldAsync(userId, cancel) is not { } user) return null;
        // Checked again: an administrator who was locked or lost the role while waiting for the row must not act.
        return new(user, await currentCaller.RequireAdministratorAsync(work, cancel, act));
    }

    /// <summary>Why an account may not be locked or deactivated; null if it may.</summary>
    private async Task<UserOutcome?> CheckSparedAsync(UnitOfWork work, PortalUser user, Caller.Person by, CancellationToken cancel)
    {
        if (user.Id == by.UserId) return new UserOutcome.OwnAccount(user);
        if (!user.IsSystemAdministrator) return null;
        if (await work.Administrators.IsLastActiveAsync(user, work.Now, cancel)) return new UserOutcome.LastAdministrator(user);
        // Checked again: the other administrator may have been quicker, and a former administrator must not act on anybody.
        await currentCaller.RequireAdministratorAsync(work, cancel);
        return null;
    }

    private async Task<UserOutcome> CloseAsync(UnitOfWork work, PortalUser user, MfaRemovalEnd why, Caller by, CancellationToken cancel)
    {
        await MailedLinks.EndAsync(work, user.Id, cancel);
        await MfaRemovals.EndAsync(work, user, why, by, cancel);
        await TemporaryCodes.EndAsync(
            work, user.Id, why is MfaRemovalEnd.Locked ? TemporaryCodeEnd.Locked : TemporaryCodeEnd.Deactivated, by, cancel);
        await TemporaryCodes.EndGivenByAsync(work, user.Id, by, cancel);
        await sessions.EndAsync(work, user.Id, SessionEnd.AccountClosed, by, except: null, cancel);
        return await CommitAsync(work, user, cancel);
    }

    private static async Task<UserOutcome> CommitAsync(UnitOfWork work, PortalUser user, CancellationToken cancel)
    {
        await work.CommitAsync(cancel);
        return new UserOutcome.Done(user);
    }

    private sealed record Held(PortalUser User, Caller.Person By);
}

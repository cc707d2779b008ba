using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>How an act on a user ended.</summary>
public abstract record UserOutcome
{
    private UserOutcome() { }

    public sealed record Done(PortalUser User) : UserOutcome;

    public sealed record NoSuchUser : UserOutcome;

    /// <summary>The user is that way already, and nothing happened.</summary>
    public sealed record NothingToDo(PortalUser User) : UserOutcome;

    /// <summary>The administrator proves again who it is, then calls once more.</summary>
    public sealed record StepUpNeeded(StepUpNeed Need) : UserOutcome;

    /// <summary>Nobody else could act as system administrator afterwards (spec 5.5); nothing happened.</summary>
    public sealed record LastAdministrator(PortalUser User) : UserOutcome;

    /// <summary>Not on oneself: another system administrator does it.</summary>
    public sealed record OwnAccount(PortalUser User) : UserOutcome;

    /// <summary>The account is inactive or locked, and what was asked for would be of no use.</summary>
    public sealed record NotActive(PortalUser User) : UserOutcome;

    public sealed record Invalid(IReadOnlyList<UserFault> User, IReadOnlyList<PasswordFault> Password) : UserOutcome;
}

/// <summary>What administrators, and the rescue commands of the server itself, do to other people's accounts.</summary>
public sealed class UserAdministration(UnitsOfWork units, MfaRemoval removal, PasswordHashing hashing, SessionEnding sessions)
{
    /// <summary>
    /// Disables somebody's MFA (spec 3.3), for a system administrator with a fresh proof (spec 3.5). The person's sessions end, and the mails of 3.1 go out.
    /// </summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserOutcome> DisableMfaAsync(Callers callers, Guid userId, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await callers.AdministratorAsync(work, cancel);
        if (!administrator.ProvedRecently(work.Now)) return new UserOutcome.StepUpNeeded(new StepUpNeed.PasswordAndCode());
        if (await work.Users.FindAsync(userId, cancel) is not { } user) return new UserOutcome.NoSuchUser();
        if (!(await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled) return new UserOutcome.NothingToDo(user);
        return await DisableMfaAsync(work, user, user.Id == administrator.UserId ? MfaDisabledBy.User : MfaDisabledBy.Administrator, administrator, cancel);
    }

    /// <summary>Locks somebody's account until an administrator unlocks it (spec 5.3): sessions, half-done sign-ins and mailed links end with it.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public Task<UserOutcome> LockAsync(Callers callers, Guid userId, CancellationToken cancel = default) =>
        ActAsync(callers, userId, async (work, user, by) =>
        {
            if (await SparedAsync(work, callers, user, by, cancel) is { } spared) return spared;
            if (!await work.Locks.LockAsync(user.Id, cancel)) return new UserOutcome.NothingToDo(user);
            work.Record(new AuditEvent.LockedByAdministrator(user.Id), by);
            work.Queue(new MailDraft.AccountLocked(user, Attempts: null, Until: null, work.Now, FromAddress: null));
            return await CloseAsync(work, user, by, cancel);
        }, cancel);

    /// <summary>Deactivates somebody's account (spec 5.3): from then on it behaves as if there were none.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public Task<UserOutcome> DeactivateAsync(Callers callers, Guid userId, CancellationToken cancel = default) =>
        ActAsync(callers, userId, async (work, user, by) =>
        {
            if (await SparedAsync(work, callers, user, by, cancel) is { } spared) return spared;
            if (!await work.Locks.DeactivateAsync(user.Id, cancel)) return new UserOutcome.NothingToDo(user);
            work.Record(new AuditEvent.Deactivated(user.Id), by);
            return await CloseAsync(work, user, by, cancel);
        }, cancel);

    /// <summary>Brings an inactive account back, its counters at zero (spec 5.3).</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public Task<UserOutcome> ActivateAsync(Callers callers, Guid userId, CancellationToken cancel = default) =>
        ActAsync(callers, userId, async (work, user, by) =>
        {
            if (!await work.Locks.ActivateAsync(user.Id, cancel)) return new UserOutcome.NothingToDo(user);
            work.Record(new AuditEvent.Activated(user.Id), by);
            return new UserOutcome.Done(user);
        }, cancel);

    /// <summary>Opens an account that is locked, by failed attempts or by an administrator; all counters go to zero (spec 5.3).</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public Task<UserOutcome> UnlockAsync(Callers callers, Guid userId, CancellationToken cancel = default) =>
        ActAsync(callers, userId, async (work, user, by) =>
        {
            if (!await work.Locks.UnlockAsync(user.Id, work.Now, cancel)) return new UserOutcome.NothingToDo(user);
            work.Record(new AuditEvent.Unlocked(user.Id), by);
            return new UserOutcome.Done(user);
        }, cancel);

    /// <summary>Ends somebody's password at once, and whatever it opened, and mails a link to set a new one (spec 5.2). MFA stays as it is.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public Task<UserOutcome> ResetPasswordAsync(Callers callers, Guid userId, CancellationToken cancel = default) =>
        ActAsync(callers, userId, async (work, user, by) =>
        {
            if (user.Id == by.UserId) return new UserOutcome.OwnAccount(user);
            if (user.StatusAt(work.Now) != AccountStatus.Active) return new UserOutcome.NotActive(user);
            if (await work.Users.WithdrawPasswordAsync(user.Id, work.Now, cancel) is not { } withdrawn) return new UserOutcome.NothingToDo(user);
            work.Record(new AuditEvent.PasswordWithdrawn(user.Id), by);
            await sessions.EndAsync(work, user.Id, SessionEnd.PasswordChanged, by, except: null, cancel);
            await PasswordLinks.MailForgottenPasswordAsync(work, withdrawn, by, cancel);
            return new UserOutcome.Done(withdrawn);
        }, cancel);

    /// <summary>Mails an invited person, who has not chosen a password yet, a new link; the older one ends (spec 5.4).</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public Task<UserOutcome> InviteAgainAsync(Callers callers, Guid userId, CancellationToken cancel = default) =>
        ActAsync(callers, userId, async (work, user, by) =>
        {
            if (user is not { PasswordHash: null, PasswordChangedAt: null }) return new UserOutcome.NothingToDo(user);
            if (user.StatusAt(work.Now) != AccountStatus.Active) return new UserOutcome.NotActive(user);
            await PasswordLinks.InviteAsync(work, user, by, cancel);
            return new UserOutcome.Done(user);
        }, cancel);

    /// <summary>Ends all sessions of somebody, and sign-ins that are half done; on oneself all but this one (spec 5.2).</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public Task<UserOutcome> EndSessionsAsync(Callers callers, Guid userId, CancellationToken cancel = default) =>
        ActAsync(callers, userId, async (work, user, by) =>
        {
            await sessions.EndAsync(work, user.Id, SessionEnd.EndedByAdministrator, by, except: user.Id == by.UserId ? by.SessionId : null, cancel);
            return new UserOutcome.Done(user);
        }, cancel);

    /// <summary>Ends one session of somebody.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public Task<UserOutcome> EndSessionAsync(Callers callers, Guid userId, Guid sessionId, CancellationToken cancel = default) =>
        ActAsync(callers, userId, async (work, user, by) =>
        {
            var theirs = await work.Query<PortalSession>().AnyAsync(s => s.Id == sessionId && s.UserId == user.Id, cancel);
            if (!theirs || !await sessions.EndOneAsync(work, sessionId, SessionEnd.EndedByAdministrator, cancel)) return new UserOutcome.NothingToDo(user);
            work.Record(new AuditEvent.SessionsEnded(user.Id, 1, nameof(SessionEnd.EndedByAdministrator)), by);
            return new UserOutcome.Done(user);
        }, cancel);

    /// <summary>Disables somebody's MFA from the console of the server.</summary>
    public async Task<UserOutcome> DisableMfaAsync(Caller.Console console, string name, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        return await work.Users.FindTypedAsync(name, cancel) is { } user
            ? await DisableMfaAsync(work, user, MfaDisabledBy.RescueCommand, console, cancel)
            : new UserOutcome.NoSuchUser();
    }

    /// <summary>Opens a locked account from the console of the server (spec 8.4).</summary>
    public async Task<UserOutcome> UnlockAsync(Caller.Console console, string name, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await work.Users.FindTypedAsync(name, cancel) is not { } user) return new UserOutcome.NoSuchUser();
        if (!await work.Locks.UnlockAsync(user.Id, work.Now, cancel)) return new UserOutcome.NothingToDo(user);
        work.Record(new AuditEvent.Unlocked(user.Id), console);
        await work.CommitAsync(cancel);
        return new UserOutcome.Done(user);
    }

    /// <summary>Makes a system administrator from the console of the server, for when the last one is lost (spec 8.4).</summary>
    public async Task<UserOutcome> CreateAdministratorAsync(Caller.Console console, string username, string email, string password, CancellationToken cancel = default)
    {
        PasswordPolicySettings policy;
        await using (var reading = await units.ReadAsync(cancel)) policy = await reading.SettingsAsync<PasswordPolicySettings>(cancel);
        var (user, faults) = (NewUsers.Judge(username, username, email), PasswordPolicy.Judge(password, username, email, policy));
        if (user.Count > 0 || faults.Count > 0) return new UserOutcome.Invalid(user, faults);
        // Before the transaction: a running portal writes to the same file.
        var hash = await hashing.HashAsync(password, cancel);
        await using var work = await units.BeginAsync(cancel);
        var made = NewUsers.Add(work, username, username, email, hash, systemAdministrator: true);
        // The first one also sets the portal up: its set-up page is gone from here on.
        if (await work.Administrators.ClaimSetUpAsync(work.Now, cancel)) work.Record(new AuditEvent.PortalSetUp(made.Id, "create-admin"), console);
        else work.Record(new AuditEvent.UserCreated(made.Id, SystemAdministrator: true, "create-admin"), console);
        return await work.TryCommitAsync(cancel) switch
        {
            CommitOutcome.Taken taken => new UserOutcome.Invalid([taken.IsEmail ? UserFault.EmailTaken : UserFault.UsernameTaken], []),
            _ => new UserOutcome.Done(made),
        };
    }

    /// <summary>One act of an administrator on a user, whose row is held from the beginning: acts on one user come one after the other.</summary>
    private async Task<UserOutcome> ActAsync(
        Callers callers, Guid userId, Func<UnitOfWork, PortalUser, Caller.Person, Task<UserOutcome>> act, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        await callers.AdministratorAsync(work, cancel);
        if (await work.Users.HoldAsync(userId, cancel) is not { } user) return new UserOutcome.NoSuchUser();
        // Asked again: whoever was locked or lost the role while waiting for the row does nothing.
        var administrator = await callers.AdministratorAsync(work, cancel);
        var outcome = await act(work, user, administrator);
        if (outcome is UserOutcome.Done) await work.CommitAsync(cancel);
        return outcome;
    }

    /// <summary>Why an account may not be closed; null if it may (spec 5.5).</summary>
    private static async Task<UserOutcome?> SparedAsync(UnitOfWork work, Callers callers, PortalUser user, Caller.Person by, CancellationToken cancel)
    {
        if (user.Id == by.UserId) return new UserOutcome.OwnAccount(user);
        if (!user.IsSystemAdministrator) return null;
        if (await work.Administrators.IsLastActiveAsync(user, work.Now, cancel)) return new UserOutcome.LastAdministrator(user);
        // Asked again: the other may have been quicker, and whoever is no administrator any more takes nobody along.
        await callers.AdministratorAsync(work, cancel);
        return null;
    }

    private async Task<UserOutcome> CloseAsync(UnitOfWork work, PortalUser user, Caller by, CancellationToken cancel)
    {
        await MailedLinks.EndAsync(work, user.Id, cancel);
        await sessions.EndAsync(work, user.Id, SessionEnd.AccountClosed, by, except: null, cancel);
        return new UserOutcome.Done(user);
    }

    private async Task<UserOutcome> DisableMfaAsync(UnitOfWork work, PortalUser user, MfaDisabledBy way, Caller by, CancellationToken cancel)
    {
        if (!await removal.RemoveAsync(work, user.Id, way, by, cancel)) return new UserOutcome.NothingToDo(user);
        await work.CommitAsync(cancel);
        return new UserOutcome.Done(user);
    }
}

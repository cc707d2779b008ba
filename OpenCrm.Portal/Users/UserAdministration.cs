using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
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

    public sealed record Invalid(IReadOnlyList<UserFault> User, IReadOnlyList<PasswordFault> Password) : UserOutcome;
}

/// <summary>What administrators, and the rescue commands of the server itself, do to other people's accounts.</summary>
public sealed class UserAdministration(UnitsOfWork units, MfaRemoval removal, PasswordHashing hashing)
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
        if (!await work.Users.UnlockAsync(user.Id, work.Now, cancel)) return new UserOutcome.NothingToDo(user);
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
        if (await work.Users.ClaimSetUpAsync(work.Now, cancel)) work.Record(new AuditEvent.PortalSetUp(made.Id, "create-admin"), console);
        else work.Record(new AuditEvent.UserCreated(made.Id, SystemAdministrator: true, "create-admin"), console);
        return await work.TryCommitAsync(cancel) switch
        {
            CommitOutcome.Taken taken => new UserOutcome.Invalid([taken.IsEmail ? UserFault.EmailTaken : UserFault.UsernameTaken], []),
            _ => new UserOutcome.Done(made),
        };
    }

    private async Task<UserOutcome> DisableMfaAsync(UnitOfWork work, PortalUser user, MfaDisabledBy way, Caller by, CancellationToken cancel)
    {
        if (!await removal.RemoveAsync(work, user.Id, way, by, cancel)) return new UserOutcome.NothingToDo(user);
        await work.CommitAsync(cancel);
        return new UserOutcome.Done(user);
    }
}

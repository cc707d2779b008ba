using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Rescue;

/// <summary>
/// Carries out what the rescue commands do to accounts (docs/spec.md 8.4). There is no session to check: anybody who can run them on the server can
/// read the database anyway. Every method takes the console as its caller, which nothing but a command line can be.
/// </summary>
public sealed class RescueAccounts(UnitsOfWork units, MfaDisabling mfa, RecoveryHolds holds, PasswordHashing hashing)
{
    /// <summary>Disables a user's MFA.</summary>
    public async Task<UserOutcome> DisableMfaAsync(Caller.Console console, string name, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await work.Users.FindTypedAsync(name, cancel) is not { } user) return new UserOutcome.NoSuchUser();
        if (!await mfa.DisableAsync(work, user.Id, MfaDisabledBy.RescueCommand, console, cancel)) return new UserOutcome.NothingToDo(user);
        await work.CommitAsync(cancel);
        return new UserOutcome.Done(user);
    }

    /// <summary>Unlocks an account, whether failed attempts or an administrator locked it.</summary>
    public async Task<UserOutcome> UnlockAsync(Caller.Console console, string name, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await work.Users.FindTypedAsync(name, cancel) is not { } user) return new UserOutcome.NoSuchUser();
        if (!await work.Locks.UnlockAsync(user.Id, work.Now, cancel)) return new UserOutcome.NothingToDo(user);
        work.Record(new AuditEvent.Unlocked(user.Id), console);
        await work.CommitAsync(cancel);
        return new UserOutcome.Done(user);
    }

    /// <summary>Ends the hold after a recovery.</summary>
    public async Task<UserOutcome> LiftHoldAsync(Caller.Console console, string name, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await work.Users.FindTypedAsync(name, cancel) is not { } found || await work.Users.HoldAsync(found.Id, cancel) is not { } user)
            return new UserOutcome.NoSuchUser();
        if (!await holds.LiftAsync(work, user, reason: "", console, cancel)) return new UserOutcome.NothingToDo(user);
        await work.CommitAsync(cancel);
        return new UserOutcome.Done(user);
    }

    /// <summary>Makes a system administrator, for when no other can sign in.</summary>
    public async Task<UserOutcome> CreateAdministratorAsync(
        Caller.Console console, string username, string email, string password, CancellationToken cancel = default)
    {
        var policy = await units.ReadSettingsAsync<PasswordPolicySettings>(cancel);
        var (user, faults) = (NewUsers.Evaluate(username, username, email), PasswordPolicy.Evaluate(password, username, email, policy));
        if (user.Count > 0 || faults.Count > 0) return new UserOutcome.Invalid(user, faults);
        // Hashed before the transaction: on SQLite a running portal writes to the same file.
        var hash = await hashing.HashAsync(password, cancel);
        await using var work = await units.BeginAsync(cancel);
        var made = NewUsers.Add(work, username, username, email, hash, systemAdministrator: true);
        // The first administrator also completes set-up: its page is gone from then on.
        if (await work.Administrators.ClaimSetUpAsync(work.Now, cancel)) work.Record(new AuditEvent.PortalSetUp(made.Id, "create-admin"), console);
        else work.Record(new AuditEvent.UserCreated(made.Id, SystemAdministrator: true, "create-admin"), console);
        return await work.TryCommitAsync(cancel) switch
        {
            CommitOutcome.Taken taken => new UserOutcome.Invalid([taken.IsEmail ? UserFault.EmailTaken : UserFault.UsernameTaken], []),
            _ => new UserOutcome.Done(made),
        };
    }
}

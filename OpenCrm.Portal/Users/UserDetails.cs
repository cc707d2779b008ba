using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>A user's details as an administrator typed them.</summary>
public sealed record UserEdit(string Username, string Name, string Email, bool IsSystemAdministrator)
{
    public static UserEdit Of(UserRecord record) => new(record.Username, record.Name, record.Email, record.IsSystemAdministrator);

    internal static UserEdit Of(PortalUser user) => new(user.UserName!, user.Name, user.Email!, user.IsSystemAdministrator);

    internal UserEdit Trimmed() => this with { Username = Username.Trim(), Name = Name.Trim(), Email = Email.Trim() };
}

/// <summary>How saving a user's details ended: a closed set.</summary>
public abstract record DetailsOutcome
{
    private DetailsOutcome() { }

    public sealed record Saved(Guid Id) : DetailsOutcome;

    /// <summary>Nothing was saved: some details are not valid.</summary>
    public sealed record Invalid(IReadOnlyList<UserFault> Faults) : DetailsOutcome;

    /// <summary>Nothing was saved: another administrator changed the user since the page read it.</summary>
    /// <param name="By">Who changed the details; null if something else about the user changed.</param>
    public sealed record SavedMeanwhile(UserEdit Theirs, string Version, string? By) : DetailsOutcome;

    /// <summary>Nothing was saved: a change of role or e-mail address needs a fresh proof first.</summary>
    public sealed record StepUpNeeded : DetailsOutcome;

    /// <summary>Nothing was saved: afterwards nobody could act as system administrator.</summary>
    public sealed record LastAdministrator : DetailsOutcome;

    public sealed record NoSuchUser : DetailsOutcome;
}

/// <summary>Reads, creates and edits users for system administrators (docs/spec.md 5.2).</summary>
public sealed class UserDetails(UnitsOfWork units, CurrentCaller currentCaller, SessionEnding sessions)
{
    /// <returns>Null if there is no such user.</returns>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserRecord?> ReadAsync(Guid userId, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        return await UserRecord.ReadAsync(work, userId, administrator.SessionId, cancel);
    }

    /// <summary>
    /// Creates a user and mails the invitation in the same commit. A new system administrator needs a fresh proof, as a change of role does.
    /// </summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<DetailsOutcome> CreateAsync(UserEdit typed, CancellationToken cancel = default)
    {
        var edit = typed.Trimmed();
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        if (await FindFaultsAsync(work, edit, before: null, cancel) is { Count: > 0 } faults) return new DetailsOutcome.Invalid(faults);
        if (edit.IsSystemAdministrator)
        {
            if (!administrator.ProvedRecently(work.Now)) return new DetailsOutcome.StepUpNeeded();
            await work.Administrators.HoldAsync(cancel);
            administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        }
        var user = NewUsers.Add(work, edit.Username, edit.Name, edit.Email, passwordHash: null, edit.IsSystemAdministrator);
        // A guess until the person signs in: the invitation comes in the language in which this administrator reads the portal.
        user.BrowserLanguage = Languages.Of(CultureInfo.CurrentUICulture)?.Name;
        work.Record(new AuditEvent.UserCreated(user.Id, user.IsSystemAdministrator, "administrator"), administrator);
        await PasswordLinks.InviteAsync(work, user, administrator, cancel);
        return await CommitAsync(work, user.Id, cancel);
    }

    /// <summary>
    /// Saves details on top of the version that was shown. After a change of e-mail address the old address gets a mail and open mailed links end; a
    /// change of role takes effect in open pages at once.
    /// </summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<DetailsOutcome> SaveAsync(Guid userId, string version, UserEdit typed, CancellationToken cancel = default)
    {
        var edit = typed.Trimmed();
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        // Held first, as in everything that changes a user: what is checked from here on stays true until the commit.
        if (await work.Users.HoldAsync(userId, cancel) is not { } before) return new DetailsOutcome.NoSuchUser();
        if (before.ConcurrencyStamp != version) return await SavedMeanwhileAsync(work, before, cancel);
        if (UserEdit.Of(before) == edit) return new DetailsOutcome.Saved(userId);
        if (await FindFaultsAsync(work, edit, before, cancel) is { Count: > 0 } faults) return new DetailsOutcome.Invalid(faults);
        var (newEmail, newRole) = (edit.Email != before.Email, edit.IsSystemAdministrator != before.IsSystemAdministrator);
        if ((newEmail || newRole) && !administrator.ProvedRecently(work.Now)) return new DetailsOutcome.StepUpNeeded();
        if (newRole)
        {
            if (await work.Administrators.IsLastActiveAsync(before, work.Now, cancel)) return new DetailsOutcome.LastAdministrator();
            // Checked again: the other administrator may have been quicker, and a former administrator must not change any role.
            await work.Administrators.HoldAsync(cancel);
            administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        }
        await UserChanges.ApplyAsync(work, sessions, before, edit, administrator, inviteAt: work.Now, cancel);
        return await CommitAsync(work, userId, cancel);
    }

    private async Task<DetailsOutcome> CommitAsync(UnitOfWork work, Guid userId, CancellationToken cancel)
    {
        switch (await work.TryCommitAsync(cancel))
        {
            case CommitOutcome.Taken taken:
                return new DetailsOutcome.Invalid([taken.IsEmail ? UserFault.EmailTaken : UserFault.UsernameTaken]);
            case CommitOutcome.SavedMeanwhile:
                await using (var reading = await units.ReadAsync(cancel))
                    return await SavedMeanwhileAsync(reading, (await reading.Users.FindAsync(userId, cancel))!, cancel);
            default:
                return new DetailsOutcome.Saved(userId);
        }
    }

    private static async Task<DetailsOutcome> SavedMeanwhileAsync(UnitOfWork work, PortalUser now, CancellationToken cancel)
    {
        var by = await work.Query<AuditEntry>()
            .Where(e => e.SubjectId == now.Id && e.Kind == nameof(AuditEvent.UserChanged))
            .OrderByDescending(e => e.At).ThenByDescending(e => e.Id)
            .Select(e => e.ActorName)
            .FirstOrDefaultAsync(cancel);
        return new DetailsOutcome.SavedMeanwhile(UserEdit.Of(now), now.ConcurrencyStamp!, by);
    }

    /// <summary>Finds everything that is wrong, at once. Whether a name is still free at the commit is up to its index.</summary>
    /// <param name="before">The user as stored, or null for a new one. What is not changed may stay, even if today's rules would refuse it for a new
    /// user.</param>
    private static async Task<List<UserFault>> FindFaultsAsync(UnitOfWork work, UserEdit edit, PortalUser? before, CancellationToken cancel)
    {
        var (newUsername, newName, newEmail) = (edit.Username != before?.UserName, edit.Name != before?.Name, edit.Email != before?.Email);
        List<UserFault> faults = [.. NewUsers.Evaluate(edit.Username, edit.Name, edit.Email)
            .Where(fault => (newUsername || !NewUsers.IsOfUsername(fault))
                && (newName || !NewUsers.IsOfName(fault))
                && (newEmail || !NewUsers.IsOfEmail(fault)))];
        Guid? self = before?.Id;
        var others = work.Query<PortalUser>().Where(u => u.Id != self);
        var (username, email) = (AccountName.Normalize(edit.Username), AccountName.Normalize(edit.Email));
        if (newUsername && !faults.Any(NewUsers.IsOfUsername) && await others.AnyAsync(u => u.NormalizedUserName == username, cancel))
            faults.Add(UserFault.UsernameTaken);
        if (newEmail && !faults.Any(NewUsers.IsOfEmail) && await others.AnyAsync(u => u.NormalizedEmail == email, cancel))
            faults.Add(UserFault.EmailTaken);
        return faults;
    }
}

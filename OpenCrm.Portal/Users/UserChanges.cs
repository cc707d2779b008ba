using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Changes a user's details, with everything that belongs to a change, whether an administrator types it or a file brings it.</summary>
internal static class UserChanges
{
    /// <summary>
    /// Writes the details, an event for each that changed, the mail to an old address, and a new invitation if the first one may have gone to a wrong
    /// address. The calling service has checked the caller's right and the details.
    /// </summary>
    /// <param name="before">The user as the row is, held until the commit.</param>
    /// <param name="inviteAt">When a new invitation goes out.</param>
    public static async Task ApplyAsync(
        UnitOfWork work, SessionEnding sessions, PortalUser before, UserEdit edit, Caller.Person by, DateTimeOffset inviteAt,
        CancellationToken cancel)
    {
        var (newEmail, newRole) = (edit.Email != before.Email, edit.IsSystemAdministrator != before.IsSystemAdministrator);
        // The commit writes one conditional statement, which applies to this version only.
        var user = await work.Tracked<PortalUser>().SingleAsync(u => u.Id == before.Id, cancel);
        Note(work, by, user, nameof(edit.Username), user.UserName!, user.UserName = edit.Username);
        Note(work, by, user, nameof(edit.Name), user.Name, user.Name = edit.Name);
        Note(work, by, user, nameof(edit.Email), user.Email!, user.Email = edit.Email);
        Note(work, by, user, "SystemAdministrator", user.IsSystemAdministrator, user.IsSystemAdministrator = edit.IsSystemAdministrator);
        user.NormalizedName = PortalUser.NormalizedNameOf(edit.Name);
        if (edit.Username != before.UserName) user.NormalizedUserName = AccountName.Normalize(edit.Username);
        if (newEmail) user.NormalizedEmail = AccountName.Normalize(edit.Email);
        user.ConcurrencyStamp = Guid.NewGuid().ToString();
        if (newEmail)
        {
            // The new stamp ends the links that were mailed to the old address.
            user.SecurityStamp = SecretToken.Generate();
            work.Queue(new MailDraft.EmailChanged(MailRecipient.Of(before), user, by, work.Now));
            await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Email, by, cancel);
            // An invitation may have gone to a mistyped address, so it is mailed again to the new one.
            if (IsInvited(before, work.Now)) await PasswordLinks.InviteAsync(work, user, by, inviteAt, cancel);
        }
        if (newRole) work.CoverAtCommit(user.Id);
        if (newRole && !edit.IsSystemAdministrator) await TemporaryCodes.EndGivenByAsync(work, user.Id, by, cancel);
        if (newRole || edit.Name != before.Name) await sessions.EvaluateAgainAsync(work, user.Id, cancel);
    }

    /// <summary>Whether the person was invited and has not chosen a password yet.</summary>
    public static bool IsInvited(PortalUser user, DateTimeOffset now) =>
        user is { PasswordHash: null, PasswordChangedAt: null } && user.StatusAt(now) == AccountStatus.Active;

    private static void Note<T>(UnitOfWork work, Caller by, PortalUser user, string detail, T old, T now) where T : notnull
    {
        if (!old.Equals(now)) work.Record(new AuditEvent.UserChanged(user.Id, detail, $"{old}", $"{now}"), by);
    }
}

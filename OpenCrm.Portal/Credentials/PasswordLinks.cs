using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Mails and redeems links that set a password: the first one of an invited user, or a new one for a forgotten one (docs/spec.md 1.8).
/// </summary>
public sealed class PasswordLinks(UnitsOfWork units, PasswordHashing hashing, SessionEnding sessions, NetworkLimit network, Refusals refusals)
{
    /// <summary>Reads how long a new password must be, for the hint beside the field.</summary>
    public async Task<int> ReadMinimumLengthAsync(CancellationToken cancel = default) =>
        (await units.ReadSettingsAsync<PasswordPolicySettings>(cancel)).MinimumLength;

    /// <summary>
    /// Sets the password of the link's user and uses up the link in one transaction; all sessions and half-done sign-ins of the user end. The link is
    /// looked up first: without an open one nothing else is checked, and only the network's limit counts.
    /// </summary>
    public async Task<NewPasswordOutcome> SetPasswordAsync(
        MailedLinkKind kind, string token, string password, Caller by, CancellationToken cancel = default)
    {
        if (!await network.ReserveAsync(by, cancel)) return new NewPasswordOutcome.Refused(new Refusal.TooManyFromHere());
        var outcome = await FindAndSetAsync(kind, token, password, by, cancel);
        if (outcome is NewPasswordOutcome.LinkEnded) refusals.Note(RefusalKind.MailedLink, by, $"{kind}: no such link, or used, replaced or too old");
        else await network.GiveBackAsync(by, cancel);
        return outcome;
    }

    /// <summary>Mails an invitation and ends an older one. The calling service checks the caller's right.</summary>
    public static Task InviteAsync(UnitOfWork work, PortalUser user, Caller by, CancellationToken cancel = default) =>
        InviteAsync(work, user, by, work.Now, cancel);

    /// <inheritdoc cref="InviteAsync(UnitOfWork, PortalUser, Caller, CancellationToken)" />
    /// <param name="mailAt">When it goes out; it is good from then on.</param>
    public static async Task InviteAsync(UnitOfWork work, PortalUser user, Caller by, DateTimeOffset mailAt, CancellationToken cancel = default)
    {
        var (token, until) = await MailedLinks.CreateAsync(work, user, MailedLinkKind.Invitation, by, mailAt, cancel);
        work.Queue(new MailDraft.Invitation(user, token, until, by), mailAt);
    }

    /// <summary>Mails the first invitation to each of many new users, at a time of its own. The calling service checks the caller's right.</summary>
    public static async Task InviteAsync(
        UnitOfWork work, IReadOnlyCollection<(PortalUser User, DateTimeOffset MailAt)> users, Caller by, CancellationToken cancel = default)
    {
        var links = await MailedLinks.CreateFirstAsync(work, users, by, cancel);
        await work.QueueAsync(
            users.Zip(links, (one, link) => ((MailDraft)new MailDraft.Invitation(one.User, link.Token, link.ValidUntil, by), one.MailAt)), cancel);
    }

    /// <summary>Mails a link that sets a new password and ends an older one. The calling service checks the caller's right.</summary>
    public static async Task MailForgottenPasswordAsync(UnitOfWork work, PortalUser user, Caller by, CancellationToken cancel = default)
    {
        var (token, until) = await MailedLinks.CreateAsync(work, user, MailedLinkKind.ForgottenPassword, by, cancel);
        work.Queue(new MailDraft.ForgottenPassword(user, token, until, by));
    }

    private async Task<NewPasswordOutcome> FindAndSetAsync(MailedLinkKind kind, string token, string password, Caller by, CancellationToken cancel)
    {
        if (token.Length > MailedLinks.LongestToken) return new NewPasswordOutcome.LinkEnded();
        var tokenHash = SecretToken.Hash(token);
        PortalUser user;
        await using (var look = await units.ReadAsync(cancel))
        {
            var link = await look.Query<MailedLink>()
                .SingleOrDefaultAsync(l => l.TokenHash == tokenHash && l.Kind == kind && l.ExpiresAt > look.Now, cancel);
            if (link is null || await look.Users.FindAsync(link.UserId, cancel) is not { } found || found.SecurityStamp != link.SecurityStamp)
                return new NewPasswordOutcome.LinkEnded();
            user = found;
            // A lock ends the link too, but the holder of the link learns why it does not work.
            switch (user.StatusAt(look.Now))
            {
                case AccountStatus.Inactive:
                    return new NewPasswordOutcome.LinkEnded();
                case AccountStatus.Locked:
                    return new NewPasswordOutcome.Refused(new Refusal.LockedByAdministrator());
                case AccountStatus.LockedFailedAttempts:
                    return new NewPasswordOutcome.Refused(Lockout.Describe(user, await look.ReadSettingsAsync<SecuritySettings>(cancel), look.Now));
            }
            if (link.ConsumedAt is not null) return new NewPasswordOutcome.LinkEnded();
            var policy = await look.ReadSettingsAsync<PasswordPolicySettings>(cancel);
            var faults = PasswordPolicy.Evaluate(password, user.UserName, user.Email, policy);
            if (faults.Count > 0) return new NewPasswordOutcome.Invalid(faults, policy.MinimumLength);
        }
        // Hashed before the transaction: it is slow, and the user's row would be held that long.
        if (await hashing.HashAsync(password, by, cancel) is not { } passwordHash) return new NewPasswordOutcome.Refused(new Refusal.Busy());
        await using var work = await units.BeginAsync(cancel);
        if (!await work.Users.SetPasswordAsync(user, passwordHash, work.Now, cancel)) return new NewPasswordOutcome.LinkEnded();
        var usable = work.Query<MailedLink>().Where(l => l.TokenHash == tokenHash && l.ExpiresAt > work.Now);
        if (await MailedLinks.ConsumeAsync(work, usable, cancel) != 1)
            return new NewPasswordOutcome.LinkEnded();
        work.Record(new AuditEvent.PasswordReset(user.Id, MailedLinks.WordOf(kind)), by);
        await sessions.EndAsync(work, user.Id, SessionEnd.PasswordChanged, by, except: null, cancel);
        await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Password, by, cancel);
        await work.CommitAsync(cancel);
        return new NewPasswordOutcome.Done(user.Id);
    }
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Links that set a password: asked for, made, used (spec 1.8, 5.4). None of it touches MFA or unlocks an account. Rows are taken in the order user, link: a lock does
/// the same, and nobody waits in a circle.
/// </summary>
public sealed class MailedLinks(UnitsOfWork units, PasswordHashing hashing, SessionEnding sessions, IOptionsMonitor<SignInLimits> limits)
{
    /// <summary>Short: whoever reads the mailbox is halfway to owning the account.</summary>
    private static readonly TimeSpan ForgottenPasswordLifetime = TimeSpan.FromMinutes(30);

    /// <summary>A new colleague may be on holiday.</summary>
    private static readonly TimeSpan InvitationLifetime = TimeSpan.FromDays(7);

    /// <summary>Longer than any token: hashing a megabyte is work for nothing.</summary>
    private const int LongestToken = 100;

    private const string Purpose = "Mailed-link request";

    /// <summary>
    /// Notes that somebody asked for a link to set a new password. Nothing is looked up here: a known name and an unknown one run the same statements.
    /// </summary>
    /// <returns>False: too many requests from this network.</returns>
    public async Task<bool> AskAsync(string typedName, Caller by, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (!await work.Addresses.ReserveAsync(AddressCount.KeyOf("mailed-link", by.Address), limits.CurrentValue.MailedLinks, SignInLimits.MailedLinksWindow, work.Now, cancel))
            return false;
        var name = typedName.Trim();
        work.Add(new MailedLinkRequest
        {
            Id = Guid.CreateVersion7(work.Now),
            Kind = MailedLinkKind.ForgottenPassword,
            // Nobody's name is longer; the row is written all the same.
            ProtectedName = work.Protect(Purpose, Encoding.UTF8.GetBytes(name.Length <= AccountName.EmailLength ? name : "")),
            Address = by.Address,
            At = work.Now,
        });
        work.AfterCommit<MailedLinkSignal>(signal => signal.Raise());
        await work.CommitAsync(cancel);
        return true;
    }

    /// <summary>How long a new password must be, for the hint beside the field.</summary>
    public async Task<int> MinimumLengthAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        return (await work.SettingsAsync<PasswordPolicySettings>(cancel)).MinimumLength;
    }

    /// <summary>
    /// Sets the password of the link's user and uses the link up, in one transaction; all sessions and half-done sign-ins of the user end. The link is judged first: without
    /// a good one nothing else is looked at, and only the network's limit counts.
    /// </summary>
    public async Task<NewPasswordOutcome> SetPasswordAsync(MailedLinkKind kind, string token, string password, Caller by, CancellationToken cancel = default)
    {
        var address = AddressCount.KeyOf("sign-in", by.Address);
        await using (var work = await units.BeginAsync(cancel))
        {
            if (!await work.Addresses.ReserveAsync(address, limits.CurrentValue.SignInFailures, SignInLimits.SignInWindow, work.Now, cancel))
                return new NewPasswordOutcome.TooManyFromHere();
            await work.CommitAsync(cancel);
        }
        var outcome = await JudgeAndSetAsync(kind, token, password, by, cancel);
        if (outcome is NewPasswordOutcome.LinkEnded) return outcome;
        await using (var work = await units.BeginAsync(cancel))
        {
            await work.Addresses.GiveBackAsync(address, cancel);
            await work.CommitAsync(cancel);
        }
        return outcome;
    }

    /// <summary>Mails an invitation; an older one ends (spec 5.4). The caller's right is the caller's service to check.</summary>
    public static async Task InviteAsync(UnitOfWork work, PortalUser user, Caller by, CancellationToken cancel = default)
    {
        var (token, until) = await NewAsync(work, user, MailedLinkKind.Invitation, by, cancel);
        work.Queue(new MailDraft.Invitation(user, token, until, by));
    }

    /// <summary>Mails a link that sets a new password; an older one ends. The caller's right is the caller's service to check.</summary>
    public static async Task MailForgottenPasswordAsync(UnitOfWork work, PortalUser user, Caller by, CancellationToken cancel = default)
    {
        var (token, until) = await NewAsync(work, user, MailedLinkKind.ForgottenPassword, by, cancel);
        work.Queue(new MailDraft.ForgottenPassword(user, token, until, by));
    }

    /// <summary>Makes a link and ends the older ones of its kind: only the newest works.</summary>
    /// <returns>The token, which is nowhere else from here on.</returns>
    public static async Task<(string Token, DateTimeOffset ValidUntil)> NewAsync(
        UnitOfWork work, PortalUser user, MailedLinkKind kind, Caller by, CancellationToken cancel = default)
    {
        await ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.UserId == user.Id && l.Kind == kind), cancel);
        var token = SecretToken.Generate();
        var until = work.Now + (kind == MailedLinkKind.Invitation ? InvitationLifetime : ForgottenPasswordLifetime);
        work.Add(new MailedLink
        {
            Id = Guid.CreateVersion7(work.Now),
            Kind = kind,
            UserId = user.Id,
            TokenHash = SecretToken.Hash(token),
            SecurityStamp = user.SecurityStamp!,
            CreatedAt = work.Now,
            ExpiresAt = until,
        });
        work.Record(new AuditEvent.PasswordLinkMade(user.Id, Word(kind)), by);
        return (token, until);
    }

    /// <summary>Ends every open link of the user: with a lock, for one (spec 5.3).</summary>
    public static Task EndAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) =>
        ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.UserId == userId), cancel);

    /// <summary>The name that was typed; null if this key ring did not encrypt it.</summary>
    internal static string? TypedName(UnitOfWork work, MailedLinkRequest request)
    {
        try
        {
            return Encoding.UTF8.GetString(work.Unprotect(Purpose, request.ProtectedName));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private async Task<NewPasswordOutcome> JudgeAndSetAsync(MailedLinkKind kind, string token, string password, Caller by, CancellationToken cancel)
    {
        if (token.Length > LongestToken) return new NewPasswordOutcome.LinkEnded();
        var tokenHash = SecretToken.Hash(token);
        PortalUser user;
        await using (var look = await units.ReadAsync(cancel))
        {
            var link = await look.Query<MailedLink>().SingleOrDefaultAsync(l => l.TokenHash == tokenHash && l.Kind == kind && l.ExpiresAt > look.Now, cancel);
            if (link is null || await look.Users.FindAsync(link.UserId, cancel) is not { } found || found.SecurityStamp != link.SecurityStamp)
                return new NewPasswordOutcome.LinkEnded();
            user = found;
            // A lock ends the link too, but whoever holds it is told why it does not work.
            switch (user.StatusAt(look.Now))
            {
                case AccountStatus.Inactive:
                    return new NewPasswordOutcome.LinkEnded();
                case AccountStatus.Locked:
                    return new NewPasswordOutcome.LockedByAdministrator();
                case AccountStatus.LockedFailedAttempts:
                    return new NewPasswordOutcome.LockedOut(
                        user.LockoutEnd == DateTimeOffset.MaxValue ? null : user.LockoutEnd, (await look.SettingsAsync<SecuritySettings>(cancel)).AttemptsBeforeLock);
            }
            if (link.ConsumedAt is not null) return new NewPasswordOutcome.LinkEnded();
            var policy = await look.SettingsAsync<PasswordPolicySettings>(cancel);
            var faults = PasswordPolicy.Judge(password, user.UserName, user.Email, policy);
            if (faults.Count > 0) return new NewPasswordOutcome.Invalid(faults, policy.MinimumLength);
        }
        // Before the transaction: a hash takes a tenth of a second, and the user's row would be held that long.
        var passwordHash = await hashing.HashAsync(password, cancel);
        await using var work = await units.BeginAsync(cancel);
        if (!await work.Users.SetPasswordAsync(user, passwordHash, work.Now, cancel)) return new NewPasswordOutcome.LinkEnded();
        if (await ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.TokenHash == tokenHash && l.ExpiresAt > work.Now), cancel) != 1)
            return new NewPasswordOutcome.LinkEnded();
        work.Record(new AuditEvent.PasswordReset(user.Id, Word(kind)), by);
        await sessions.EndAsync(work, user.Id, SessionEnd.PasswordChanged, by, except: null, cancel);
        await work.CommitAsync(cancel);
        return new NewPasswordOutcome.Done();
    }

    private static Task<int> ConsumeAsync(UnitOfWork work, IQueryable<MailedLink> links, CancellationToken cancel) =>
        links.Where(l => l.ConsumedAt == null).ExecuteUpdateAsync(set => set.SetProperty(l => l.ConsumedAt, work.Now), cancel);

    private static string Word(MailedLinkKind kind) => kind == MailedLinkKind.Invitation ? "invitation" : "forgotten password";
}

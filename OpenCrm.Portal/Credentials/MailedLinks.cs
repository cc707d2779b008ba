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
/// Mailed links: asked for, made, judged, used. Those that set a password (spec 1.8, 5.4) do not touch MFA, the one that disables MFA (spec 3.2) does not touch the
/// password, and none unlocks an account. Rows are taken in the order user, link: a lock does the same, and nobody waits in a circle.
/// </summary>
public sealed class MailedLinks(UnitsOfWork units, PasswordHashing hashing, SessionEnding sessions, IOptionsMonitor<SignInLimits> limits, Refusals refusals)
{
    /// <summary>Short: whoever reads the mailbox is halfway to owning the account.</summary>
    private static readonly TimeSpan ForgottenPasswordLifetime = TimeSpan.FromMinutes(30);

    /// <summary>A new colleague may be on holiday.</summary>
    private static readonly TimeSpan InvitationLifetime = TimeSpan.FromDays(7);

    /// <summary>Longer than any token: hashing a megabyte is work for nothing.</summary>
    private const int LongestToken = 100;

    private const string Purpose = "Mailed-link request";

    /// <summary>
    /// Notes that somebody asked for a link. Nothing is looked up here: a known name and an unknown one run the same statements.
    /// </summary>
    /// <returns>False: too many requests from this network.</returns>
    public async Task<bool> AskAsync(MailedLinkKind kind, string typedName, Caller by, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (!await work.Addresses.ReserveAsync(AddressCount.KeyOf("mailed-link", by.Address), limits.CurrentValue.MailedLinks, SignInLimits.MailedLinksWindow, work.Now, cancel))
        {
            refusals.Note(Refusal.MailedLinkLimit, by, $"{kind}: {limits.CurrentValue.MailedLinks} in an hour (Limits:MailedLinks)");
            return false;
        }
        var name = typedName.Trim();
        // Nobody's name is longer, or holds what no name may; the row is written all the same.
        if (name.Length > AccountName.EmailLength || !IncomingText.IsLine(name)) name = "";
        work.Add(new MailedLinkRequest
        {
            Id = Guid.CreateVersion7(work.Now),
            Kind = kind,
            ProtectedName = work.Protect(Purpose, Encoding.UTF8.GetBytes(name)),
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
        if (!await CountForNetworkAsync(by, cancel)) return new NewPasswordOutcome.TooManyFromHere();
        var outcome = await JudgeAndSetAsync(kind, token, password, by, cancel);
        if (outcome is NewPasswordOutcome.LinkEnded) refusals.Note(Refusal.MailedLink, by, $"{kind}: no such link, or used, replaced or too old");
        else await GiveBackToNetworkAsync(by, cancel);
        return outcome;
    }

    /// <summary>How long a lost-device link works, for the page that asks for one.</summary>
    public async Task<int> LostDeviceMinutesAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        return (await work.SettingsAsync<SecuritySettings>(cancel)).LostDeviceLinkMinutes;
    }

    /// <summary>Judges a lost-device link, and changes nothing of it. A bad one counts for the network alone: no account is looked at (spec 3.2).</summary>
    public async Task<LostDeviceLinkVerdict> JudgeLostDeviceAsync(string token, Caller by, CancellationToken cancel = default)
    {
        if (!await CountForNetworkAsync(by, cancel)) return new LostDeviceLinkVerdict.TooManyFromHere();
        if (token.Length > LongestToken || await GoodLostDeviceAsync(token, cancel) is not { } link)
        {
            refusals.Note(Refusal.MailedLink, by, $"{MailedLinkKind.LostDevice}: no such link, or used, replaced or too old");
            return new LostDeviceLinkVerdict.Ended();
        }
        await GiveBackToNetworkAsync(by, cancel);
        return new LostDeviceLinkVerdict.Good(link.UserId);
    }

    /// <summary>Uses a lost-device link up, in the transaction of what it allows: true once, for the user whose row the caller holds.</summary>
    public static async Task<bool> UseLostDeviceAsync(UnitOfWork work, PortalUser user, string token, CancellationToken cancel = default) =>
        user.Authenticator is { Id: var authenticator }
        && await ConsumeAsync(work, OpenLostDevice(work, token)
            .Where(l => l.UserId == user.Id && l.SecurityStamp == user.SecurityStamp && l.AuthenticatorId == authenticator), cancel) == 1;

    /// <summary>Mails a link that disables MFA after a sign-in; an older one ends. Only for who is enrolled, with the switch held on.</summary>
    public static async Task MailLostDeviceAsync(UnitOfWork work, PortalUser user, Caller by, CancellationToken cancel = default)
    {
        var (token, until) = await NewAsync(work, user, MailedLinkKind.LostDevice, by, cancel);
        work.Queue(new MailDraft.LostDeviceLink(user, token, until, by.Address));
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
        var until = work.Now + await LifetimeAsync(work, kind, cancel);
        work.Add(new MailedLink
        {
            Id = Guid.CreateVersion7(work.Now),
            Kind = kind,
            UserId = user.Id,
            TokenHash = SecretToken.Hash(token),
            SecurityStamp = user.SecurityStamp!,
            AuthenticatorId = kind == MailedLinkKind.LostDevice ? user.Authenticator!.Id : null,
            CreatedAt = work.Now,
            ExpiresAt = until,
        });
        work.Record(kind == MailedLinkKind.LostDevice ? new AuditEvent.LostDeviceLinkMade(user.Id) : new AuditEvent.PasswordLinkMade(user.Id, Word(kind)), by);
        return (token, until);
    }

    /// <summary>Ends every open link of the user: with a lock, for one (spec 5.3).</summary>
    public static Task EndAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) =>
        ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.UserId == userId), cancel);

    /// <summary>Ends the open lost-device link of the user: with a sign-in by code.</summary>
    public static Task EndLostDeviceAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) =>
        ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.UserId == userId && l.Kind == MailedLinkKind.LostDevice), cancel);

    /// <summary>Ends everybody's: with the MFA switch. Ticking it again revives none (spec 3.4).</summary>
    public static Task EndEveryLostDeviceAsync(UnitOfWork work, CancellationToken cancel = default) =>
        ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.Kind == MailedLinkKind.LostDevice), cancel);

    /// <summary>The name that was typed.</summary>
    /// <exception cref="CryptographicException">This key ring did not encrypt it, or has not seen the newest key yet.</exception>
    internal static string TypedName(UnitOfWork work, MailedLinkRequest request) => Encoding.UTF8.GetString(work.Unprotect(Purpose, request.ProtectedName));

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
                        FailedAttempts.Told(user, look.Now), (await look.SettingsAsync<SecuritySettings>(cancel)).AttemptsBeforeLock);
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
        return new NewPasswordOutcome.Done(user.Id);
    }

    /// <summary>Reserved before anything is looked at, so that guesses at once do not outrun the network's limit. False: it is reached.</summary>
    private async Task<bool> CountForNetworkAsync(Caller by, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        var (network, limit) = (NetworkOf(by), limits.CurrentValue.SignInFailures);
        var reserved = await work.Addresses.ReserveAsync(network, limit, SignInLimits.SignInWindow, work.Now, cancel);
        // Once in a window, as where passwords are checked.
        if (!reserved && await work.Addresses.NoteRefusalAsync(network, limit, cancel)) work.Record(new AuditEvent.AddressLimitReached(), by);
        await work.CommitAsync(cancel);
        if (!reserved) refusals.Note(Refusal.SignInLimit, by, $"{limit} in a quarter of an hour (Limits:SignInFailures)");
        return reserved;
    }

    private async Task GiveBackToNetworkAsync(Caller by, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        await work.Addresses.GiveBackAsync(NetworkOf(by), cancel);
        await work.CommitAsync(cancel);
    }

    private static string NetworkOf(Caller by) => AddressCount.KeyOf("sign-in", by.Address);

    private async Task<MailedLink?> GoodLostDeviceAsync(string token, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        return await OpenLostDevice(work, token).SingleOrDefaultAsync(cancel) is { } link
            && await work.Users.FindAsync(link.UserId, cancel) is { } user
            && user.StatusAt(work.Now) == AccountStatus.Active
            // The account and the enrolment are still those for which the link was made.
            && link.SecurityStamp == user.SecurityStamp
            && link.AuthenticatorId == user.Authenticator?.Id
            && (await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled
                ? link
                : null;
    }

    private static IQueryable<MailedLink> OpenLostDevice(UnitOfWork work, string token)
    {
        var hash = SecretToken.Hash(token);
        return work.Query<MailedLink>().Where(l => l.TokenHash == hash && l.Kind == MailedLinkKind.LostDevice && l.ConsumedAt == null && l.ExpiresAt > work.Now);
    }

    private static async Task<TimeSpan> LifetimeAsync(UnitOfWork work, MailedLinkKind kind, CancellationToken cancel) => kind switch
    {
        MailedLinkKind.ForgottenPassword => ForgottenPasswordLifetime,
        MailedLinkKind.Invitation => InvitationLifetime,
        MailedLinkKind.LostDevice => TimeSpan.FromMinutes((await work.SettingsAsync<SecuritySettings>(cancel)).LostDeviceLinkMinutes),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static Task<int> ConsumeAsync(UnitOfWork work, IQueryable<MailedLink> links, CancellationToken cancel) =>
        links.Where(l => l.ConsumedAt == null).ExecuteUpdateAsync(set => set.SetProperty(l => l.ConsumedAt, work.Now), cancel);

    private static string Word(MailedLinkKind kind) => kind == MailedLinkKind.Invitation ? "invitation" : "forgotten password";
}

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// What all mailed links have in common: only the newest of a kind works, once, and not for long. Those that set a password (<see cref="PasswordLinks"/>) do not touch MFA, the
/// one that disables MFA (<see cref="LostDeviceLinks"/>) does not touch the password, and none unlocks an account. Rows are taken in the order user, link: a lock does the same,
/// and nobody waits in a circle.
/// </summary>
public static class MailedLinks
{
    /// <summary>Longer than any token: hashing a megabyte is work for nothing.</summary>
    internal const int LongestToken = 100;

    /// <summary>Short: whoever reads the mailbox is halfway to owning the account.</summary>
    private static readonly TimeSpan ForgottenPasswordLifetime = TimeSpan.FromMinutes(30);

    /// <summary>A new colleague may be on holiday.</summary>
    private static readonly TimeSpan InvitationLifetime = TimeSpan.FromDays(7);

    /// <summary>Makes a link and ends the older ones of its kind. The caller's right is the caller's service to check.</summary>
    /// <returns>The token, which is nowhere else from here on.</returns>
    public static async Task<(string Token, DateTimeOffset ValidUntil)> CreateAsync(
        UnitOfWork work, PortalUser user, MailedLinkKind kind, Caller by, CancellationToken cancel = default)
    {
        await ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.UserId == user.Id && l.Kind == kind), cancel);
        var token = SecretToken.Generate();
        var until = work.Now + await ReadLifetimeAsync(work, kind, cancel);
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
        work.Record(kind == MailedLinkKind.LostDevice ? new AuditEvent.LostDeviceLinkMade(user.Id) : new AuditEvent.PasswordLinkMade(user.Id, WordOf(kind)), by);
        return (token, until);
    }

    /// <summary>Ends every open link of the user: with a lock, for one (spec 5.3).</summary>
    public static Task EndAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) =>
        ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.UserId == userId), cancel);

    /// <returns>How many of them were open, and are not any more.</returns>
    internal static Task<int> ConsumeAsync(UnitOfWork work, IQueryable<MailedLink> links, CancellationToken cancel) =>
        links.Where(l => l.ConsumedAt == null).ExecuteUpdateAsync(set => set.SetProperty(l => l.ConsumedAt, work.Now), cancel);

    /// <summary>What the audit trail calls a link that sets a password.</summary>
    internal static string WordOf(MailedLinkKind kind) => kind == MailedLinkKind.Invitation ? "invitation" : "forgotten password";

    private static async Task<TimeSpan> ReadLifetimeAsync(UnitOfWork work, MailedLinkKind kind, CancellationToken cancel) => kind switch
    {
        MailedLinkKind.ForgottenPassword => ForgottenPasswordLifetime,
        MailedLinkKind.Invitation => InvitationLifetime,
        MailedLinkKind.LostDevice => TimeSpan.FromMinutes((await work.ReadSettingsAsync<SecuritySettings>(cancel)).LostDeviceLinkMinutes),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// The rules of all mailed links: only the newest of a kind works, once, and for a limited time. Links that set a password
/// (<see cref="PasswordLinks"/>) do not touch MFA, links that disable MFA (<see cref="LostDeviceLinks"/>) do not touch the password, and none unlocks
/// an account. Rows are locked in the order user, then link, as a lockout does: no two transactions deadlock.
/// </summary>
public static class MailedLinks
{
    /// <summary>Longer than any token. Longer input is refused before it is hashed: hashing a megabyte would waste the server's time.</summary>
    internal const int LongestToken = 100;

    /// <summary>Short: somebody who can read the mailbox is halfway to owning the account.</summary>
    private static readonly TimeSpan ForgottenPasswordLifetime = TimeSpan.FromMinutes(30);

    /// <summary>Long, because a new colleague may be on holiday.</summary>
    private static readonly TimeSpan InvitationLifetime = TimeSpan.FromDays(7);

    /// <summary>Makes a link and ends older ones of its kind. The calling service checks the caller's right.</summary>
    /// <returns>The token, which is stored nowhere, and until when it works.</returns>
    public static Task<(string Token, DateTimeOffset ValidUntil)> CreateAsync(
        UnitOfWork work, PortalUser user, MailedLinkKind kind, Caller by, CancellationToken cancel = default) =>
        CreateAsync(work, user, kind, by, work.Now, cancel);

    /// <inheritdoc cref="CreateAsync(UnitOfWork, PortalUser, MailedLinkKind, Caller, CancellationToken)" />
    /// <param name="from">When its mail goes out: its lifetime begins then.</param>
    public static async Task<(string Token, DateTimeOffset ValidUntil)> CreateAsync(
        UnitOfWork work, PortalUser user, MailedLinkKind kind, Caller by, DateTimeOffset from, CancellationToken cancel = default)
    {
        await ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.UserId == user.Id && l.Kind == kind), cancel);
        var (link, token) = Make(user, kind, work.Now, from + await ReadLifetimeAsync(work, kind, cancel));
        work.Add(link);
        work.Record(
            kind == MailedLinkKind.LostDevice
                ? new AuditEvent.LostDeviceLinkMade(user.Id)
                : new AuditEvent.PasswordLinkMade(user.Id, WordOf(kind)),
            by);
        return (token, link.ExpiresAt);
    }

    /// <summary>Makes the first links of new users, who have none that could end. The calling service checks the caller's right.</summary>
    /// <returns>Their tokens, which are stored nowhere, and until when each works, in the order of the users.</returns>
    internal static async Task<IReadOnlyList<(string Token, DateTimeOffset ValidUntil)>> CreateFirstAsync(
        UnitOfWork work, IReadOnlyCollection<(PortalUser User, DateTimeOffset From)> users, Caller by, CancellationToken cancel = default)
    {
        const MailedLinkKind kind = MailedLinkKind.Invitation;
        var made = users.Select(one => Make(one.User, kind, work.Now, one.From + InvitationLifetime)).ToList();
        await work.WriteAsync([.. made.Select(one => one.Link)], cancel);
        await work.WriteAsync(
            [.. users.Select(one => AuditTrail.Entry(new AuditEvent.PasswordLinkMade(one.User.Id, WordOf(kind)), by, work.Now))], cancel);
        return [.. made.Select(one => (one.Token, one.Link.ExpiresAt))];
    }

    private static (MailedLink Link, string Token) Make(PortalUser user, MailedLinkKind kind, DateTimeOffset now, DateTimeOffset until)
    {
        var token = SecretToken.Generate();
        return (new()
        {
            Id = Guid.CreateVersion7(now),
            Kind = kind,
            UserId = user.Id,
            TokenHash = SecretToken.Hash(token),
            SecurityStamp = user.SecurityStamp!,
            EnrolmentId = kind == MailedLinkKind.LostDevice ? user.EnrolmentId!.Value : null,
            CreatedAt = now,
            ExpiresAt = until,
        }, token);
    }

    /// <summary>Ends every open link of the user, for example when the account is locked.</summary>
    public static Task EndAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) =>
        ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.UserId == userId), cancel);

    /// <returns>How many of them were open and have ended now.</returns>
    internal static Task<int> ConsumeAsync(UnitOfWork work, IQueryable<MailedLink> links, CancellationToken cancel) =>
        links.Where(l => l.ConsumedAt == null).ExecuteUpdateAsync(set => set.SetProperty(l => l.ConsumedAt, work.Now), cancel);

    /// <summary>The word for a link that sets a password in the audit trail.</summary>
    internal static string WordOf(MailedLinkKind kind) => kind == MailedLinkKind.Invitation ? "invitation" : "forgotten password";

    private static async Task<TimeSpan> ReadLifetimeAsync(UnitOfWork work, MailedLinkKind kind, CancellationToken cancel) => kind switch
    {
        MailedLinkKind.ForgottenPassword => ForgottenPasswordLifetime,
        MailedLinkKind.Invitation => InvitationLifetime,
        MailedLinkKind.LostDevice => TimeSpan.FromMinutes((await work.ReadSettingsAsync<SecuritySettings>(cancel)).LostDeviceLinkMinutes),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

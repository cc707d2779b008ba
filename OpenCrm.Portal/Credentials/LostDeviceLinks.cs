using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Credentials;

/// <summary>Makes, finds and uses up the links that disable MFA after a sign-in with the password alone (docs/spec.md 3.2).</summary>
public sealed class LostDeviceLinks(UnitsOfWork units, NetworkLimit network, Refusals refusals)
{
    /// <summary>Reads how long a link works, and how long MFA stays after it, for the pages.</summary>
    public async Task<LostDeviceTerms> ReadTermsAsync(CancellationToken cancel = default)
    {
        var settings = await units.ReadSettingsAsync<SecuritySettings>(cancel);
        return new(settings.LostDeviceLinkMinutes, settings.LostDeviceWaitHours);
    }

    /// <summary>
    /// Looks for an open link and changes nothing. If there is none, only the network's limit counts the failure, because no account is known.
    /// </summary>
    public async Task<LostDeviceLink> FindOpenAsync(string token, Caller by, CancellationToken cancel = default)
    {
        if (!await network.ReserveAsync(by, cancel)) return new LostDeviceLink.TooManyFromHere();
        if (token.Length > MailedLinks.LongestToken || await FindAsync(token, cancel) is not { } link)
        {
            refusals.Note(RefusalKind.MailedLink, by, $"{MailedLinkKind.LostDevice}: no such link, or used, replaced or too old");
            return new LostDeviceLink.Ended();
        }
        await network.GiveBackAsync(by, cancel);
        return new LostDeviceLink.Open(link.UserId);
    }

    /// <summary>Uses up a link in the transaction of what it allows. True once, for the user whose row the caller holds.</summary>
    public static async Task<bool> ConsumeAsync(UnitOfWork work, PortalUser user, string token, CancellationToken cancel = default) =>
        user.EnrolmentId is { } enrolment
        && await MailedLinks.ConsumeAsync(work, Open(work, token)
            .Where(l => l.UserId == user.Id && l.SecurityStamp == user.SecurityStamp && l.EnrolmentId == enrolment), cancel) == 1;

    /// <summary>Mails a link and ends an older one. The user must be enrolled, and the caller must hold the MFA switch on.</summary>
    public static async Task MailAsync(UnitOfWork work, PortalUser user, Caller by, CancellationToken cancel = default)
    {
        var (token, until) = await MailedLinks.CreateAsync(work, user, MailedLinkKind.LostDevice, by, cancel);
        var wait = (await work.ReadSettingsAsync<SecuritySettings>(cancel)).LostDeviceWaitHours;
        work.Queue(new MailDraft.LostDeviceLink(user, token, until, by.Address) { WaitHours = wait });
    }

    /// <summary>Ends the user's open link, after a sign-in with a code.</summary>
    public static Task EndAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) =>
        MailedLinks.ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.UserId == userId && l.Kind == MailedLinkKind.LostDevice), cancel);

    /// <summary>Ends everybody's links, and what they scheduled, when the MFA switch goes off. Switching it on again revives nothing.</summary>
    public static async Task EndAllAsync(UnitOfWork work, CancellationToken cancel = default)
    {
        await MailedLinks.ConsumeAsync(work, work.Query<MailedLink>().Where(l => l.Kind == MailedLinkKind.LostDevice), cancel);
        // After the links: whoever confirmed at this moment held one of them, so what that confirmation scheduled is seen here.
        await MfaRemovals.DropAllAsync(work, cancel);
    }

    private async Task<MailedLink?> FindAsync(string token, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        return await Open(work, token).SingleOrDefaultAsync(cancel) is { } link
            && await work.Users.FindAsync(link.UserId, cancel) is { } user
            && user.StatusAt(work.Now) == AccountStatus.Active
            // Account and enrolment must be the ones for which the link was made.
            && link.SecurityStamp == user.SecurityStamp
            && link.EnrolmentId == user.EnrolmentId
            && (await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled
                ? link
                : null;
    }

    private static IQueryable<MailedLink> Open(UnitOfWork work, string token)
    {
        var hash = SecretToken.Hash(token);
        return work.Query<MailedLink>()
            .Where(l => l.TokenHash == hash && l.Kind == MailedLinkKind.LostDevice && l.ConsumedAt == null && l.ExpiresAt > work.Now);
    }
}

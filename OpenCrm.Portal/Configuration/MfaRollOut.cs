using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Configuration;

/// <summary>Why a rule about who must use MFA is not saved.</summary>
public enum MfaRollOutObstacle
{
    /// <summary>The person who saves has no MFA: whoever demands it shows first that it works, and is not shut out by the own rule.</summary>
    NotEnrolled,

    /// <summary>The person who saves has no recovery code left: a lost phone would shut out whoever could take the rule back.</summary>
    NoRecoveryCodes,

    /// <summary>The rule is for everyone, and no test mail was ever delivered: nobody would read that it begins.</summary>
    NoTestMail,
}

/// <summary>What a rule about who must use MFA is going to do, shown before it is saved.</summary>
/// <param name="Covered">How many users who can sign in it covers.</param>
/// <param name="Enrolled">How many of them have MFA.</param>
/// <param name="AdministratorsWithout">How many system administrators have none.</param>
/// <param name="NeverSignedIn">How many of those covered have never signed in.</param>
/// <param name="FirstDeadline">The first deadline of those who have no MFA; null if all have it.</param>
/// <param name="HasPassed">Whether that deadline has passed when the rule is saved.</param>
/// <param name="ToFolder">Whether mails become files, so that nobody gets one.</param>
public sealed record MfaRollOutPreview(
    MfaRule Rule, int Covered, int Enrolled, int AdministratorsWithout, int NeverSignedIn,
    DateTimeOffset? FirstDeadline, bool HasPassed, string MailSubject, string MailText, bool ToFolder);

/// <summary>Shows whom a rule about who must use MFA touches, and finds what stands against it (docs/spec.md 12.4).</summary>
public sealed class MfaRollOut(MailOptions mail, MailPreview mailPreview)
{
    /// <summary>Finds why the rule may not be saved by this administrator; null if it may. The calling service checks the right.</summary>
    public async Task<MfaRollOutObstacle?> FindObstacleAsync(
        UnitOfWork work, Caller.Person administrator, MfaRule rule, CancellationToken cancel = default)
    {
        if (!await work.Query<PortalUser>().AnyAsync(u => u.Id == administrator.UserId && u.TwoFactorEnabled, cancel))
            return MfaRollOutObstacle.NotEnrolled;
        if (await work.RecoveryCodes.CountLeftAsync(administrator.UserId, cancel) == 0) return MfaRollOutObstacle.NoRecoveryCodes;
        return rule.Who is MustUseMfa.Everyone && !await GoesToFolderAsync(work, cancel) && !await HasDeliveredTestAsync(work, cancel)
            ? MfaRollOutObstacle.NoTestMail
            : null;
    }

    /// <summary>Counts whom the rule touches, and renders the mail that they get, in the administrator's language.</summary>
    /// <param name="before">The rule as it is stored.</param>
    public async Task<MfaRollOutPreview> PreviewAsync(
        UnitOfWork work, Caller.Person administrator, MfaRule before, MfaRule after, CancellationToken cancel = default)
    {
        var everyone = after.Who is MustUseMfa.Everyone;
        var covered = work.Query<PortalUser>().Where(u => (everyone || u.IsSystemAdministrator) && u.State != AccountState.Inactive);
        var first = await FindFirstDeadlineAsync(work, covered.Where(u => !u.TwoFactorEnabled), before, after, cancel);
        var reader = MailRecipient.Of(await work.Query<PortalUser>().SingleAsync(u => u.Id == administrator.UserId, cancel));
        var sample = await mailPreview.RenderAsync(work, new MailDraft.MfaDue(reader, work.Now.AddDays(after.Days), work.Now), cancel);
        return new(
            after,
            await covered.CountAsync(cancel),
            await covered.CountAsync(u => u.TwoFactorEnabled, cancel),
            await work.Query<PortalUser>().CountAsync(
                u => u.IsSystemAdministrator && !u.TwoFactorEnabled && u.State != AccountState.Inactive, cancel),
            await covered.CountAsync(u => u.LastSignInAt == null, cancel),
            first,
            first <= await work.Duties.ReadClockAsync(cancel),
            sample.Subject,
            sample.Text,
            await GoesToFolderAsync(work, cancel));
    }

    /// <summary>The first deadline there will be: of those who get one now, and of those who have one, by the days that count from now on.</summary>
    private static async Task<DateTimeOffset?> FindFirstDeadlineAsync(
        UnitOfWork work, IQueryable<PortalUser> without, MfaRule before, MfaRule after, CancellationToken cancel)
    {
        var anew = work.Now.AddDays(after.Days);
        var deadlines = work.Query<MfaDeadline>().Where(d => without.Any(u => u.Id == d.UserId));
        List<DateTimeOffset?> all = [];
        // The switch is ticked again: everybody has the full days, but for a later date that an administrator gave.
        if (!before.IsAwake) all.Add(await without.AnyAsync(cancel) ? anew : null);
        else
        {
            if (await without.AnyAsync(u => !work.Query<MfaDeadline>().Any(d => d.UserId == u.Id), cancel)) all.Add(anew);
            var clock = await work.Duties.ReadClockAsync(cancel);
            var counted = deadlines.Where(d => !d.IsExtended && d.DueAt > clock);
            all.Add((await counted.MinAsync(d => (DateTimeOffset?)d.CoveredAt, cancel))?.AddDays(after.Days));
            all.Add(await deadlines.Where(d => d.IsExtended || d.DueAt <= clock).MinAsync(d => (DateTimeOffset?)d.DueAt, cancel));
        }
        return all.Min();
    }

    private async Task<bool> GoesToFolderAsync(UnitOfWork work, CancellationToken cancel) => (await mail.NowAsync(work, cancel)).Smtp is null;

    /// <summary>
    /// Whether a mail server ever took a test mail: one that was tried from Additional Settings, or one of the outbox, since the mail server that
    /// counts was saved.
    /// </summary>
    private static async Task<bool> HasDeliveredTestAsync(UnitOfWork work, CancellationToken cancel)
    {
        const string accepted = "\"Accepted\":true";
        if (await work.Query<AuditEntry>().AnyAsync(e => e.Kind == nameof(AuditEvent.MailServerTested) && e.Details.Contains(accepted), cancel))
            return true;
        var since = (await work.ReadSettingsAsync<MailSettings>(cancel)).SavedAt ?? DateTimeOffset.MinValue;
        return await work.Query<OutboxEntry>().AnyAsync(
            e => e.State == OutboxState.Sent && e.TemplateKey == TemplateCatalogue.Test.Key && e.SentAt > since, cancel);
    }
}

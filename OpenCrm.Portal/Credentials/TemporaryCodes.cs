using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Gives, uses and ends temporary codes (docs/spec.md 11.5). Using one is one statement, so that it works once on however many nodes, and never after
/// its giver lost the right to give it.
/// </summary>
public static class TemporaryCodes
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10), Usual = TimeSpan.FromHours(1), Longest = TimeSpan.FromHours(24);

    /// <summary>Codes that one system administrator may give in <see cref="Window"/>: enough for a bad morning, too few for a rogue one.</summary>
    public const int MostOfGiver = 10;

    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>
    /// Gives the user a code, in place of a pending one, and mails the user and every system administrator. The calling service checks the caller's
    /// right and proof, and holds the user's row.
    /// </summary>
    /// <returns>The code, which is stored nowhere and shown once, and until when it works.</returns>
    public static async Task<(string Code, DateTimeOffset Until)> GiveAsync(
        UnitOfWork work, PortalUser user, TimeSpan lifetime, Caller.Person giver, CancellationToken cancel = default)
    {
        await DropAsync(work, user.Id, cancel);
        var (code, until) = (TemporaryCodeText.Generate(), work.Now + lifetime);
        work.Add(new TemporaryCode
        {
            UserId = user.Id,
            Hash = SecretToken.Hash(code),
            GivenById = giver.UserId,
            GivenAt = work.Now,
            ExpiresAt = until,
        });
        work.Record(new AuditEvent.TemporaryCodeGiven(user.Id, until), giver);
        await work.QueueToPersonAndAdministratorsAsync(
            user, (to, isPerson) => new MailDraft.TemporaryCodeGiven(to, isPerson, user, until, giver, work.Now), cancel);
        return (code, until);
    }

    /// <summary>
    /// Uses up the user's code: true once, while it is valid and its giver is a system administrator who may sign in. What a demotion, a deactivation
    /// or a lock of the giver ended stays ended; this condition holds while such a change is being written, and during a lock after failed attempts.
    /// </summary>
    /// <param name="code">As <see cref="TemporaryCodeText.Read"/> returns it.</param>
    internal static async Task<bool> UseAsync(UnitOfWork work, Guid userId, string code, CancellationToken cancel)
    {
        var hash = SecretToken.Hash(code);
        return await Of(work, userId)
            .Where(c => c.Hash == hash && c.ExpiresAt > work.Now
                && work.Query<PortalUser>().Any(g => g.Id == c.GivenById && g.IsSystemAdministrator && g.State == AccountState.Active
                    && (g.LockoutEnd == null || g.LockoutEnd <= work.Now)))
            .ExecuteDeleteAsync(cancel) == 1;
    }

    /// <summary>Until when the user's pending code works; null if none is pending.</summary>
    public static async Task<DateTimeOffset?> FindUntilAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) =>
        await Of(work, userId).Where(c => c.ExpiresAt > work.Now).Select(c => (DateTimeOffset?)c.ExpiresAt).SingleOrDefaultAsync(cancel);

    /// <summary>Ends the user's pending code.</summary>
    public static async Task EndAsync(UnitOfWork work, Guid userId, TemporaryCodeEnd why, Caller by, CancellationToken cancel = default)
    {
        var ended = await Of(work, userId).Where(c => c.ExpiresAt > work.Now).ExecuteDeleteAsync(cancel);
        if (ended == 1) work.Record(new AuditEvent.TemporaryCodeEnded(userId, why.ToString()), by);
    }

    /// <summary>Ends every pending code that this person gave, because they may give none any more.</summary>
    public static async Task EndGivenByAsync(UnitOfWork work, Guid giverId, Caller by, CancellationToken cancel = default)
    {
        var given = await work.Query<TemporaryCode>().Where(c => c.GivenById == giverId && c.ExpiresAt > work.Now)
            .Select(c => c.UserId).ToListAsync(cancel);
        foreach (var userId in given)
        {
            var ended = await Of(work, userId).Where(c => c.GivenById == giverId).ExecuteDeleteAsync(cancel);
            if (ended == 1) work.Record(new AuditEvent.TemporaryCodeEnded(userId, nameof(TemporaryCodeEnd.Giver)), by);
        }
    }

    /// <summary>Drops the pending code for something that has an event of its own: a newer code, or the end of MFA.</summary>
    /// <summary>Drops everybody's when the MFA switch goes off, which mails nobody (docs/spec.md 3.4). Switching it on revives none.</summary>
    public static Task DropAllAsync(UnitOfWork work, CancellationToken cancel = default) => work.Query<TemporaryCode>().ExecuteDeleteAsync(cancel);

    internal static Task DropAsync(UnitOfWork work, Guid userId, CancellationToken cancel = default) => Of(work, userId).ExecuteDeleteAsync(cancel);

    private static IQueryable<TemporaryCode> Of(UnitOfWork work, Guid userId) => work.Query<TemporaryCode>().Where(c => c.UserId == userId);
}

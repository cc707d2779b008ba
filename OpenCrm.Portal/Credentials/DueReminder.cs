using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>A deadline whose next mail is due, and what the mail needs of its person.</summary>
internal sealed class DueReminder
{
    public required MfaDeadline Deadline { get; init; }
    public required string? Email { get; init; }
    public required string Name { get; init; }
    public required string? Language { get; init; }
    public required string? BrowserLanguage { get; init; }
    public required AccountState State { get; init; }
    public required bool IsSystemAdministrator { get; init; }
    public required bool IsEnrolled { get; init; }

    /// <summary>
    /// Whether the person gets the mail: not who has MFA, and not who cannot sign in for good. Once the deadline has passed the page says it, so
    /// that only the mail of the beginning still goes out.
    /// </summary>
    public bool IsTold(SecuritySettings settings, DateTimeOffset clock)
    {
        var duty = MfaDuty.Of(new()
        {
            IsAwake = settings.MfaEnabled,
            Who = settings.WhoMustUseMfa,
            IsSystemAdministrator = IsSystemAdministrator,
            IsEnrolled = IsEnrolled,
            DueAt = Deadline.DueAt,
            Clock = clock,
        });
        return State is not AccountState.Inactive && Email is not null
            && (duty.State is MfaDutyState.Due || (duty.IsOverdue && !Deadline.IsTold));
    }

    /// <summary>The next rows that are due, held until the transaction ends; what another node holds is left to it.</summary>
    public static async Task<List<DueReminder>> FindAsync(UnitOfWork work, int most, CancellationToken cancel)
    {
        var held = await work.HoldFreeRowsAsync<Guid>(
            $"""
            SELECT "UserId" AS "Value" FROM "MfaDeadlines" WHERE "NextMailAt" <= {work.Now} ORDER BY "NextMailAt" LIMIT {most} FOR UPDATE SKIP LOCKED
            """, cancel);
        var due = held is null
            ? work.Query<MfaDeadline>().Where(d => d.NextMailAt <= work.Now).OrderBy(d => d.NextMailAt).Take(most)
            : work.Query<MfaDeadline>().Where(d => EF.Parameter(held).Contains(d.UserId));
        return await due.Join(work.Query<PortalUser>(), d => d.UserId, u => u.Id, (d, u) => new DueReminder
        {
            Deadline = d,
            Email = u.Email,
            Name = u.Name,
            Language = u.Language,
            BrowserLanguage = u.BrowserLanguage,
            State = u.State,
            IsSystemAdministrator = u.IsSystemAdministrator,
            IsEnrolled = u.TwoFactorEnabled,
        }).ToListAsync(cancel);
    }
}

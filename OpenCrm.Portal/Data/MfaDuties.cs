using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Stores the deadlines of the rule about who must use MFA, and finds who is due and overdue (docs/spec.md 12.1). A deadline is written by the
/// database's own clock, so that a node whose clock is wrong gives nobody a wrong one. What a deadline means is decided by
/// <see cref="MfaDutyFacts"/> alone.
/// </summary>
public sealed class MfaDuties(PortalDbContext context, DateTimeOffset now)
{
    /// <summary>A statement for everybody may take as long as it takes for a million people; the limit of eight seconds is meant for pages.</summary>
    private static readonly TimeSpan ForEverybody = TimeSpan.FromMinutes(5);

    /// <summary>Stores what follows from a changed rule, in the transaction that changes it, which must hold the row of the MFA switch.</summary>
    public async Task FollowAsync(MfaRule before, MfaRule after, CancellationToken cancel = default)
    {
        var limit = context.Database.GetCommandTimeout();
        context.Database.SetCommandTimeout(ForEverybody);
        try
        {
            if (after.Days != before.Days) await ReviseAsync(after.Days, cancel);
            if (!after.CoversAnybody) return;
            if (!before.IsAwake) await RenewAsync(after, cancel);
            await CoverAsync(after, cancel);
        }
        finally
        {
            context.Database.SetCommandTimeout(limit);
        }
    }

    /// <summary>Gives everybody whom the rule covers a deadline, but for those who ever had one.</summary>
    /// <returns>How many got one.</returns>
    public async Task<int> CoverAsync(MfaRule rule, CancellationToken cancel = default)
    {
        if (!rule.CoversAnybody) return 0;
        var (since, due) = await TermAsync(rule, cancel);
        return await CoverAsync(rule, since, due, "", [], cancel);
    }

    /// <summary>Whether the rule covers anybody who has no deadline yet.</summary>
    public Task<bool> MissesAnybodyAsync(MfaRule rule, CancellationToken cancel = default)
    {
        var everyone = rule.Who is MustUseMfa.Everyone;
        return context.Set<PortalUser>().Where(u => everyone || u.IsSystemAdministrator)
            .AnyAsync(u => !context.Set<MfaDeadline>().Any(d => d.UserId == u.Id), cancel);
    }

    /// <summary>
    /// Gives these people a deadline if the rule covers them from now on: new users, and new system administrators. Whoever ever had one keeps that.
    /// </summary>
    internal async Task CoverAsync(IReadOnlyCollection<Guid> users, CancellationToken cancel = default)
    {
        var rule = MfaRule.Of(await context.Set<SecuritySettings>().AsNoTracking().SingleAsync(cancel));
        if (!rule.CoversAnybody) return;
        var (since, due) = await TermAsync(rule, cancel);
        foreach (var user in users) await CoverAsync(rule, since, due, """AND u."Id" = {4}""", [user], cancel);
    }

    private Task<int> CoverAsync(
        MfaRule rule, DateTimeOffset since, DateTimeOffset due, string who, IEnumerable<object> values, CancellationToken cancel) =>
        // Whoever has MFA already is told nothing now, but reminded like everybody else if they ever disable it.
        ExecuteAsync(
            $"""
            INSERT INTO "MfaDeadlines" ("UserId", "CoveredAt", "DueAt", "IsExtended", "IsOpen", "IsTold", "NextMailAt")
            SELECT u."Id", {P(0)}, {P(1)}, FALSE, NOT u."TwoFactorEnabled", u."TwoFactorEnabled",
                CASE WHEN u."TwoFactorEnabled" THEN {P(2)} ELSE {P(0)} END
            FROM "Users" AS u
            WHERE ({P(3)} OR u."IsSystemAdministrator") {who}
                AND NOT EXISTS (SELECT 1 FROM "MfaDeadlines" AS d WHERE d."UserId" = u."Id")
            ON CONFLICT ("UserId") DO NOTHING
            """,
            [since, due, MfaDeadline.NextReminder(due, since) ?? since, rule.Who is MustUseMfa.Everyone, .. values], cancel);

    /// <summary>
    /// Moves one person's deadline to a later date, for a system administrator. One statement: of two administrators the later date stands, and a
    /// date before the present deadline changes nothing.
    /// </summary>
    /// <returns>Whether it was moved.</returns>
    public async Task<bool> ExtendAsync(Guid userId, DateTimeOffset until, CancellationToken cancel = default)
    {
        var next = MfaDeadline.NextReminder(until, now);
        return await context.Set<MfaDeadline>().Where(d => d.UserId == userId && d.DueAt < until)
            .ExecuteUpdateAsync(set => set
                .SetProperty(d => d.DueAt, until)
                .SetProperty(d => d.IsExtended, true)
                .SetProperty(d => d.NextMailAt, next), cancel) == 1;
    }

    /// <summary>Finds what the rule asks of one person.</summary>
    public async Task<MfaDuty> FindAsync(PortalUser user, SecuritySettings settings, CancellationToken cancel = default) => MfaDuty.Of(new()
    {
        IsAwake = settings.MfaEnabled,
        Who = settings.WhoMustUseMfa,
        IsSystemAdministrator = user.IsSystemAdministrator,
        IsEnrolled = user.TwoFactorEnabled,
        DueAt = await context.Set<MfaDeadline>().Where(d => d.UserId == user.Id).Select(d => (DateTimeOffset?)d.DueAt).SingleOrDefaultAsync(cancel),
        Clock = await ReadClockAsync(cancel),
    });

    /// <summary>Returns the time that deadlines are compared with; see <see cref="MfaClock"/>.</summary>
    public async Task<DateTimeOffset> ReadClockAsync(CancellationToken cancel = default) =>
        MfaClock.At(now, await context.Set<MfaClock>().Select(c => c.PassedUntil).SingleAsync(cancel));

    /// <summary>Keeps the newest deadline that has passed, so that no clock that is set back opens it again.</summary>
    public async Task NotePassedAsync(CancellationToken cancel = default)
    {
        var passed = await context.Set<MfaDeadline>().Where(d => d.IsOpen && d.DueAt <= now)
            .OrderByDescending(d => d.DueAt).Select(d => (DateTimeOffset?)d.DueAt).FirstOrDefaultAsync(cancel);
        if (passed is null) return;
        await context.Set<MfaClock>().Where(c => c.PassedUntil == null || c.PassedUntil < passed)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.PassedUntil, passed), cancel);
    }

    /// <summary>
    /// Fewer or more days: every deadline that has not passed counts them from its own beginning. One that has passed stays, and so does one that an
    /// administrator extended.
    /// </summary>
    private async Task ReviseAsync(int days, CancellationToken cancel)
    {
        var clock = await ReadClockAsync(cancel);
        var postgres = context.Database.IsNpgsql();
        var due = postgres ? $"\"CoveredAt\" + {P(0)} * interval '1 day'" : $"\"CoveredAt\" + {P(0)} * {TimeSpan.TicksPerDay}";
        await ExecuteAsync($"""UPDATE "MfaDeadlines" SET "DueAt" = {due} WHERE NOT "IsExtended" AND "DueAt" > {P(1)}""", [days, clock], cancel);
        // The next reminder that is still ahead. Whoever has less than a day left reads it at once.
        const string told = """NOT "IsExtended" AND "IsTold" AND "DueAt" > {0}""";
        await ExecuteAsync($"""UPDATE "MfaDeadlines" SET "NextMailAt" = {P(0)} WHERE {told}""", [clock], cancel);
        foreach (var before in new[] { 1, 3, 7 })
        {
            var at = postgres ? $"\"DueAt\" - {P(1)} * interval '1 day'" : $"\"DueAt\" - {P(1)} * {TimeSpan.TicksPerDay}";
            await ExecuteAsync($"""UPDATE "MfaDeadlines" SET "NextMailAt" = {at} WHERE {told} AND {at} > {P(0)}""", [clock, before], cancel);
        }
    }

    /// <summary>
    /// The MFA switch was ticked again: everybody who is covered and has no MFA has the full days anew. Nothing else renews a deadline. A later date
    /// that an administrator gave stays.
    /// </summary>
    private async Task RenewAsync(MfaRule rule, CancellationToken cancel)
    {
        var (since, due) = await TermAsync(rule, cancel);
        await ExecuteAsync(
            $"""
            UPDATE "MfaDeadlines" SET "CoveredAt" = {P(0)}, "DueAt" = {P(1)}, "IsExtended" = FALSE, "IsTold" = FALSE, "NextMailAt" = {P(0)}
            WHERE "IsOpen" AND NOT ("IsExtended" AND "DueAt" > {P(1)})
                AND ({P(2)} OR EXISTS (SELECT 1 FROM "Users" AS u WHERE u."Id" = "MfaDeadlines"."UserId" AND u."IsSystemAdministrator"))
            """, [since, due, rule.Who is MustUseMfa.Everyone], cancel);
    }

    /// <summary>From when to when somebody has time who is covered from now on, by the database's clock; a file has none but the machine's.</summary>
    private async Task<(DateTimeOffset Since, DateTimeOffset Due)> TermAsync(MfaRule rule, CancellationToken cancel)
    {
        var since = context.Database.IsNpgsql()
            ? await context.Database.SqlQuery<DateTimeOffset>($"""SELECT now() AS "Value" """).SingleAsync(cancel)
            : now;
        return (since, since.AddDays(rule.Days));
    }

    private static string P(int number) => $"{{{number}}}";

    private Task<int> ExecuteAsync(string statement, IEnumerable<object> values, CancellationToken cancel)
    {
        var stored = values.Select(value => value is DateTimeOffset time && context.Database.IsSqlite() ? time.UtcTicks : value);
#pragma warning disable EF1002 // The statement is made of constants; values are parameters.
        return context.Database.ExecuteSqlRawAsync(statement, stored, cancel);
#pragma warning restore EF1002
    }
}

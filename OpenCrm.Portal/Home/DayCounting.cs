using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Home;

/// <summary>
/// Counts for Home, once a minute on one node of all: the sign-ins and refusals of each day, and who has MFA. What it writes is a whole count, never
/// a difference, so that a round that is lost or done twice leaves no wrong figure.
/// </summary>
internal sealed class DayCounting(UnitsOfWork units, WorkerRounds rounds, TimeProvider time) : BackgroundService
{
    /// <summary>The days of the chart of sign-ins; older ones are not counted after the fact.</summary>
    internal const int Days = 14;

    private const string Worker = "day counting";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>A little less than the interval, because the timers of two rounds are never exactly a minute apart.</summary>
    private static readonly TimeSpan Taken = TimeSpan.FromSeconds(45);

    /// <summary>
    /// An event carries the time at which its action began and is seen at its commit. No transaction lasts as long as this, so that what is counted
    /// later than this after a moment is complete up to that moment.
    /// </summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    /// <summary>One kind, so that the audit trail filtered by it shows as many events as the chart says.</summary>
    internal static readonly string[] SignInKinds = [nameof(AuditEvent.SignedIn)];

    internal static readonly string[] RefusalKinds =
    [
        nameof(AuditEvent.WrongPassword), nameof(AuditEvent.WrongCode), nameof(AuditEvent.ReusedCode),
        nameof(AuditEvent.WrongRecoveryCode), nameof(AuditEvent.UnknownName),
        nameof(AuditEvent.LockedAccountTried), nameof(AuditEvent.LockedUnknownNameTried), nameof(AuditEvent.AddressLimitReached),
        nameof(AuditEvent.AuthenticatorUnreadable), nameof(AuditEvent.WrongTemporaryCode),
    ];

    /// <summary>The events after which other people have MFA than before. Without one of them a million users are not counted again.</summary>
    private static readonly string[] UserKinds =
    [
        nameof(AuditEvent.MfaSetUp), nameof(AuditEvent.MfaDisabled), nameof(AuditEvent.MfaSwitchChanged), nameof(AuditEvent.UserCreated),
        nameof(AuditEvent.UsersMade), nameof(AuditEvent.PortalSetUp),
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: 5 * Interval);
        // Begins after a minute: a start has enough to do, and nobody misses the figures before somebody is there to look.
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CountAsync(stoppingToken);
                rounds.CameRound(Worker);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away; Home shows the last figures, and the next round counts everything that is missing.
                rounds.Failed(Worker, failed);
            }
        }
    }

    /// <summary>Counts the days that are not complete, unless another node just did.</summary>
    internal async Task CountAsync(CancellationToken cancel = default)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (!await TakeAsync(today, cancel)) return;
        foreach (var day in await FindIncompleteAsync(today, cancel)) await CountEventsAsync(day, cancel);
        await CountUsersAsync(today, cancel);
    }

    /// <summary>Takes the round for this node: the row count of one statement is the answer, as two nodes may ask at the same moment.</summary>
    private async Task<bool> TakeAsync(DateOnly today, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        var before = work.Now - Taken;
        var taken = await work.ExecuteAsync(
            $"""
            INSERT INTO "DayFigures" ("Day", "TakenAt", "SignIns", "Refusals", "WithMfa", "WithoutMfa") VALUES ({today}, {work.Now}, 0, 0, 0, 0)
            ON CONFLICT ("Day") DO UPDATE SET "TakenAt" = excluded."TakenAt" WHERE "DayFigures"."TakenAt" <= {before}
            """, cancel) == 1;
        await work.CommitAsync(cancel);
        return taken;
    }

    /// <summary>The days of the chart that have no row, or whose row was counted before their last event could be seen.</summary>
    private async Task<List<DateOnly>> FindIncompleteAsync(DateOnly today, CancellationToken cancel)
    {
        var first = today.AddDays(1 - Days);
        await using var work = await units.ReadAsync(cancel);
        var counted = await work.Query<DayFigures>().Where(d => d.Day >= first && d.CountedAt != null)
            .ToDictionaryAsync(d => d.Day, d => d.CountedAt!.Value, cancel);
        return [.. Enumerable.Range(0, Days).Select(first.AddDays).Where(day => !counted.TryGetValue(day, out var at) || at < EndOf(day) + Late)];
    }

    private async Task CountEventsAsync(DateOnly day, CancellationToken cancel)
    {
        DateTimeOffset now;
        int signIns, refusals;
        // Read without a transaction: on SQLite it would keep people from signing in for as long as the count takes.
        await using (var work = await units.ReadAsync(cancel))
        {
            now = work.Now;
            signIns = await CountAsync(work, SignInKinds, day, cancel);
            refusals = await CountAsync(work, RefusalKinds, day, cancel);
        }
        await using var writing = await units.BeginAsync(cancel);
        await writing.ExecuteAsync(
            $"""
            INSERT INTO "DayFigures" ("Day", "TakenAt", "CountedAt", "SignIns", "Refusals", "WithMfa", "WithoutMfa")
            VALUES ({day}, {now}, {now}, {signIns}, {refusals}, 0, 0)
            ON CONFLICT ("Day") DO UPDATE SET
                "CountedAt" = excluded."CountedAt", "SignIns" = excluded."SignIns", "Refusals" = excluded."Refusals"
            """, cancel);
        await writing.CommitAsync(cancel);
    }

    /// <summary>Counts each kind by itself: a range of the index of kind and time, however long the trail is.</summary>
    private static async Task<int> CountAsync(UnitOfWork work, string[] kinds, DateOnly day, CancellationToken cancel)
    {
        var (from, until) = (StartOf(day), EndOf(day));
        var count = 0;
        foreach (var kind in kinds)
            count += await work.Query<AuditEntry>().CountAsync(e => e.Kind == kind && e.At >= from && e.At < until, cancel);
        return count;
    }

    private async Task CountUsersAsync(DateOnly today, CancellationToken cancel)
    {
        DateTimeOffset now;
        int with, without;
        await using (var work = await units.ReadAsync(cancel))
        {
            now = work.Now;
            var last = await work.Query<DayFigures>().Where(d => d.Day == today).Select(d => d.UsersCountedAt).SingleAsync(cancel);
            if (last is { } at && !await ChangedSinceAsync(work, at - Late, cancel)) return;
            with = await work.Query<PortalUser>().CountAsync(u => u.TwoFactorEnabled, cancel);
            without = await work.Query<PortalUser>().CountAsync(u => !u.TwoFactorEnabled, cancel);
        }
        await using var writing = await units.BeginAsync(cancel);
        await writing.Query<DayFigures>().Where(d => d.Day == today)
            .ExecuteUpdateAsync(set => set
                .SetProperty(d => d.UsersCountedAt, now)
                .SetProperty(d => d.WithMfa, with)
                .SetProperty(d => d.WithoutMfa, without), cancel);
        await writing.CommitAsync(cancel);
    }

    private static async Task<bool> ChangedSinceAsync(UnitOfWork work, DateTimeOffset since, CancellationToken cancel)
    {
        foreach (var kind in UserKinds)
            if (await work.Query<AuditEntry>().AnyAsync(e => e.Kind == kind && e.At >= since, cancel)) return true;
        return false;
    }

    private static DateTimeOffset StartOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static DateTimeOffset EndOf(DateOnly day) => StartOf(day.AddDays(1));
}

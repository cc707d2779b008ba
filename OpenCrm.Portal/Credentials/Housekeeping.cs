using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Deletes what has expired, so that nobody can fill the database by sending requests: pending sign-ins and enrolments, tickets, decoys, counts,
/// mailed links, old sessions. Each chore runs on its own: one that fails does not stop the others.
/// </summary>
internal sealed class Housekeeping(
    UnitsOfWork units, EarlierHashes hashes, KeyFingerprints fingerprints, WorkerRounds rounds, TimeProvider time, ILogger<Housekeeping> log)
    : BackgroundService
{
    /// <summary>More decoys than this are deleted, oldest first (docs/spec.md 1.6).</summary>
    private const int MostDecoys = 100_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>After the redemption the circuit reads the ticket once more.</summary>
    private static readonly TimeSpan TicketsKept = TimeSpan.FromMinutes(5);

    /// <summary>As long as the longest window of any limit.</summary>
    private static readonly TimeSpan CountsKept = TimeSpan.FromHours(1);

    /// <summary>Nobody waits a day for a mail. Requests that were put aside stay as long, so that an operator can investigate.</summary>
    private static readonly TimeSpan UnansweredKept = TimeSpan.FromDays(1);

    /// <summary>How long a decoy is kept after its last attempt.</summary>
    private static readonly TimeSpan DecoysKept = TimeSpan.FromDays(30);

    /// <summary>Long enough for a person to check "was that me?".</summary>
    private static readonly TimeSpan EndedSessionsKept = TimeSpan.FromDays(30);

    /// <summary>
    /// Rows deleted in one transaction. After a flood, deleting all rows at once would hit the command timeout, be rolled back, and never succeed.
    /// SQLite has only one writer besides.
    /// </summary>
    internal const int Batch = 500;

    /// <summary>Batches of one chore in one round: more than can be added in a minute, yet the other chores still get their turn.</summary>
    private const int MostBatches = 200;

    /// <summary>Pause between batches, which lets others use SQLite's one writer.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private const string Worker = "housekeeping";
    private const string EarlierKinds = "kinds of hashes";

    /// <summary>Each chore deletes one batch and returns how many rows it had.</summary>
    private readonly IReadOnlyList<(string What, Func<UnitOfWork, CancellationToken, Task<int>> DeleteBatchAsync)> _chores =
    [
        ("pending sign-ins", (work, cancel) => DeleteAsync<PendingSignIn>(work, TimeSpan.Zero, at => p => p.ExpiresAt <= at, cancel)),
        ("keys of pending enrolments", (work, cancel) => DeletePendingKeysAsync(work, cancel)),
        // The row stays without its key for as long as its session may live: somebody who returns to the wizard then reads that the key expired,
        // instead of silently getting another one.
        ("pending enrolments",
            (work, cancel) => DeleteAsync<PendingEnrolment>(work, SessionTimes.AbsoluteLifetime, at => p => p.ExpiresAt <= at, cancel)),
        ("tickets", (work, cancel) => DeleteAsync<SignInTicket>(work, TicketsKept, at => t => t.ExpiresAt <= at, cancel)),
        ("address counts", (work, cancel) => DeleteAsync<AddressCount>(work, CountsKept, at => c => c.WindowStart <= at, cancel)),
        ("answered requests", (work, cancel) => DeleteAsync<MailedLinkRequest>(work, CountsKept, at => r => r.AnsweredAt <= at, cancel)),
        ("unanswered requests",
            (work, cancel) => DeleteAsync<MailedLinkRequest>(work, UnansweredKept, at => r => r.AnsweredAt == null && r.At <= at, cancel)),
        ("mailed links", (work, cancel) => DeleteAsync<MailedLink>(work, TimeSpan.Zero, at => l => l.ExpiresAt <= at, cancel)),
        ("temporary codes", (work, cancel) => DeleteAsync<TemporaryCode>(work, TimeSpan.Zero, at => c => c.ExpiresAt <= at, cancel)),
        ("holds", (work, cancel) => DeleteAsync<RecoveryHold>(work, TimeSpan.Zero, at => h => h.Until <= at, cancel)),
        ("sessions", (work, cancel) => OpenSessions.DeleteOverAsync(work, work.Now - EndedSessionsKept, Batch, cancel)),
        ("mail", (work, cancel) => work.DeleteOldMailAsync(Batch, cancel)),
        ("decoys", (work, cancel) => DeleteAsync<DecoyAccount>(work, DecoysKept, at => d => d.LastAttemptAt <= at, cancel)),
        ("most decoys", DeleteMostDecoysAsync),
        // Deletes nothing, but in the same way: batch by batch until nothing is left.
        ("fingerprints of authenticators", (work, cancel) => fingerprints.FillAsync(work, Batch, cancel)),
    ];

    /// <summary>The chores that failed in the last round: a failure is logged once, not every minute.</summary>
    private readonly HashSet<string> _failing = [];

    /// <summary>Before the portal serves: which hashes are left decides what the first check of a password costs.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshHashesAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: 5 * Interval);
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await CleanAsync(stoppingToken);
    }

    /// <summary>
    /// Runs every chore. Expired rows are refused whether they are deleted or not, so a chore that failed can wait for the next round.
    /// </summary>
    internal async Task CleanAsync(CancellationToken cancel = default)
    {
        Exception? broken = null;
        foreach (var (what, deleteBatchAsync) in _chores)
        {
            try
            {
                await DeleteAsync(deleteBatchAsync, cancel);
                _failing.Remove(what);
            }
            catch (Exception failed) when (!cancel.IsCancellationRequested)
            {
                broken = failed;
                // The database is away, so the other chores would only wait for it too. A lock conflict concerns this chore alone.
                if (Outage.IsOne(failed, timeouts: false) && !Outage.IsConflict(failed)) break;
                if (_failing.Add(what)) log.Failed(what, failed);
            }
        }
        broken ??= await RefreshHashesAsync(cancel);
        if (broken is null) rounds.CameRound(Worker);
        else rounds.Failed(Worker, broken);
    }

    /// <summary>Until the database answers, passwords are checked at the cost of every kind that may be left.</summary>
    /// <returns>Why it did not answer.</returns>
    private async Task<Exception?> RefreshHashesAsync(CancellationToken cancel)
    {
        try
        {
            await hashes.RefreshAsync(cancel);
            _failing.Remove(EarlierKinds);
            return null;
        }
        catch (Exception failed) when (!cancel.IsCancellationRequested)
        {
            if (!Outage.IsOne(failed, timeouts: false) && _failing.Add(EarlierKinds)) log.NotRead(failed);
            return failed;
        }
    }

    private async Task DeleteAsync(Func<UnitOfWork, CancellationToken, Task<int>> deleteBatchAsync, CancellationToken cancel)
    {
        for (var batches = 1; ; batches++)
        {
            int deleted;
            await using (var work = await units.BeginAsync(cancel))
            {
                deleted = await deleteBatchAsync(work, cancel);
                await work.CommitAsync(cancel);
            }
            if (deleted < Batch || batches == MostBatches) return;
            await Task.Delay(Pause, cancel);
        }
    }

    /// <param name="isOver">Builds the condition of an expired row from the latest time that has expired, which is now minus
    /// <paramref name="kept"/>.</param>
    private static Task<int> DeleteAsync<T>(
        UnitOfWork work, TimeSpan kept, Func<DateTimeOffset, Expression<Func<T, bool>>> isOver, CancellationToken cancel)
        where T : class =>
        work.Query<T>().Where(isOver(work.Now - kept)).Take(Batch).ExecuteDeleteAsync(cancel);

    private static Task<int> DeletePendingKeysAsync(UnitOfWork work, CancellationToken cancel) =>
        work.Query<PendingEnrolment>().Where(p => p.ExpiresAt <= work.Now && p.ProtectedKey != null).Take(Batch)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.ProtectedKey, (byte[]?)null), cancel);

    private static Task<int> DeleteMostDecoysAsync(UnitOfWork work, CancellationToken cancel) =>
        work.Query<DecoyAccount>().OrderByDescending(d => d.LastAttemptAt).Skip(MostDecoys).Take(Batch).ExecuteDeleteAsync(cancel);
}

internal static partial class HousekeepingLog
{
    [LoggerMessage(Level = LogLevel.Error,
        Message = "Housekeeping of {What} failed; the next try is in a minute. "
            + "See that the database role may change and delete rows and the disk has room.")]
    internal static partial void Failed(this ILogger log, string what, Exception failed);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "It could not be read which password hashes are left in the database; every check of a password takes longer until that works. "
            + "The next try is in a minute. See that the database role may read the table AspNetUsers.")]
    internal static partial void NotRead(this ILogger log, Exception failed);
}

using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Deletes what has had its time, so that nobody can fill the database by knocking: pending sign-ins and enrolments, tickets, decoys, counts, mailed links, old sessions. Each is deleted by
/// itself: one that fails keeps no other from its end.
/// </summary>
internal sealed class Housekeeping(UnitsOfWork units, PasswordHashing hashing, WorkerRounds rounds, TimeProvider time, ILogger<Housekeeping> log) : BackgroundService
{
    /// <summary>Spec 1.6.</summary>
    private const int MostDecoys = 100_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>A redeemed ticket is asked for once more by its circuit.</summary>
    private static readonly TimeSpan TicketsKept = TimeSpan.FromMinutes(5);

    /// <summary>As long as the longest window that is counted by.</summary>
    private static readonly TimeSpan CountsKept = TimeSpan.FromHours(1);

    /// <summary>Nobody waits for a mail a day long. Those put aside stay as long for whoever asks why.</summary>
    private static readonly TimeSpan UnansweredKept = TimeSpan.FromDays(1);

    /// <summary>Spec 1.6.</summary>
    private static readonly TimeSpan DecoysKept = TimeSpan.FromDays(30);

    /// <summary>Long enough to answer "was that me?".</summary>
    private static readonly TimeSpan EndedSessionsKept = TimeSpan.FromDays(30);

    /// <summary>Rows of one transaction: after a flood all of them at once would run into the end of a command's time, be taken back, and never go; and SQLite has one writer.</summary>
    internal const int Batch = 500;

    /// <summary>Batches of one chore in one round: more than knocking adds in a minute, and the other chores get their turn.</summary>
    private const int MostBatches = 200;

    /// <summary>In it whoever waits for SQLite's one writer gets a turn.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private const string Worker = "housekeeping";

    /// <summary>Each deletes a batch and says how many rows it was.</summary>
    private static readonly IReadOnlyList<(string What, Func<UnitOfWork, CancellationToken, Task<int>> DeleteBatchAsync)> Chores =
    [
        ("pending sign-ins", (work, cancel) => DeleteAsync<PendingSignIn>(work, TimeSpan.Zero, at => p => p.ExpiresAt <= at, cancel)),
        ("keys of pending enrolments", (work, cancel) => DeletePendingKeysAsync(work, cancel)),
        // Without its key as long as its session may live: whoever comes back to the wizard reads that the key expired, instead of finding another one without a word.
        ("pending enrolments", (work, cancel) => DeleteAsync<PendingEnrolment>(work, SessionTimes.AbsoluteLifetime, at => p => p.ExpiresAt <= at, cancel)),
        ("tickets", (work, cancel) => DeleteAsync<SignInTicket>(work, TicketsKept, at => t => t.ExpiresAt <= at, cancel)),
        ("address counts", (work, cancel) => DeleteAsync<AddressCount>(work, CountsKept, at => c => c.WindowStart <= at, cancel)),
        ("answered requests", (work, cancel) => DeleteAsync<MailedLinkRequest>(work, CountsKept, at => r => r.AnsweredAt <= at, cancel)),
        ("unanswered requests", (work, cancel) => DeleteAsync<MailedLinkRequest>(work, UnansweredKept, at => r => r.AnsweredAt == null && r.At <= at, cancel)),
        ("mailed links", (work, cancel) => DeleteAsync<MailedLink>(work, TimeSpan.Zero, at => l => l.ExpiresAt <= at, cancel)),
        ("sessions", (work, cancel) => OpenSessions.DeleteOverAsync(work, work.Now - EndedSessionsKept, Batch, cancel)),
        ("mail", (work, cancel) => work.DeleteOldMailAsync(Batch, cancel)),
        ("decoys", (work, cancel) => DeleteAsync<DecoyAccount>(work, DecoysKept, at => d => d.LastAttemptAt <= at, cancel)),
        ("most decoys", DeleteMostDecoysAsync),
    ];

    /// <summary>What failed at the last round: told once, not each minute.</summary>
    private readonly HashSet<string> _failing = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: 5 * Interval);
        await hashing.WarmAsync();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await CleanAsync(stoppingToken);
    }

    /// <summary>Does every chore. What is expired is refused whether it is deleted or not, so a chore that failed waits for the next round.</summary>
    internal async Task CleanAsync(CancellationToken cancel = default)
    {
        Exception? broken = null;
        foreach (var (what, deleteBatchAsync) in Chores)
        {
            try
            {
                await DeleteAsync(deleteBatchAsync, cancel);
                _failing.Remove(what);
            }
            catch (Exception failed) when (!cancel.IsCancellationRequested)
            {
                broken = failed;
                // The others would only wait for the same database. One that met somebody else's lock failed alone.
                if (Outage.IsOne(failed, timeouts: false) && !Outage.IsConflict(failed)) break;
                if (_failing.Add(what)) log.Failed(what, failed);
            }
        }
        if (broken is null) rounds.CameRound(Worker);
        else rounds.Failed(Worker, broken);
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

    /// <param name="isOver">What the row's time has to be up to, kept so long.</param>
    private static Task<int> DeleteAsync<T>(UnitOfWork work, TimeSpan kept, Func<DateTimeOffset, Expression<Func<T, bool>>> isOver, CancellationToken cancel) where T : class =>
        work.Query<T>().Where(isOver(work.Now - kept)).Take(Batch).ExecuteDeleteAsync(cancel);

    private static Task<int> DeletePendingKeysAsync(UnitOfWork work, CancellationToken cancel) =>
        work.Query<PendingEnrolment>().Where(p => p.ExpiresAt <= work.Now && p.ProtectedKey != null).Take(Batch)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.ProtectedKey, (byte[]?)null), cancel);

    private static Task<int> DeleteMostDecoysAsync(UnitOfWork work, CancellationToken cancel) =>
        work.Query<DecoyAccount>().OrderByDescending(d => d.LastAttemptAt).Skip(MostDecoys).Take(Batch).ExecuteDeleteAsync(cancel);
}

internal static partial class HousekeepingLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Of what has had its time, {What} could not be deleted; the next try is in a minute. See that the database role may delete and the disk has room.")]
    internal static partial void Failed(this ILogger log, string what, Exception failed);
}

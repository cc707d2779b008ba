using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Credentials;

/// <summary>Raised after a removal was scheduled.</summary>
internal sealed class MfaRemovalSignal : WakeSignal;

/// <summary>
/// Removes MFA once the waiting time of a lost-device link is over (docs/spec.md 11.7). Every node runs one; the row is taken by one statement, so
/// that one of them removes. What came due while every node was down is removed at the next start. A removal that fails is postponed with its reason
/// and holds up no other; it is never given up, because its person has no other way in.
/// </summary>
internal sealed partial class MfaRemovalWorker(
    UnitsOfWork units, MfaDisabling mfa, MfaRemovalSignal signal, WorkerRounds rounds, TimeProvider time, ILogger<MfaRemovalWorker> logger)
    : BackgroundService
{
    internal const string Worker = "mfa removals";

    private const int Batch = 20;

    /// <summary>After so many failures, about ten minutes, the operator reads about it; the tries go on.</summary>
    internal const int TellsAfter = 8;

    /// <summary>How late a removal may be. People waited for hours, so seconds do not matter.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>One removal takes a handful of statements. Measured by the system clock, because this bounds work and is not a wait.</summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: TimeSpan.FromMinutes(1));
        using var timer = signal.RaiseEvery(Interval, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RemoveDueAsync(stoppingToken) > 0 && !stoppingToken.IsCancellationRequested) { }
                rounds.CameRound(Worker);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away. The next round tries again, and what is due has lost no try.
                rounds.Failed(Worker, failed);
            }
            await signal.NextAsync(stoppingToken);
        }
    }

    /// <summary>Carries out the removals that are due, oldest first.</summary>
    /// <returns>How many were settled or postponed; more may be due, so the caller calls again until this is 0.</returns>
    internal async Task<int> RemoveDueAsync(CancellationToken cancel)
    {
        List<Due> due;
        await using (var look = await units.ReadAsync(cancel))
            due = await look.Query<MfaRemoval>().Where(r => r.NextAttemptAt <= look.Now)
                .OrderBy(r => r.NextAttemptAt).Take(Batch).Select(r => new Due(r.UserId, r.Attempts)).ToListAsync(cancel);
        foreach (var one in due)
        {
            await AttemptAsync(one, cancel);
            rounds.CameRound(Worker);
        }
        return due.Count;
    }

    private async Task AttemptAsync(Due due, CancellationToken stopping)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        attempt.CancelAfter(AttemptTimeout);
        try
        {
            await RemoveAsync(due.UserId, attempt.Token);
        }
        catch (Exception failed) when (!stopping.IsCancellationRequested)
        {
            // If this write fails too, the database is away: the round ends and no try was counted.
            await PostponeAsync(due, failed, stopping);
        }
    }

    private async Task RemoveAsync(Guid userId, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        // Held in this order, as by everything that changes an enrolment. While the switch is off its row is dropped: open links are dead then, too.
        var isOn = await work.Enrolments.HoldSwitchAsync(on: true, cancel);
        if (await work.Users.HoldAsync(userId, cancel) is not { } user) return;
        // Read while the user's row is held: null if another node was quicker, or the wait was ended at this moment.
        if (await work.Query<MfaRemoval>().SingleOrDefaultAsync(r => r.UserId == userId, cancel) is not { } removal) return;
        var by = new Caller.Portal { Address = removal.Address };
        if (!isOn) await MfaRemovals.DropAsync(work, userId, cancel);
        else if (await MfaRemovals.TakeDueAsync(work, userId, cancel)) await mfa.DisableAsync(work, userId, MfaDisabledBy.LostDevice, by, cancel);
        else if (removal.DueAt <= work.Now) await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Changed, by, cancel);
        await work.CommitAsync(cancel);
    }

    private async Task PostponeAsync(Due due, Exception failed, CancellationToken cancel)
    {
        var attempts = Outage.IsOne(failed, timeouts: false) ? due.Attempts : due.Attempts + 1;
        var why = failed is OperationCanceledException ? "No answer in time" : failed.GetBaseException().GetType().Name;
        await using var work = await units.BeginAsync(cancel);
        var written = await work.Query<MfaRemoval>().Where(r => r.UserId == due.UserId && r.Attempts == due.Attempts && r.DueAt <= work.Now)
            .ExecuteUpdateAsync(set => set
                .SetProperty(r => r.Attempts, attempts)
                .SetProperty(r => r.NextAttemptAt, work.Now + BackOff.After(Math.Max(attempts, 1)))
                .SetProperty(r => r.Failure, why), cancel);
        await work.CommitAsync(cancel);
        if (written == 1 && attempts == TellsAfter && attempts != due.Attempts) LogFails(due.UserId, attempts, why, failed);
        else if (written == 1) LogFailed(due.UserId, attempts, why);
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "The MFA of user {User}, whose waiting time is over, could not be removed in {Attempts} attempts: {Kind}. It is tried again.")]
    private partial void LogFailed(Guid user, int attempts, string kind);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The MFA of user {User}, whose waiting time is over, could not be removed in {Attempts} attempts: {Kind}. It is tried again every "
            + "ten minutes. The command 'disable-mfa' or 'Disable MFA' on the user record lets the person in.")]
    private partial void LogFails(Guid user, int attempts, string kind, Exception failed);

    /// <summary>A removal that is due, with the number of tries that failed before.</summary>
    private sealed record Due(Guid UserId, int Attempts);
}

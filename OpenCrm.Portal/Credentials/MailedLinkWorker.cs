using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Credentials;

/// <summary>Raised after a request for a link is committed.</summary>
internal sealed class MailedLinkSignal : WakeSignal;

/// <summary>
/// Answers requests for links while the visitor no longer waits: with a link, a notice that the account is locked, or nothing. Every node runs one.
/// Strangers write these rows, so no row may hold up another: a try has a time limit, a failed one is repeated later, and after the last one the row
/// is put aside.
/// </summary>
internal sealed partial class MailedLinkWorker(
    UnitsOfWork units, MailedLinkSignal signal, WorkerRounds rounds, TimeProvider time, ILogger<MailedLinkWorker> logger) : BackgroundService
{
    /// <summary>
    /// Most mails of one kind to one account in an hour: a flood of a mailbox stops here, and the sender sees no difference (docs/threats.md A14).
    /// </summary>
    private const int MailsAnHour = 3;

    private const int Batch = 20;

    /// <summary>
    /// Most tries of one request, about ten minutes in all: long enough for a key ring that another node has just renewed, too long for anybody who
    /// waits for the mail.
    /// </summary>
    internal const int MostAttempts = 8;

    /// <summary>How long a request can go unnoticed if the node that stored or held it has stopped.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    /// <summary>An answer takes only a handful of statements. Measured by the system clock, because this bounds work and is not a wait.</summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    private const string Worker = "mailed links";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: TimeSpan.FromMinutes(1));
        using var timer = signal.RaiseEvery(Interval, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await AnswerAsync(stoppingToken) > 0 && !stoppingToken.IsCancellationRequested) { }
                rounds.CameRound(Worker);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away. The next round tries again, and the waiting requests have lost no try.
                rounds.Failed(Worker, failed);
            }
            await signal.NextAsync(stoppingToken);
        }
    }

    /// <summary>Handles the requests that are due, oldest first.</summary>
    /// <returns>How many requests were settled or postponed. More may wait behind them, so the caller calls again until this is 0.</returns>
    internal async Task<int> AnswerAsync(CancellationToken cancel)
    {
        List<Due> due;
        await using (var look = await units.ReadAsync(cancel))
            due = await look.Query<MailedLinkRequest>()
                .Where(r => r.AnsweredAt == null && r.PutAsideAt == null && (r.NextAttemptAt == null || r.NextAttemptAt <= look.Now))
                .OrderBy(r => r.At).ThenBy(r => r.Id).Take(Batch).Select(r => new Due(r.Id, r.Attempts)).ToListAsync(cancel);
        var settled = 0;
        foreach (var one in due)
        {
            if (await AttemptAsync(one, cancel)) settled++;
            rounds.CameRound(Worker);
        }
        return settled;
    }

    /// <returns>False if another node is working on it.</returns>
    private async Task<bool> AttemptAsync(Due due, CancellationToken stopping)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        attempt.CancelAfter(AttemptTimeout);
        try
        {
            return await AnswerAsync(due.Id, attempt.Token);
        }
        catch (Exception failed) when (!stopping.IsCancellationRequested)
        {
            // If this write fails too, the database is away: the round ends and no try was counted.
            await PostponeAsync(due, failed, stopping);
            return true;
        }
    }

    private async Task<bool> AnswerAsync(Guid id, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        // A row that another node's worker holds is skipped, so no worker waits for another.
        if (await work.HoldFreeRowsAsync<Guid>(
            $"""SELECT "Id" AS "Value" FROM "MailedLinkRequests" WHERE "Id" = {id} FOR UPDATE SKIP LOCKED""", cancel) is { Count: 0 }) return false;
        var own = work.Query<MailedLinkRequest>().Where(r => r.Id == id);
        // Claims the request.
        var claimed = await own.Where(r => r.AnsweredAt == null && r.PutAsideAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.AnsweredAt, work.Now), cancel);
        if (claimed != 1) return false;
        var request = await own.SingleAsync(cancel);
        var mailedTo = await MailAsync(work, request, cancel);
        byte[] forgotten = [];
        await own.ExecuteUpdateAsync(set => set.SetProperty(r => r.ProtectedName, forgotten).SetProperty(r => r.MailedTo, mailedTo), cancel);
        await work.CommitAsync(cancel);
        return true;
    }

    /// <summary>Postpones the request, or puts it aside after the last try, so that the others need not wait for it.</summary>
    private async Task PostponeAsync(Due due, Exception failed, CancellationToken cancel)
    {
        var attempts = Outage.IsOne(failed, timeouts: false) ? due.Attempts : due.Attempts + 1;
        var last = attempts >= MostAttempts;
        // The type of the error only: a library's message may repeat the name, and people type passwords into the wrong field.
        var why = failed is OperationCanceledException ? "No answer in time" : failed.GetBaseException().GetType().Name;
        byte[] forgotten = [];
        await using var work = await units.BeginAsync(cancel);
        var written = await work.Query<MailedLinkRequest>()
            .Where(r => r.Id == due.Id && r.Attempts == due.Attempts && r.AnsweredAt == null && r.PutAsideAt == null)
            .ExecuteUpdateAsync(set =>
            {
                set.SetProperty(r => r.Attempts, attempts)
                    .SetProperty(r => r.NextAttemptAt, work.Now + BackOff.After(Math.Max(attempts, 1)))
                    .SetProperty(r => r.Failure, why);
                if (last) set.SetProperty(r => r.PutAsideAt, work.Now).SetProperty(r => r.ProtectedName, forgotten);
            }, cancel);
        await work.CommitAsync(cancel);
        if (written != 1) return;
        if (last) LogPutAside(due.Id, attempts, why);
        else LogFailed(due.Id, attempts, why);
    }

    private static async Task<Guid?> MailAsync(UnitOfWork work, MailedLinkRequest request, CancellationToken cancel)
    {
        if (MailedLinkRequests.TypedName(work, request) is not { Length: > 0 } typed
            || await work.Users.FindTypedAsync(typed, cancel) is not { } found)
        {
            return null;
        }
        var lostDevice = request.Kind == MailedLinkKind.LostDevice;
        // The switch's row is held before the user's. Then a link is either made before MFA goes off for everybody, and ends with it, or not made at
        // all.
        if (lostDevice && !await work.Enrolments.HoldSwitchAsync(on: true, cancel)) return null;
        // Held, so that requests for one account are counted together, on whatever node they run.
        if (await work.Users.HoldAsync(found.Id, cancel) is not { State: not AccountState.Inactive, Email: not null } user) return null;
        if (lostDevice && user.Enrolment is SecondFactor.None) return null;
        var hour = work.Now - TimeSpan.FromHours(1);
        var mailed = await work.Query<MailedLinkRequest>()
            .CountAsync(r => r.MailedTo == user.Id && r.Kind == request.Kind && r.AnsweredAt > hour, cancel);
        if (mailed >= MailsAnHour) return null;
        // In this copy of the row only: the mail answers in the language of the page on which it was asked for, unless the person chose one.
        user.BrowserLanguage = request.Language ?? user.BrowserLanguage;
        var asker = new Caller.Nobody { Address = request.Address };
        switch (user.StatusAt(work.Now))
        {
            case AccountStatus.Locked:
                work.Queue(new MailDraft.AccountLocked(user, null, null, work.Now, request.Address));
                break;
            case AccountStatus.LockedFailedAttempts:
                var attempts = (await work.ReadSettingsAsync<SecuritySettings>(cancel)).AttemptsBeforeLock;
                work.Queue(new MailDraft.AccountLocked(user, attempts, user.LockoutEnd, work.Now, request.Address));
                break;
            case var _ when lostDevice && user.Enrolment is SecondFactor.Broken half:
                // A link names the enrolment that it ends, and only one half of this one is stored.
                await work.NoteUnreadableAsync(user, half.Why, asker, cancel);
                break;
            default:
                if (lostDevice) await LostDeviceLinks.MailAsync(work, user, asker, cancel);
                else await PasswordLinks.MailForgottenPasswordAsync(work, user, asker, cancel);
                break;
        }
        return user.Id;
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Request {Id} for a mailed link could not be answered in {Attempts} attempts: {Kind}. It is tried again.")]
    private partial void LogFailed(Guid id, int attempts, string kind);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Request {Id} for a mailed link was put aside after {Attempts} attempts: {Kind}. Whoever asked gets no mail and may ask again. "
            + "If this goes on, see that every node has the same key ring and KeyRing:CertificatePath.")]
    private partial void LogPutAside(Guid id, int attempts, string kind);

    /// <summary>A request that is due, with the number of tries that failed before.</summary>
    private sealed record Due(Guid Id, int Attempts);
}

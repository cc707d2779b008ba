using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Credentials;

/// <summary>Raised when a request for a link was committed.</summary>
internal sealed class MailedLinkSignal : WakeSignal;

/// <summary>Answers requests for links, out of sight of whoever asked: a link, the news that the account is locked, or nothing. Every node runs one.</summary>
internal sealed partial class MailedLinkWorker(UnitsOfWork units, MailedLinkSignal signal, TimeProvider time, ILogger<MailedLinkWorker> logger) : BackgroundService
{
    /// <summary>Security A14: whoever floods somebody's mailbox stops here, and sees no difference.</summary>
    private const int MailsAnHour = 3;

    private const int Batch = 20;

    /// <summary>How long a request that another node took and lost may lie unseen.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var (tick, asked) = (timer.WaitForNextTickAsync(stoppingToken).AsTask(), signal.WaitAsync(stoppingToken));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await AnswerAsync(stoppingToken) > 0 && !stoppingToken.IsCancellationRequested) { }
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away; the next look finds it again.
                LogFailed(failed.GetType().Name);
            }
            await Task.WhenAny(tick, asked);
            if (tick.IsCompletedSuccessfully) tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            if (asked.IsCompletedSuccessfully) asked = signal.WaitAsync(stoppingToken);
        }
    }

    /// <summary>Answers what waits, oldest first.</summary>
    /// <returns>How many requests it answered.</returns>
    internal async Task<int> AnswerAsync(CancellationToken cancel)
    {
        List<Guid> waiting;
        await using (var look = await units.ReadAsync(cancel))
            waiting = await look.Query<MailedLinkRequest>().Where(r => r.AnsweredAt == null).OrderBy(r => r.At).ThenBy(r => r.Id).Take(Batch).Select(r => r.Id).ToListAsync(cancel);
        var answered = 0;
        foreach (var id in waiting)
        {
            try
            {
                await AnswerAsync(id, cancel);
                answered++;
            }
            catch (Exception failed) when (!cancel.IsCancellationRequested)
            {
                // One that cannot be answered keeps no other waiting.
                LogFailed(failed.GetType().Name);
            }
        }
        return answered;
    }

    private async Task AnswerAsync(Guid id, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        var own = work.Query<MailedLinkRequest>().Where(r => r.Id == id);
        // The claim: the worker of another node waits here for this commit, and then finds it answered.
        if (await own.Where(r => r.AnsweredAt == null).ExecuteUpdateAsync(set => set.SetProperty(r => r.AnsweredAt, work.Now), cancel) != 1) return;
        var request = await own.SingleAsync(cancel);
        var mailedTo = await MailAsync(work, request, cancel);
        byte[] forgotten = [];
        await own.ExecuteUpdateAsync(set => set.SetProperty(r => r.ProtectedName, forgotten).SetProperty(r => r.MailedTo, mailedTo), cancel);
        await work.CommitAsync(cancel);
    }

    private static async Task<Guid?> MailAsync(UnitOfWork work, MailedLinkRequest request, CancellationToken cancel)
    {
        if (MailedLinks.TypedName(work, request) is not { Length: > 0 } typed || await work.Users.FindTypedAsync(typed, cancel) is not { } found) return null;
        var lostDevice = request.Kind == MailedLinkKind.LostDevice;
        // The switch's row before the user's: a link is made wholly before MFA goes off for everybody, and ends with it, or it is not made.
        if (lostDevice && !await work.Users.HoldMfaSwitchAsync(on: true, cancel)) return null;
        // Held, so that requests for one account, on whatever node, count each other.
        if (await work.Users.HoldAsync(found.Id, cancel) is not { State: not AccountState.Inactive, Email: not null } user) return null;
        if (lostDevice && user is not { TwoFactorEnabled: true, Authenticator: not null }) return null;
        var hour = work.Now - TimeSpan.FromHours(1);
        var mailed = await work.Query<MailedLinkRequest>().CountAsync(r => r.MailedTo == user.Id && r.Kind == request.Kind && r.AnsweredAt > hour, cancel);
        if (mailed >= MailsAnHour) return null;
        switch (user.StatusAt(work.Now))
        {
            case AccountStatus.Locked:
                work.Queue(new MailDraft.AccountLocked(user, null, null, work.Now, request.Address));
                break;
            case AccountStatus.LockedFailedAttempts:
                var attempts = (await work.SettingsAsync<SecuritySettings>(cancel)).AttemptsBeforeLock;
                work.Queue(new MailDraft.AccountLocked(user, attempts, user.LockoutEnd, work.Now, request.Address));
                break;
            default:
                var asker = new Caller.Nobody { Address = request.Address };
                if (lostDevice) await MailedLinks.MailLostDeviceAsync(work, user, asker, cancel);
                else await MailedLinks.MailForgottenPasswordAsync(work, user, asker, cancel);
                break;
        }
        return user.Id;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request for a mailed link could not be answered yet: {Kind}.")]
    private partial void LogFailed(string kind);
}

using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Watches for all pages of this node whether mail is sent. It looks after each batch that this node sent, and every half minute for what other nodes
/// did. Pages read the last result and never wait.
/// </summary>
public sealed partial class OutboxWatch(
    UnitsOfWork units, MailOptions options, WorkerRounds rounds, IMeterFactory meters, TimeProvider time, ILogger<OutboxWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>How long a message that was given up is reported. After that it is only in the list.</summary>
    private static readonly TimeSpan DeadIsNews = TimeSpan.FromDays(7);

    private const string Worker = "outbox watch";

    private readonly Wake _wake = new();
    private string? _blocked;

    /// <summary>Raised when something may have changed in the outbox.</summary>
    public event Action? Looked;

    /// <summary>Why this node can send no mail at all, as its last attempt found; null if it can.</summary>
    public string? Blocked => Volatile.Read(ref _blocked);

    /// <summary>The backlog as of the last look.</summary>
    public MailBacklog Backlog { get; private set; } = MailBacklog.Fine;

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    /// <summary>Looks soon, and does not make the caller wait.</summary>
    internal void Look() => _wake.Raise();

    /// <summary>Notes whether mail can be sent at all. A change is logged once, not for each message that waits.</summary>
    /// <param name="reason">Why no mail can be sent; null if it can.</param>
    internal void Found(string? reason)
    {
        var before = Interlocked.Exchange(ref _blocked, reason);
        if (before == reason) return;
        if (reason is null) LogOpen();
        else LogBlocked(reason);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: TimeSpan.FromMinutes(2));
        var meter = meters.Create("OpenCrm.Portal");
        meter.CreateObservableGauge("portal.outbox.waiting", () => Backlog.Waiting, "{mail}", "Messages that failed and are tried again.");
        meter.CreateObservableGauge("portal.outbox.dead", () => Backlog.Dead, "{mail}", "Messages of the last week that were given up.");
        using var timer = _wake.RaiseEvery(Interval, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Backlog = await ReadAsync(stoppingToken);
                Notify();
                rounds.CameRound(Worker);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away; the next look tries again.
                rounds.Failed(Worker, failed);
            }
            await _wake.NextAsync(stoppingToken);
        }
    }

    private void Notify()
    {
        foreach (var page in Looked?.GetInvocationList().Cast<Action>() ?? [])
        {
            try
            {
                page();
            }
            catch (Exception failed)
            {
                // A page that is just being closed must not keep the others from being notified.
                LogPageNotNotified(failed);
            }
        }
    }

    private async Task<MailBacklog> ReadAsync(CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        await LookAtSettingsAsync(work, cancel);
        var news = work.Now - DeadIsNews;
        var waiting = work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Waiting && e.LastError != null);
        var dead = work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Dead && e.CreatedAt > news);
        return new(
            await waiting.Take(MailBacklog.Bound + 1).CountAsync(cancel),
            await dead.Take(MailBacklog.Bound + 1).CountAsync(cancel));
    }

    /// <summary>
    /// Finds a stored password that cannot be decrypted before the first mail needs it: the operator reads it at the start, and not when somebody
    /// waits for a link.
    /// </summary>
    private async Task LookAtSettingsAsync(UnitOfWork work, CancellationToken cancel)
    {
        var unreadable = (await options.NowAsync(work, cancel)).Smtp is { IsPasswordUnreadable: true };
        if (unreadable) Found(Texts.Mail_PasswordUnreadable);
        else if (Blocked == Texts.Mail_PasswordUnreadable) Found(null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An open page could not be notified of the state of mail")]
    private partial void LogPageNotNotified(Exception failed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail does not get out; it waits and is tried again for a day. {Reason}")]
    private partial void LogBlocked(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Mail gets out again.")]
    private partial void LogOpen();

    private sealed class Wake : WakeSignal;
}

/// <summary>How many messages could not be sent. Counting stops just above <see cref="Bound"/>.</summary>
/// <param name="Waiting">Messages that failed and are retried.</param>
/// <param name="Dead">Messages of the last week that were given up.</param>
public sealed record MailBacklog(int Waiting, int Dead)
{
    public const int Bound = 100;

    public static readonly MailBacklog Fine = new(0, 0);
}

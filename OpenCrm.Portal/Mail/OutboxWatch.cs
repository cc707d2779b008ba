using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Whether mail gets out, asked once for all pages of this node: after each batch that this node sent, and every half minute for what others did. A page reads what was
/// found last and waits for nothing.
/// </summary>
public sealed partial class OutboxWatch(UnitsOfWork units, WorkerRounds rounds, IMeterFactory meters, TimeProvider time, ILogger<OutboxWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>After a week a message that was given up is in the list, and no news any more.</summary>
    private static readonly TimeSpan DeadIsNews = TimeSpan.FromDays(7);

    private const string Worker = "outbox watch";

    private readonly Wake wake = new();
    private string? blocked;

    /// <summary>Something may have changed in the outbox.</summary>
    public event Action? Looked;

    /// <summary>Why no mail at all gets out of this node, as its last attempt found it; null if it does.</summary>
    public string? Blocked => Volatile.Read(ref blocked);

    /// <summary>As of the last look.</summary>
    public MailBacklog Backlog { get; private set; } = MailBacklog.Fine;

    public override void Dispose()
    {
        wake.Dispose();
        base.Dispose();
    }

    /// <summary>Looks soon, and does not make the caller wait.</summary>
    internal void Look() => wake.Raise();

    /// <summary>What an attempt says about the way out. A change is told in the log, once: not with each message that waits.</summary>
    /// <param name="reason">Null: it is open.</param>
    internal void Found(string? reason)
    {
        var before = Interlocked.Exchange(ref blocked, reason);
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
        using var timer = wake.RaiseEvery(Interval, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Backlog = await ReadAsync(stoppingToken);
                Tell();
                rounds.CameRound(Worker);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away; the next look tells.
                rounds.Failed(Worker, failed);
            }
            await wake.NextAsync(stoppingToken);
        }
    }

    private void Tell()
    {
        foreach (var page in Looked?.GetInvocationList().Cast<Action>() ?? [])
        {
            try
            {
                page();
            }
            catch (Exception failed)
            {
                // One that is just being closed must not keep the others from hearing.
                LogPageNotTold(failed);
            }
        }
    }

    private async Task<MailBacklog> ReadAsync(CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var news = work.Now - DeadIsNews;
        var waiting = work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Waiting && e.LastError != null);
        var dead = work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Dead && e.CreatedAt > news);
        return new(
            await waiting.Take(MailBacklog.Bound + 1).CountAsync(cancel),
            await dead.Take(MailBacklog.Bound + 1).CountAsync(cancel));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An open page could not be told how mail stands")]
    private partial void LogPageNotTold(Exception failed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail does not get out; it waits and is tried again for a day. {Reason}")]
    private partial void LogBlocked(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Mail gets out again.")]
    private partial void LogOpen();

    private sealed class Wake : WakeSignal;
}

/// <summary>How many messages do not get out; counted no further than <see cref="Bound"/>.</summary>
/// <param name="Waiting">Failed, and tried again.</param>
/// <param name="Dead">Given up.</param>
public sealed record MailBacklog(int Waiting, int Dead)
{
    public const int Bound = 100;

    public static readonly MailBacklog Fine = new(0, 0);
}

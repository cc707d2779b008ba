using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Mails people who have to set up MFA (docs/spec.md 12.5): when the rule first covers them, and 7, 3 and 1 days before their deadline. A row is held
/// while its mail is written, and moved on in the same commit, so that each mail goes out once, from whichever node. It also gives a deadline to
/// whoever came past the rule, and keeps which deadlines have passed.
/// </summary>
internal sealed partial class MfaReminders(UnitsOfWork units, WorkerRounds rounds, TimeProvider time, ILogger<MfaReminders> logger)
    : BackgroundService
{
    /// <summary>Rows in one transaction: few enough that SQLite's one writer is free again soon.</summary>
    internal const int Batch = 100;

    /// <summary>
    /// Mails in one round. A company of a thousand is told within minutes, a million within a day and a half, and a link that somebody waits for
    /// always finds the mail server free.
    /// </summary>
    internal const int MostInARound = 500;

    private const string Worker = "MFA reminders";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The mails of a round leave one after the other, over the whole minute.</summary>
    private static readonly TimeSpan Gap = Interval / MostInARound;

    /// <summary>Pause between batches, which lets others use SQLite's one writer.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>An event carries the time at which its action began, and is seen at its commit. No transaction lasts as long as this.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    /// <summary>The events after which the rule may cover somebody who has no deadline yet.</summary>
    private static readonly string[] Arrivals =
    [
        nameof(AuditEvent.UserCreated), nameof(AuditEvent.UsersMade), nameof(AuditEvent.UserChanged), nameof(AuditEvent.SettingChanged),
        nameof(AuditEvent.MfaSwitchChanged), nameof(AuditEvent.PortalSetUp),
    ];

    private DateTimeOffset? _coveredAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: 5 * Interval);
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(stoppingToken);
                rounds.CameRound(Worker);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away. Rows that are due stay due, and the next round goes on with them.
                rounds.Failed(Worker, failed);
            }
        }
    }

    /// <summary>One round. While the rule sleeps or covers nobody, nothing is done.</summary>
    internal async Task RunAsync(CancellationToken cancel = default)
    {
        if (!await CoverAsync(cancel)) return;
        await using (var work = await units.ReadAsync(cancel)) await work.Duties.NotePassedAsync(cancel);
        for (var mails = 0; mails < MostInARound;)
        {
            var (rows, sent) = await RemindAsync(mails, cancel);
            mails += sent;
            if (rows < Batch) return;
            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>
    /// Gives a deadline to everybody who is covered and has none: people who were made in bulk, or whose transaction crossed the one that changed the
    /// rule.
    /// </summary>
    /// <returns>Whether the rule covers anybody.</returns>
    private async Task<bool> CoverAsync(CancellationToken cancel)
    {
        await using (var look = await units.ReadAsync(cancel))
        {
            var rule = MfaRule.Of(await look.ReadSettingsAsync<SecuritySettings>(cancel));
            if (!rule.CoversAnybody)
            {
                _coveredAt = null;
                return false;
            }
            var since = _coveredAt - Late;
            _coveredAt = look.Now;
            // A million users are not looked through each minute: only after an event that may have brought somebody.
            if (since is { } at && !await HaveArrivedAsync(look, at, cancel)) return true;
            if (!await look.Duties.MissesAnybodyAsync(rule, cancel)) return true;
        }
        await using var work = await units.BeginAsync(cancel);
        var given = await work.Duties.CoverAsync(MfaRule.Of(await work.ReadSettingsAsync<SecuritySettings>(cancel)), cancel);
        // Without days to set it up, open pages change over now.
        if (given > 0) await SessionEnding.EvaluateAllAgainAsync(work, cancel);
        await work.CommitAsync(cancel);
        return true;
    }

    private static async Task<bool> HaveArrivedAsync(UnitOfWork work, DateTimeOffset since, CancellationToken cancel)
    {
        foreach (var kind in Arrivals)
            if (await work.Query<AuditEntry>().AnyAsync(e => e.Kind == kind && e.At >= since, cancel)) return true;
        return false;
    }

    /// <summary>Handles a batch; if that fails, its rows one by one, and the one that fails again is put aside.</summary>
    private async Task<(int Rows, int Sent)> RemindAsync(int before, CancellationToken cancel)
    {
        try
        {
            return await RemindAsync(before, Batch, _ => { }, cancel);
        }
        catch (Exception failed) when (!cancel.IsCancellationRequested && !Outage.IsOne(failed, timeouts: false))
        {
            LogBatchFailed(failed.GetBaseException().GetType().Name);
        }
        var (rows, sent) = (0, 0);
        while (rows < Batch)
        {
            Guid? tried = null;
            try
            {
                var one = await RemindAsync(before + sent, 1, id => tried = id, cancel);
                if (one.Rows == 0) break;
                sent += one.Sent;
            }
            catch (Exception failed) when (!cancel.IsCancellationRequested && tried is not null && !Outage.IsOne(failed, timeouts: false))
            {
                LogPutAside(failed, tried.Value);
                await using var work = await units.BeginAsync(cancel);
                await work.Query<MfaDeadline>().Where(d => d.UserId == tried)
                    .ExecuteUpdateAsync(set => set.SetProperty(d => d.NextMailAt, (DateTimeOffset?)null), cancel);
                await work.CommitAsync(cancel);
            }
            rows++;
        }
        return (rows, sent);
    }

    private async Task<(int Rows, int Sent)> RemindAsync(int before, int most, Action<Guid> trying, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        var settings = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        if (!MfaRule.Of(settings).CoversAnybody) return (0, 0);
        var clock = await work.Duties.ReadClockAsync(cancel);
        var found = await DueReminder.FindAsync(work, most, cancel);
        if (found.Count == 0) return (0, 0);
        if (most == 1) trying(found[0].Deadline.UserId);
        var mails = found.Where(row => row.IsTold(settings, clock))
            .Select((row, i) => (
                (MailDraft)new MailDraft.MfaDue(
                    new(row.Email!, row.Name) { Language = MailRecipient.LanguageOf(row.Language, row.BrowserLanguage) },
                    row.Deadline.DueAt,
                    work.Now),
                work.Now + (before + i) * Gap))
            .ToList();
        if (mails.Count > 0) await work.QueueAsync(mails, cancel);
        foreach (var alike in found.GroupBy(row => (Next: MfaDeadline.NextReminder(row.Deadline.DueAt, work.Now), row.IsEnrolled)))
        {
            var (next, open) = (alike.Key.Next, !alike.Key.IsEnrolled);
            List<Guid> users = [.. alike.Select(row => row.Deadline.UserId)];
            await work.Query<MfaDeadline>().Where(d => EF.Parameter(users).Contains(d.UserId))
                .ExecuteUpdateAsync(set => set
                    .SetProperty(d => d.NextMailAt, next)
                    .SetProperty(d => d.IsTold, true)
                    .SetProperty(d => d.IsOpen, open), cancel);
        }
        await work.CommitAsync(cancel);
        return (found.Count, mails.Count);
    }

    [LoggerMessage(LogLevel.Warning, "A batch of reminders about MFA failed ({Kind}); its mails are written one by one")]
    private partial void LogBatchFailed(string kind);

    [LoggerMessage(LogLevel.Error, "User {User} is not reminded to set up MFA, because the mail cannot be written; the deadline stays")]
    private partial void LogPutAside(Exception failed, Guid user);
}

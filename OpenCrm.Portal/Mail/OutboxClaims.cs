using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// The statements by which nodes share the outbox. A message belongs to one claim at a time, and only that claim may write its outcome.
/// </summary>
internal sealed class OutboxClaims(UnitsOfWork units)
{
    public const int Batch = 20;

    /// <summary>
    /// How long a claim lasts. Longer than one attempt may take, and renewed before each attempt, so a claim that runs out during one belongs to a
    /// killed process.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(90);

    private const int MostRefusals = 2;

    /// <summary>Claims the messages that are due, oldest first.</summary>
    public async Task<IReadOnlyList<OutboxEntry>> ClaimAsync(CancellationToken cancel)
    {
        // Usually nothing is due. This first query takes no write lock.
        await using (var look = await units.ReadAsync(cancel))
            if (!await Due(look).AnyAsync(cancel)) return [];

        await using var work = await units.BeginAsync(cancel);
        var now = work.Now;
        var ids = await work.HoldFreeRowsAsync<Guid>(
            $"""
            SELECT "Id" AS "Value" FROM "Outbox"
            WHERE "State" = 0 AND "NextAttemptAt" <= {now} AND ("ClaimedUntil" IS NULL OR "ClaimedUntil" <= {now})
            ORDER BY "NextAttemptAt", "Id" LIMIT {Batch} FOR UPDATE SKIP LOCKED
            """, cancel) ?? await Due(work).OrderBy(e => e.NextAttemptAt).ThenBy(e => e.Id).Take(Batch).Select(e => e.Id).ToListAsync(cancel);
        var claim = Guid.NewGuid();
        await Due(work).Where(e => ids.Contains(e.Id)).ExecuteUpdateAsync(set => set
            .SetProperty(e => e.ClaimedBy, claim)
            .SetProperty(e => e.ClaimedUntil, now + Lease), cancel);
        var claimed = await work.Query<OutboxEntry>().Where(e => ids.Contains(e.Id) && e.ClaimedBy == claim)
            .OrderBy(e => e.NextAttemptAt).ThenBy(e => e.Id).ToListAsync(cancel);
        await work.CommitAsync(cancel);
        return claimed;
    }

    /// <summary>Renews the claim right before sending. False if it was lost meanwhile; then the message must not be sent.</summary>
    public async Task<bool> RenewAsync(OutboxEntry entry, string messageId, string subject, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        return await Own(work, entry).ExecuteUpdateAsync(set => set
            .SetProperty(e => e.MessageId, messageId)
            .SetProperty(e => e.Subject, subject)
            .SetProperty(e => e.ClaimedUntil, work.Now + Lease), cancel) == 1;
    }

    /// <param name="templateFailed">Why the edited template failed, so that the default was sent; null if it did not.</param>
    public async Task MarkSentAsync(OutboxEntry entry, TemplateFailure? templateFailed, CancellationToken cancel)
    {
        // One statement needs no transaction of its own; most messages need no other.
        await using var work = templateFailed is null ? await units.ReadAsync(cancel) : await units.BeginAsync(cancel);
        var settled = await Own(work, entry).ExecuteUpdateAsync(set => set
            .SetProperty(e => e.State, OutboxState.Sent)
            .SetProperty(e => e.SentAt, work.Now)
            .SetProperty(e => e.Attempts, e => e.Attempts + 1)
            .SetProperty(e => e.LastError, (string?)null)
            .SetProperty(e => e.ClaimedBy, (Guid?)null)
            .SetProperty(e => e.ClaimedUntil, (DateTimeOffset?)null), cancel);
        if (templateFailed is null) return;
        if (settled == 1)
        {
            var name = TemplateDefinition.TextName(entry.TemplateKey, entry.Language);
            work.Record(new AuditEvent.TemplateFailed(name, templateFailed.Why), new Caller.Portal());
            // Only for the version that failed: if the template was saved meanwhile, another text is stored now.
            await work.Query<MailTemplate>()
                .Where(t => t.Key == entry.TemplateKey && t.Language == entry.Language && t.Version == templateFailed.Version)
                .ExecuteUpdateAsync(set => set
                    .SetProperty(t => t.FailedAt, work.Now)
                    .SetProperty(t => t.Failure, SingleLine.Of(templateFailed.Why, OutboxEntryConfiguration.ErrorLength)), cancel);
        }
        await work.CommitAsync(cancel);
    }

    /// <summary>Postpones the message, or gives it up after <see cref="OutboxEntry.GiveUpAt"/>.</summary>
    public Task<OutboxState> MarkFailedAsync(OutboxEntry entry, string error, CancellationToken cancel) =>
        MarkFailedAsync(entry, error, refusals: 0, cancel);

    /// <summary>
    /// Notes a permanent refusal. The message is tried once more, because servers refuse by mistake while they start, and is then given up.
    /// </summary>
    public Task<OutboxState> MarkRefusedAsync(OutboxEntry entry, string error, CancellationToken cancel) =>
        MarkFailedAsync(entry, error, refusals: 1, cancel);

    private async Task<OutboxState> MarkFailedAsync(OutboxEntry entry, string error, int refusals, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        var refused = entry.Refusals + refusals;
        var state = work.Now >= entry.GiveUpAt || refused >= MostRefusals ? OutboxState.Dead : OutboxState.Waiting;
        var settled = await Own(work, entry).ExecuteUpdateAsync(set => set
            .SetProperty(e => e.State, state)
            .SetProperty(e => e.Attempts, e => e.Attempts + 1)
            .SetProperty(e => e.Refusals, refused)
            .SetProperty(e => e.NextAttemptAt, work.Now + BackOff.After(entry.Attempts + 1))
            .SetProperty(e => e.LastError, error)
            .SetProperty(e => e.ClaimedBy, (Guid?)null)
            .SetProperty(e => e.ClaimedUntil, (DateTimeOffset?)null), cancel);
        if (settled == 1 && state == OutboxState.Dead)
            work.Record(new AuditEvent.MailFailed(entry.TemplateKey, error), new Caller.Portal());
        await work.CommitAsync(cancel);
        return state;
    }

    /// <summary>Releases messages that were claimed and not begun, so that another node need not wait for the lease to run out.</summary>
    public async Task ReleaseAsync(IEnumerable<OutboxEntry> entries, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        foreach (var entry in entries)
            await Own(work, entry).ExecuteUpdateAsync(set => set
                .SetProperty(e => e.ClaimedBy, (Guid?)null)
                .SetProperty(e => e.ClaimedUntil, (DateTimeOffset?)null), cancel);
    }

    private static IQueryable<OutboxEntry> Due(UnitOfWork work) => work.Query<OutboxEntry>().Where(e =>
        e.State == OutboxState.Waiting && e.NextAttemptAt <= work.Now && (e.ClaimedUntil == null || e.ClaimedUntil <= work.Now));

    private static IQueryable<OutboxEntry> Own(UnitOfWork work, OutboxEntry entry) => work.Query<OutboxEntry>().Where(e =>
        e.Id == entry.Id && e.ClaimedBy == entry.ClaimedBy && e.State == OutboxState.Waiting);
}

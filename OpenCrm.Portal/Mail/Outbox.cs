using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>Writes messages in the transaction of the change that they report (spec 7.1).</summary>
public static class Outbox
{
    internal const string Purpose = "Outbox";

    /// <summary>Longer than a night and a morning: whoever mends the mail server finds the messages still waiting.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    /// <summary>Long enough to answer "did she get the mail?".</summary>
    public static readonly TimeSpan SentKept = TimeSpan.FromDays(30);

    public static readonly TimeSpan DeadKept = TimeSpan.FromDays(90);

    /// <summary>The message is written with the unit of work's commit, or not at all; sending starts right after the commit.</summary>
    /// <returns>The message's row.</returns>
    public static Guid Queue(this UnitOfWork work, MailDraft mail)
    {
        var id = Guid.CreateVersion7(work.Now);
        work.Add(new OutboxEntry
        {
            Id = id,
            TemplateKey = mail.Template.Key,
            RecipientAddress = mail.To.Address,
            RecipientName = mail.To.Name,
            ProtectedPayload = work.Encryption.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(mail.Values)),
            ProtectedText = mail.Text is null ? null : work.Encryption.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(mail.Text)),
            CreatedAt = work.Now,
            NextAttemptAt = work.Now,
            GiveUpAt = work.Now + Patience,
        });
        work.AfterCommit<OutboxSignal>(signal => signal.Raise());
        return id;
    }

    /// <summary>Takes a message back that was written in this transaction, as if it had never been queued.</summary>
    internal static Task DropAsync(this UnitOfWork work, Guid id, CancellationToken cancel = default) =>
        work.Query<OutboxEntry>().Where(e => e.Id == id).ExecuteDeleteAsync(cancel);

    /// <summary>
    /// Queues a message of their own for every system administrator who is not Inactive: locked ones and whoever acts too, so that nobody who took over an account can
    /// keep it quiet by locking the others (spec 3.1).
    /// </summary>
    public static async Task QueueToAdministratorsAsync(this UnitOfWork work, Func<MailRecipient, MailDraft> mail, CancellationToken cancel = default)
    {
        var administrators = await work.Query<PortalUser>()
            .Where(u => u.IsSystemAdministrator && u.State != AccountState.Inactive && u.Email != null)
            .OrderBy(u => u.NormalizedUserName)
            .Select(u => new MailRecipient(u.Email!, u.Name))
            .ToListAsync(cancel);
        foreach (var administrator in administrators) work.Queue(mail(administrator));
    }

    /// <summary>The merge values of a message.</summary>
    internal static IReadOnlyDictionary<string, string> Values(this UnitOfWork work, OutboxEntry entry) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(work.Encryption.Unprotect(Purpose, entry.ProtectedPayload)) ?? [];

    /// <summary>The text that a message brings along; null for the stored one.</summary>
    internal static TemplateText? Text(this UnitOfWork work, OutboxEntry entry) =>
        entry.ProtectedText is null ? null : JsonSerializer.Deserialize<TemplateText>(work.Encryption.Unprotect(Purpose, entry.ProtectedText));

    /// <summary>Sends what failed or was given up once more, with a day's patience. One statement: two administrators send it again once.</summary>
    /// <returns>False: it did not fail, or is being sent.</returns>
    public static async Task<bool> SendAgainAsync(this UnitOfWork work, Guid id, CancellationToken cancel = default)
    {
        var due = await work.Query<OutboxEntry>()
            .Where(e => e.Id == id && e.LastError != null && (e.State == OutboxState.Dead
                || (e.State == OutboxState.Waiting && e.NextAttemptAt > work.Now && (e.ClaimedUntil == null || e.ClaimedUntil <= work.Now))))
            .ExecuteUpdateAsync(set => set
                .SetProperty(e => e.State, OutboxState.Waiting)
                .SetProperty(e => e.Attempts, 0)
                .SetProperty(e => e.Refusals, 0)
                .SetProperty(e => e.NextAttemptAt, work.Now)
                .SetProperty(e => e.GiveUpAt, work.Now + Patience), cancel) == 1;
        if (due) work.AfterCommit<OutboxSignal>(signal => signal.Raise());
        return due;
    }

    /// <summary>Deletes what was sent long ago: its row holds the recipient and, encrypted, a link. What was given up stays longer, for whoever was on holiday.</summary>
    /// <param name="most">No more messages than this at once.</param>
    /// <returns>How many it were.</returns>
    public static async Task<int> DeleteOldMailAsync(this UnitOfWork work, int most, CancellationToken cancel = default)
    {
        var (sent, dead) = (work.Now - SentKept, work.Now - DeadKept);
        var deleted = await work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Sent && e.CreatedAt <= sent).Take(most).ExecuteDeleteAsync(cancel);
        if (deleted == most) return deleted;
        return deleted + await work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Dead && e.CreatedAt <= dead).Take(most - deleted).ExecuteDeleteAsync(cancel);
    }
}

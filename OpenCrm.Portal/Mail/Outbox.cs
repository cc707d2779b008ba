using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>Writes messages in the transaction of the change that they report (docs/spec.md 7.1).</summary>
public static class Outbox
{
    internal const string Purpose = "Outbox";

    /// <summary>
    /// How long sending is retried. Longer than a night and a morning, so that messages still wait when somebody repairs the mail server.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    /// <summary>How long sent messages are kept: long enough to answer "did she get the mail?".</summary>
    public static readonly TimeSpan SentKept = TimeSpan.FromDays(30);

    public static readonly TimeSpan DeadKept = TimeSpan.FromDays(90);

    /// <summary>Queues a message. It is written with the unit of work's commit, or not at all; sending starts right after the commit.</summary>
    /// <param name="notBefore">When sending starts, if later.</param>
    /// <returns>The id of the message's row.</returns>
    public static Guid Queue(this UnitOfWork work, MailDraft mail, DateTimeOffset? notBefore = null)
    {
        var entry = Entry(work, mail, notBefore ?? work.Now);
        work.Add(entry);
        work.AfterCommit<OutboxSignal>(signal => signal.Raise());
        return entry.Id;
    }

    /// <summary>Queues many messages at once, many times faster than one by one. Each waits until its own time.</summary>
    public static async Task QueueAsync(
        this UnitOfWork work, IEnumerable<(MailDraft Mail, DateTimeOffset NotBefore)> mails, CancellationToken cancel = default)
    {
        await work.WriteAsync([.. mails.Select(one => Entry(work, one.Mail, one.NotBefore))], cancel);
        work.AfterCommit<OutboxSignal>(signal => signal.Raise());
    }

    private static OutboxEntry Entry(UnitOfWork work, MailDraft mail, DateTimeOffset notBefore) => new()
    {
        Id = Guid.CreateVersion7(work.Now),
        TemplateKey = mail.Template.Key,
        RecipientAddress = mail.To.Address,
        RecipientName = mail.To.Name,
        Language = mail.To.Language.Name,
        ProtectedPayload = work.Encryption.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(mail.Values)),
        ProtectedText = mail.Text is null ? null : work.Encryption.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(mail.Text)),
        CreatedAt = work.Now,
        NextAttemptAt = notBefore,
        GiveUpAt = notBefore + Patience,
    };

    /// <summary>When the last message of a template is due that waits and was not tried yet; null if there is none.</summary>
    internal static Task<DateTimeOffset?> FindLastDueAsync(this UnitOfWork work, TemplateDefinition template, CancellationToken cancel = default) =>
        work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Waiting && e.Attempts == 0 && e.TemplateKey == template.Key)
            .OrderByDescending(e => e.NextAttemptAt).Select(e => (DateTimeOffset?)e.NextAttemptAt).FirstOrDefaultAsync(cancel);

    /// <summary>Takes back a message that was written in this transaction, as if it had never been queued.</summary>
    internal static Task DropAsync(this UnitOfWork work, Guid id, CancellationToken cancel = default) =>
        work.Query<OutboxEntry>().Where(e => e.Id == id).ExecuteDeleteAsync(cancel);

    /// <summary>
    /// Queues one message for each system administrator who is not Inactive, each in their own language, including locked ones and the one who acts.
    /// Otherwise somebody who took over an account could keep it quiet by locking the others.
    /// </summary>
    public static Task QueueToAdministratorsAsync(this UnitOfWork work, Func<MailRecipient, MailDraft> mail, CancellationToken cancel = default) =>
        work.QueueToOthersAsync(mail, except: null, cancel);

    private static async Task QueueToOthersAsync(
        this UnitOfWork work, Func<MailRecipient, MailDraft> mail, Guid? except, CancellationToken cancel)
    {
        var administrators = await work.Query<PortalUser>()
            .Where(u => u.IsSystemAdministrator && u.State != AccountState.Inactive && u.Email != null && u.Id != except)
            .OrderBy(u => u.NormalizedUserName)
            .Select(u => new { Address = u.Email!, u.Name, u.Language, u.BrowserLanguage })
            .ToListAsync(cancel);
        foreach (var to in administrators)
            work.Queue(mail(new(to.Address, to.Name) { Language = MailRecipient.LanguageOf(to.Language, to.BrowserLanguage) }));
    }

    /// <summary>
    /// Queues one message to the person, and one to each system administrator who is not Inactive. Somebody who is both gets the person's alone.
    /// </summary>
    /// <param name="mail">Makes the message; the second argument says whether its reader is the person.</param>
    public static async Task QueueToPersonAndAdministratorsAsync(
        this UnitOfWork work, PortalUser person, Func<MailRecipient, bool, MailDraft> mail, CancellationToken cancel = default)
    {
        work.Queue(mail(MailRecipient.Of(person), true));
        await work.QueueToOthersAsync(administrator => mail(administrator, false), except: person.Id, cancel);
    }

    /// <summary>Decrypts the merge values of a message.</summary>
    internal static IReadOnlyDictionary<string, string> Values(this UnitOfWork work, OutboxEntry entry) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(work.Encryption.Unprotect(Purpose, entry.ProtectedPayload)) ?? [];

    /// <summary>Decrypts the text that a message brings along; null if it uses the stored template.</summary>
    internal static TemplateText? Text(this UnitOfWork work, OutboxEntry entry) =>
        entry.ProtectedText is null ? null : JsonSerializer.Deserialize<TemplateText>(work.Encryption.Unprotect(Purpose, entry.ProtectedText));

    /// <summary>
    /// Sends a message that failed or was given up once more, and retries it for another day. One statement, so that two administrators at the same
    /// time send it only once.
    /// </summary>
    /// <returns>False if it did not fail, or is being sent.</returns>
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

    /// <summary>
    /// Deletes messages that were sent long ago, because a row holds the recipient and, encrypted, a link. Messages that were given up stay longer,
    /// for an administrator who was on holiday.
    /// </summary>
    /// <param name="most">The most messages to delete in one call.</param>
    /// <returns>How many messages were deleted.</returns>
    public static async Task<int> DeleteOldMailAsync(this UnitOfWork work, int most, CancellationToken cancel = default)
    {
        var (sent, dead) = (work.Now - SentKept, work.Now - DeadKept);
        var deleted = await work.Query<OutboxEntry>()
            .Where(e => e.State == OutboxState.Sent && e.CreatedAt <= sent)
            .Take(most)
            .ExecuteDeleteAsync(cancel);
        if (deleted == most) return deleted;
        return deleted + await work.Query<OutboxEntry>()
            .Where(e => e.State == OutboxState.Dead && e.CreatedAt <= dead)
            .Take(most - deleted)
            .ExecuteDeleteAsync(cancel);
    }
}

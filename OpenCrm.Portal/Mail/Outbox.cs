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

    /// <summary>The message is written with the unit of work's commit, or not at all; sending starts right after the commit.</summary>
    public static void Queue(this UnitOfWork work, MailDraft mail)
    {
        work.Add(new OutboxEntry
        {
            Id = Guid.CreateVersion7(work.Now),
            TemplateKey = mail.Template.Key,
            RecipientAddress = mail.To.Address,
            RecipientName = mail.To.Name,
            ProtectedPayload = work.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(mail.Values)),
            CreatedAt = work.Now,
            NextAttemptAt = work.Now,
            GiveUpAt = work.Now + Patience,
        });
        work.AfterCommit<OutboxSignal>(signal => signal.Raise());
    }

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
        JsonSerializer.Deserialize<Dictionary<string, string>>(work.Unprotect(Purpose, entry.ProtectedPayload)) ?? [];
}

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>From a row of the outbox to the message, with the template and the settings as they stand now.</summary>
internal sealed class MailComposer(UnitsOfWork units, TemplateRenderer renderer, MailOptions options, IConfiguration configuration)
{
    /// <returns>The message, and why the stored template was not used; null if it was.</returns>
    public async Task<(OutgoingMail Mail, string? TemplateFailed)> ComposeAsync(OutboxEntry entry, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var template = TemplateCatalogue.Find(entry.TemplateKey) ?? throw new InvalidOperationException("There is no such template.");
        var stored = await work.Query<MailTemplate>().SingleOrDefaultAsync(t => t.Key == entry.TemplateKey, cancel);
        var frame = await MailFrame.ReadAsync(work, options, configuration, cancel);
        var (content, failed) = renderer.RenderStored(template, stored, work.Values(entry), entry.RecipientName, frame);
        var mail = new OutgoingMail(
            entry.Id,
            entry.TemplateKey,
            entry.MessageId ?? $"{entry.Id:N}@{frame.FromAddress[(frame.FromAddress.IndexOf('@', StringComparison.Ordinal) + 1)..]}",
            work.Now,
            new(frame.FromAddress, frame.CompanyName),
            new(entry.RecipientAddress, entry.RecipientName),
            content);
        return (mail, failed);
    }
}

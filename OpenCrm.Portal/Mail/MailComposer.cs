using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>Turns a row of the outbox into a message, with the template and the settings as they are now.</summary>
internal sealed class MailComposer(UnitsOfWork units, TemplateRenderer renderer, MailOptions options, PublicAddress address)
{
    public MailBatch NewBatch() => new(options, address);

    /// <returns>The message, and why the edited template failed; null if it did not.</returns>
    public async Task<(OutgoingMail Mail, TemplateFailure? Failed)> ComposeAsync(OutboxEntry entry, MailBatch batch, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var template = TemplateCatalogue.Find(entry.TemplateKey) ?? throw new InvalidOperationException("There is no such template.");
        var language = Languages.Find(entry.Language) ?? Languages.English;
        var (frame, stored) = await batch.ReadAsync(work, entry.TemplateKey, language, cancel);
        var brought = work.Text(entry);
        var edited = brought ?? (stored is null ? null : TemplateText.Of(stored));
        var (content, failed) = renderer.RenderEdited(template, edited, work.Values(entry), entry.RecipientName, frame);
        // Sample data looks real. The subject says that this is a test, so that nobody acts on it.
        if (brought is not null)
        {
            var subject = Languages.In(language, () => Texts.Mail_TestSubject);
            content = content with { Subject = string.Format(language, subject, content.Subject) };
        }
        var mail = new OutgoingMail(
            entry.Id,
            entry.TemplateKey,
            entry.MessageId ?? $"{entry.Id:N}@{frame.MessageIdHost}",
            work.Now,
            new(frame.FromAddress, frame.CompanyName),
            new(entry.RecipientAddress, entry.RecipientName) { Language = language },
            content)
        { HeloName = frame.HeloName, Server = frame.Server };
        return (mail, failed is null ? null : new(failed, brought is null ? stored?.Version : null));
    }
}

/// <summary>Why an edited template could not be used.</summary>
/// <param name="Version">Version of the stored template; null if the text came with the message.</param>
internal sealed record TemplateFailure(string Why, int? Version);

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>Renders a mail as it would go out now, without queueing it.</summary>
public sealed class MailPreview(TemplateRenderer renderer, MailOptions options, PublicAddress address)
{
    /// <summary>Renders the mail with the stored template of the recipient's language.</summary>
    public async Task<RenderedMail> RenderAsync(UnitOfWork work, MailDraft mail, CancellationToken cancel = default)
    {
        var language = mail.To.Language;
        var stored = await work.Query<MailTemplate>()
            .SingleOrDefaultAsync(t => t.Key == mail.Template.Key && t.Language == language.Name, cancel);
        var frame = await MailFrame.ReadAsync(work, options, address, language, cancel);
        return renderer.RenderEdited(mail.Template, stored is null ? null : TemplateText.Of(stored), mail.Values, mail.To.Name, frame).Mail;
    }
}

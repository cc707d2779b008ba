using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The page Settings → Communication Templates → Email Templates: lists every mail that the portal sends (docs/spec.md 6.1).</summary>
public sealed partial class EmailTemplatesPage(TemplateEditor editor, BrowserTime browser, ReaderCulture reader)
{
    /// <summary>The texts of each template, the reader's language first.</summary>
    private IReadOnlyList<IReadOnlyList<StoredTemplate>>? templates;

    private IEnumerable<StoredTemplate> Failed => templates?.SelectMany(texts => texts).Where(text => text.Failure is not null) ?? [];

    protected override async Task OnInitializedAsync()
    {
        var lists = new List<IReadOnlyList<StoredTemplate>>();
        foreach (var language in Languages.All.OrderBy(language => language != reader.Language)) lists.Add(await editor.ListAsync(language));
        templates = [.. TemplateCatalogue.All.Select((_, i) => lists.Select(texts => texts[i]).ToList())];
    }

    /// <summary>The state of a text, with its language where the languages differ.</summary>
    private static string State(StoredTemplate text, bool differ)
    {
        var state = text.Failure is not null ? Texts.EmailTemplates_Error
            : text.IsDefault ? Texts.EmailTemplates_Default
            : Texts.EmailTemplates_Changed;
        return differ ? Phrase.Of(Texts.EmailTemplates_StateIn, text.Language.NativeName, state) : state;
    }

    private static StatusKind Kind(StoredTemplate text) =>
        text.Failure is not null ? StatusKind.Danger : text.IsDefault ? StatusKind.Off : StatusKind.Ok;
}

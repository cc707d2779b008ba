using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The page Settings → Communication Templates → Email Templates: lists every mail that the portal sends (docs/spec.md 6.1).</summary>
public sealed partial class EmailTemplatesPage(TemplateEditor editor, BrowserTime browser)
{
    private IReadOnlyList<StoredTemplate>? templates;

    protected override async Task OnInitializedAsync() => templates = await editor.ListAsync();
}

using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The page Settings → Communication Templates → Email Templates: lists every mail that the portal sends (docs/spec.md 6.1).</summary>
public sealed partial class EmailTemplatesPage
{
    private IReadOnlyList<StoredTemplate>? templates;

    [Inject] private TemplateEditor Editor { get; set; } = null!;

    [Inject] private BrowserTime Browser { get; set; } = null!;

    protected override async Task OnInitializedAsync() => templates = await Editor.ListAsync();
}

using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>Settings → Communication Templates → Email Templates: every mail that the portal sends (spec 6.1).</summary>
public sealed partial class EmailTemplatesPage
{
    private IReadOnlyList<StoredTemplate>? templates;

    [Inject] private TemplateEditor Editor { get; set; } = null!;

    [Inject] private BrowserTime Browser { get; set; } = null!;

    protected override async Task OnInitializedAsync() => templates = await Editor.ListAsync();
}

using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The mail as it would arrive.</summary>
public sealed partial class PreviewPane
{
    // A frame without an address inherits the page's policy. This one is stricter: nothing is loaded, from anywhere.
    private const string Policy =
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        + "form-action 'none'; base-uri 'none'\">";

    private TemplatePreview.Shown? shown;
    private bool isPhone, isDark;

    /// <summary>The preview to show. While the text cannot be rendered, the last mail that could be rendered stays in view.</summary>
    [Parameter] public TemplatePreview? Preview { get; set; }

    [Parameter] public bool ShowText { get; set; }

    protected override void OnParametersSet() => shown = Preview as TemplatePreview.Shown ?? shown;

    /// <summary>Keeps the mail from loading anything, and gives it the chosen colors whatever theme this browser has.</summary>
    private string Inert(string html) => html
        .Replace("<head>", $"<head>{Policy}", StringComparison.Ordinal)
        .Replace("(prefers-color-scheme: dark)", isDark ? "all" : "not all", StringComparison.Ordinal);
}

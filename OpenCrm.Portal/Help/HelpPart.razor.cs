using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Help;

/// <summary>A part of the article: its anchor and its heading.</summary>
public sealed partial class HelpPart
{
    private ElementReference heading;

    [Parameter, EditorRequired] public HelpTopic Topic { get; set; }

    [Parameter, EditorRequired] public string Title { get; set; } = "";

    [Parameter, EditorRequired] public RenderFragment? ChildContent { get; set; }

    /// <summary>Focuses the heading, so that keyboard and screen reader go on here. The browser has already scrolled.</summary>
    public ValueTask FocusAsync() => heading.MoveToAsync(scroll: false);
}

using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Help;

/// <summary>A part of the article: its anchor, its heading, and the picture beside it.</summary>
public sealed partial class HelpPart
{
    private ElementReference heading;

    [Parameter, EditorRequired] public HelpTopic Topic { get; set; }

    [Parameter, EditorRequired] public string Title { get; set; } = "";

    /// <summary>What the part's picture shows, in words; null if there is no picture.</summary>
    [Parameter] public string? Picture { get; set; }

    [Parameter, EditorRequired] public RenderFragment? ChildContent { get; set; }

    /// <summary>Focuses the heading, so that keyboard and screen reader go on here. The browser has already scrolled.</summary>
    public ValueTask FocusAsync() => heading.MoveToAsync(scroll: false);
}

using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>The look of every dialog: a body, and a foot with its buttons.</summary>
public sealed partial class DialogFrame
{
    private ElementReference element;

    /// <summary>The dialog's element, for the script that opens it.</summary>
    public ElementReference Element => element;

    [Parameter] public string? Class { get; set; }

    /// <summary>Other attributes: its id, what names and describes it, and the data attributes that the script reads.</summary>
    [Parameter(CaptureUnmatchedValues = true)] public IReadOnlyDictionary<string, object>? Others { get; set; }

    [Parameter, EditorRequired] public RenderFragment? ChildContent { get; set; }
}

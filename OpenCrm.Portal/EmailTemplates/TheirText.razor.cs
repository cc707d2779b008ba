using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The text that somebody else saved meanwhile, and a button that takes it over.</summary>
public sealed partial class TheirText
{
    [Parameter, EditorRequired] public EditedField Draft { get; set; } = null!;

    /// <summary>What they saved, as it is shown.</summary>
    [Parameter, EditorRequired] public string Text { get; set; } = "";

    [Parameter, EditorRequired] public string By { get; set; } = "";

    [Parameter] public EventCallback OnTaken { get; set; }

    private Task TakeAsync()
    {
        Draft.Discard();
        return OnTaken.InvokeAsync();
    }
}

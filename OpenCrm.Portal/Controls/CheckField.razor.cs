using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>A labelled tick box with its hint.</summary>
public sealed partial class CheckField
{
    private string id = "";

    [Parameter, EditorRequired] public string Label { get; set; } = "";

    [Parameter] public bool Value { get; set; }

    [Parameter] public EventCallback<bool> ValueChanged { get; set; }

    [Parameter] public string? Hint { get; set; }

    [Parameter] public RenderFragment? HintContent { get; set; }

    [Parameter] public string? Id { get; set; }

    [Parameter] public bool Disabled { get; set; }

    [Parameter] public string? Class { get; set; }

    /// <summary>The field's name on its page, if the choice is to outlive the loss of the connection (Shell/DraftKeeper.razor.js).</summary>
    [Parameter] public string? Draft { get; set; }

    /// <summary>Whether the choice is not stored yet. The draft goes when it is.</summary>
    [Parameter] public bool Changed { get; set; }

    private bool HasHint => !string.IsNullOrEmpty(Hint) || HintContent is not null;

    protected override void OnInitialized() => id = Id ?? ElementId.Next("c");

    private Task ChangeAsync(bool value)
    {
        Value = value;
        return ValueChanged.InvokeAsync(value);
    }
}

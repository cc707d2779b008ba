using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>A labelled field whose value is chosen from a list.</summary>
public sealed partial class SelectField
{
    private readonly string id = ElementId.Next("s");

    private bool HasHint => !string.IsNullOrEmpty(Hint) || HintContent is not null;

    private Task ChangeAsync(ChangeEventArgs change)
    {
        Value = change.Value as string;
        return ValueChanged.InvokeAsync(Value);
    }
}

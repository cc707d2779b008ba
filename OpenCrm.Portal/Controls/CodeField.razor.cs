using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// Six digits in one field, large and spaced. Pasted text is not cut: the check of the code ignores spaces, hyphens and invisible characters.
/// </summary>
public sealed partial class CodeField
{
    private Field? field;

    [Parameter, EditorRequired] public string Label { get; set; } = "";

    [Parameter] public string? Value { get; set; }

    [Parameter] public EventCallback<string?> ValueChanged { get; set; }

    [Parameter] public string? Hint { get; set; }

    [Parameter] public string? Error { get; set; }

    [Parameter] public string? Id { get; set; }

    [Parameter] public string? Name { get; set; }

    [Parameter] public bool Required { get; set; }

    [Parameter] public bool Disabled { get; set; }

    /// <summary>Smaller, for popups with other fields beside it.</summary>
    [Parameter] public bool Small { get; set; }

    [Parameter] public bool FocusWhenInteractive { get; set; }

    public async ValueTask FocusAsync()
    {
        if (field is not null) await field.FocusAsync();
    }
}

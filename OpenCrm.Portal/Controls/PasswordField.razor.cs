using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>A password field with a button that shows the characters.</summary>
public sealed partial class PasswordField
{
    private bool shown;
    private Field? field;

    [Parameter, EditorRequired] public string Label { get; set; } = "";

    [Parameter] public string? Value { get; set; }

    [Parameter] public EventCallback<string?> ValueChanged { get; set; }

    /// <summary>The autocomplete attribute: current-password, or new-password where a new one is chosen.</summary>
    [Parameter] public string Autocomplete { get; set; } = "current-password";

    [Parameter] public string? Hint { get; set; }

    [Parameter] public RenderFragment? HintContent { get; set; }

    [Parameter] public string? Error { get; set; }

    [Parameter] public string? Id { get; set; }

    [Parameter] public string? Name { get; set; }

    [Parameter] public int? MaxLength { get; set; }

    [Parameter] public bool Required { get; set; }

    [Parameter] public bool Disabled { get; set; }

    [Parameter] public bool FocusWhenInteractive { get; set; }

    public async ValueTask FocusAsync()
    {
        if (field is not null) await field.FocusAsync();
    }
}

using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Credentials;

/// <summary>The field for the six digits, which a button turns into one for a recovery code and back.</summary>
public sealed partial class SecondFactorField
{
    private Field? letters;
    private CodeField? digits;
    private bool recovery, turned;

    [Parameter, EditorRequired] public string Label { get; set; } = "";

    [Parameter] public string? Value { get; set; }

    [Parameter] public EventCallback<string?> ValueChanged { get; set; }

    /// <summary>The hint below the six digits.</summary>
    [Parameter] public string? Hint { get; set; }

    /// <summary>Smaller, for popups with other fields beside it.</summary>
    [Parameter] public bool Small { get; set; }

    [Parameter] public bool FocusWhenInteractive { get; set; }

    /// <summary>Raised when the field was turned: true for a recovery code.</summary>
    [Parameter] public EventCallback<bool> OnTurned { get; set; }

    public async ValueTask FocusAsync()
    {
        if (recovery && letters is not null) await letters.FocusAsync();
        else if (digits is not null) await digits.FocusAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!turned) return;
        turned = false;
        await FocusAsync();
    }

    private async Task TurnAsync()
    {
        (recovery, turned) = (!recovery, true);
        await ValueChanged.InvokeAsync("");
        await OnTurned.InvokeAsync(recovery);
    }
}

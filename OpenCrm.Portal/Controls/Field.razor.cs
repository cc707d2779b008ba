using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// A labelled text field. A plain input of our own instead of a library's: password managers know it, and it costs a
/// circuit next to nothing. Bound on input, so that Enter submits what stands there.
/// </summary>
public sealed partial class Field
{
    private string id = "";
    private ElementReference input;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    private bool HasError => !string.IsNullOrEmpty(Fault);

    /// <summary>Told while it is typed, and before anything else that is wrong.</summary>
    private string? Fault => MaxLength is { } most && Length > most ? Phrase.Of(Texts.Controls_TooLong, most) : Error;

    /// <summary>As it is stored: spaces around a name are dropped, those of a password are its own.</summary>
    private int Length => Autocomplete.EndsWith("-password", StringComparison.Ordinal) ? Value?.Length ?? 0 : Value.AsSpan().Trim().Length;

    private bool HasHint => !string.IsNullOrEmpty(Hint) || HintContent is not null;

    private string? DescribedBy => (HasHint, HasError) switch
    {
        (true, true) => $"{id}-hint {id}-error",
        (true, false) => $"{id}-hint",
        (false, true) => $"{id}-error",
        _ => null,
    };

    private string CssClass => $"input {(Numeric ? "input--num" : null)} {InputClass}".TrimEnd();

    private string? Mode => InputMode ?? (Numeric ? "numeric" : null);

    private string? Spelling => Prose ? null : "false";

    private string? Capitals => Prose ? null : "none";

    public async ValueTask FocusAsync()
    {
        try
        {
            await input.FocusAsync();
        }
        catch (Exception failed) when (PageGone.Says(failed) || failed is JSException)
        {
            // The field, or the page with it, went before the call arrived: there is nothing to put the caret into.
        }
    }

    protected override void OnInitialized() => id = Id ?? ElementId.Next("f");

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && FocusOnWake)
            await Script.FocusIfFreeAsync(input);
    }

    private Task ChangeAsync(string? value)
    {
        // The values that a waking form reads from the page are mostly those that it wrote.
        if (string.Equals(value ?? "", Value ?? "", StringComparison.Ordinal))
            return Task.CompletedTask;
        Value = value;
        return ValueChanged.InvokeAsync(value);
    }
}

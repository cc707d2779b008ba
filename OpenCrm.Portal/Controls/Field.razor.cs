using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// A labelled text field. It is a plain input instead of a library's: password managers recognise it, and it costs a circuit almost nothing. It is
/// bound on input, so that Enter submits what is in the field.
/// </summary>
public sealed partial class Field(IJSRuntime script)
{
    private string id = "";
    private ElementReference input;

    private bool HasError => !string.IsNullOrEmpty(Fault);

    /// <summary>The error to show. Too long a text is shown while it is typed, and before any other error.</summary>
    private string? Fault => MaxLength is { } most && Length > most ? Phrase.Of(Texts.Controls_TooLong, most) : Error;

    /// <summary>The length as it is stored: spaces around a name are dropped, those of a password belong to it.</summary>
    private int Length => Autocomplete.EndsWith("-password", StringComparison.Ordinal) ? Value?.Length ?? 0 : Value.AsSpan().Trim().Length;

    private bool HasHint => !string.IsNullOrEmpty(Hint) || HintContent is not null;

    private string? DescribedBy => (HasHint, HasError) switch
    {
        (true, true) => $"{id}-hint {id}-error",
        (true, false) => $"{id}-hint",
        (false, true) => $"{id}-error",
        _ => null,
    };

    private string? DraftName =>
        Type == "password" || Autocomplete == "one-time-code" || Autocomplete.EndsWith("-password", StringComparison.Ordinal) ? null : Draft;

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
            // The field or the whole page is gone: there is nothing to focus.
        }
    }

    protected override void OnInitialized() => id = Id ?? ElementId.Next("f");

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && FocusWhenInteractive)
            await script.FocusIfFreeAsync(input);
    }

    private Task ChangeAsync(string? value)
    {
        // When a form becomes interactive it reads the field values from the page. Most of them are the ones that the server rendered.
        if (string.Equals(value ?? "", Value ?? "", StringComparison.Ordinal))
            return Task.CompletedTask;
        Value = value;
        return ValueChanged.InvokeAsync(value);
    }
}

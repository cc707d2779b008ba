using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>"Now saved: 60. You typed: 20. Use 60": the value that somebody else saved, and a button to take it.</summary>
public sealed partial class Contested<T>
{
    [Parameter, EditorRequired] public EditedField<T> Draft { get; set; } = null!;

    [Parameter, EditorRequired] public Func<T, string> Words { get; set; } = null!;

    [Parameter] public EventCallback OnEdited { get; set; }

    private string Theirs => Shown(Draft.Stored);

    private string Mine => Shown(Draft.Typed);

    private string Shown(T value) => Words(value) is { Length: > 0 } words ? words : Texts.Controls_Nothing;

    private Task TakeAsync()
    {
        Draft.Discard();
        return OnEdited.InvokeAsync();
    }
}

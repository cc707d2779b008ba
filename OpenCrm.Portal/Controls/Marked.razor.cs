using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>A text in which *asterisks* mark words: names of buttons, pages and fields as they appear on the screen, or what matters most.</summary>
public sealed partial class Marked
{
    private string[] parts = [];

    [Parameter, EditorRequired] public string Text { get; set; } = "";

    /// <summary>The values for {0}, {1} and so on.</summary>
    [Parameter] public object[] Values { get; set; } = [];

    // Split before the values are filled in, so that an asterisk in a name marks nothing.
    protected override void OnParametersSet() => parts = [.. Text.Split('*').Select(part => Phrase.Of(part, Values))];
}

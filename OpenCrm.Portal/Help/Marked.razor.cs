using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Help;

/// <summary>A text in which *asterisks* mark words that appear on the screen exactly so: names of buttons, pages and fields.</summary>
public sealed partial class Marked
{
    private string[] parts = [];

    [Parameter, EditorRequired] public string Text { get; set; } = "";

    /// <summary>The values for {0}, {1} and so on.</summary>
    [Parameter] public object[] Values { get; set; } = [];

    // Split before the values are filled in, so that an asterisk in a name marks nothing.
    protected override void OnParametersSet() => parts = [.. Text.Split('*').Select(part => Phrase.Of(part, Values))];
}

using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>A person's initials in a circle, beside the name.</summary>
public sealed partial class Avatar
{
    [Parameter, EditorRequired] public string Name { get; set; } = "";

    [Parameter] public bool Large { get; set; }

    /// <summary>The first letters of the first and the last word: whole text elements, so that no letter is cut in two.</summary>
    internal static string Initials(string name)
    {
        var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var letters = words.Length switch
        {
            0 => "",
            1 => StringInfo.GetNextTextElement(words[0]),
            _ => StringInfo.GetNextTextElement(words[0]) + StringInfo.GetNextTextElement(words[^1]),
        };
        return letters.ToUpper(CultureInfo.CurrentCulture);
    }
}

using System.Text;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Benchmarks.Circuits;

/// <summary>One node of the page: an element, a text, a piece of markup, or the place of a component.</summary>
internal sealed partial class PageNode
{
    public PageNode? Parent { get; set; }

    public List<PageNode> Children { get; } = [];

    /// <summary>The element's name; null for what is no element.</summary>
    public string? Tag { get; init; }

    /// <summary>The text, or the HTML of a piece that the server sends as a whole.</summary>
    public string? Text { get; set; }

    public bool IsMarkup { get; init; }

    /// <summary>The component that renders it; events of fields name it.</summary>
    public int Component { get; init; }

    public Dictionary<string, string> Attributes { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The handlers by event, such as "click".</summary>
    public Dictionary<string, ulong> Handlers { get; } = new(StringComparer.Ordinal);

    public bool IsDisabled => Attributes.ContainsKey("disabled");

    public IEnumerable<PageNode> Elements()
    {
        foreach (var child in Children)
        {
            if (child.Tag is not null) yield return child;
            foreach (var below in child.Elements()) yield return below;
        }
    }

    /// <summary>The node itself or the nearest above it for which that holds.</summary>
    public PageNode? Nearest(Func<PageNode, bool> holds)
    {
        for (var node = this; node is not null; node = node.Parent)
            if (holds(node))
                return node;
        return null;
    }

    /// <summary>What a person reads of it, with single spaces.</summary>
    public string Words()
    {
        var words = new StringBuilder();
        Read(words);
        return Blanks().Replace(words.ToString(), " ").Trim();
    }

    private void Read(StringBuilder words)
    {
        if (Text is not null) words.Append(IsMarkup ? System.Net.WebUtility.HtmlDecode(Tags().Replace(Text, " ")) : Text);
        foreach (var child in Children) child.Read(words);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();
}

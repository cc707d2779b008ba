using System.Net;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Finds HTML that a mail does not need: whatever runs, loads, submits, or leads to something other than a page. Mail programs ignore most of it, and
/// the preview's frame has no rights. It is refused all the same, so that no mail program has to be trusted. In doubt it reports too much rather than
/// too little.
/// </summary>
internal static class ActiveHtml
{
    private static readonly HashSet<string> Tags = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "address", "article", "b", "blockquote", "body", "br", "caption", "center", "cite", "code", "col", "colgroup",
        "dd", "del", "div", "dl", "dt", "em",
        "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "i", "img", "ins",
        "kbd", "li", "main", "mark", "ol",
        "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "style", "sub", "sup", "table", "tbody", "td",
        "tfoot", "th", "thead", "time", "title",
        "tr", "tt", "u", "ul", "wbr",
    };

    private static readonly HashSet<string> Addresses = new(StringComparer.OrdinalIgnoreCase) { "href", "src", "background", "cite", "longdesc" };

    /// <summary>Attributes that load or submit something other than the visible address.</summary>
    private static readonly HashSet<string> Refused = new(StringComparer.OrdinalIgnoreCase)
        { "action", "formaction", "ping", "srcset", "srcdoc", "poster", "data", "xmlns", "http-equiv" };

    private static readonly string[] Schemes = ["https", "http", "mailto", "tel", "cid"];

    /// <param name="isAddress">Whether a merge field holds an address of the portal. Any other field may hold <c>javascript:</c>.</param>
    public static IEnumerable<(string What, int Offset)> Find(string html, Func<string, bool> isAddress)
    {
        foreach (var piece in HtmlPiece.Of(html))
        {
            if (piece is HtmlPiece.Unnamed) yield return (Cut(html, piece.Start), piece.End);
            if (piece is not HtmlPiece.StartTag tag) continue;
            if (!Tags.Contains(tag.Name)) yield return ($"<{tag.Name}>", tag.Start);
            foreach (var found in tag.Attributes.Select(attribute => Evaluate(html, tag, attribute, isAddress)).OfType<(string, int)>())
                yield return found;
        }
    }

    private static (string What, int Offset)? Evaluate(string html, HtmlPiece.StartTag tag, HtmlAttribute attribute, Func<string, bool> isAddress)
    {
        var (name, value) = (attribute.Name, attribute.Value);
        if (name.Contains('{', StringComparison.Ordinal)) return (Cut(html, attribute.Start), attribute.Start);
        if (name.StartsWith("on", StringComparison.OrdinalIgnoreCase) || Refused.Contains(name) || name.Contains(':', StringComparison.Ordinal))
            return (name, attribute.Start);
        if (Addresses.Contains(name)
            && !IsHarmless(value, isImage: tag.Name.Equals("img", StringComparison.OrdinalIgnoreCase), isAddress))
        {
            return (Cut(html, attribute.Start), attribute.Start);
        }
        return value.Length > 0 && !attribute.IsQuoted && value.Contains("{{", StringComparison.Ordinal)
            ? (Cut(html, attribute.Start), attribute.Start)
            : null;
    }

    private static bool IsHarmless(string value, bool isImage, Func<string, bool> isAddress)
    {
        // Browsers decode entities and drop control characters and spaces before they look for the scheme.
        var address = string.Concat(WebUtility.HtmlDecode(value).Where(c => !char.IsControl(c) && !char.IsWhiteSpace(c)));
        // Browsers know more spellings of entities than are decoded here. So any entity before the address' path is refused; none is needed there.
        if (value.AsSpan()[..(value.IndexOfAny(['/', '?']) is >= 0 and var path ? path : value.Length)].Contains('&')) return false;
        if (address.StartsWith("{{", StringComparison.Ordinal))
        {
            var field = string.Concat(address.TrimStart('{', '-').TakeWhile(c => char.IsLetterOrDigit(c) || c == '_'));
            return isAddress(field) && address.TrimStart('{', '-')[field.Length..].TrimStart('-').StartsWith("}}", StringComparison.Ordinal);
        }
        if (address.StartsWith("{%", StringComparison.Ordinal)) return false;
        if (isImage && address.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase)
            && !address.StartsWith("data:image/svg", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }
        // An address without a scheme is harmless, unless it begins with a field that could bring one.
        var colon = address.IndexOf(':', StringComparison.Ordinal);
        var first = address.IndexOfAny(['/', '?', '#', '{']);
        if (colon < 0) return first < 0 || address[first] != '{';
        if (first >= 0 && first < colon) return address[first] != '{';
        return Schemes.Contains(address[..colon], StringComparer.OrdinalIgnoreCase);
    }

    private static string Cut(string html, int at)
    {
        var line = html.AsSpan(at, Math.Min(40, html.Length - at));
        var end = line.IndexOfAny('\n', '>');
        return (end < 0 ? line : line[..end]).TrimEnd().ToString();
    }
}

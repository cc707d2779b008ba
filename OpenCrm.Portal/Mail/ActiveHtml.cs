using System.Net;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Finds HTML that a mail has no use for: what runs, loads, submits or leads elsewhere than to a page. Mail programs ignore most of it, and the preview is a frame without
/// rights; here it is refused, so that no reader has to be trusted. Reads tags as browsers do (HTML 13.2.5); where in doubt, it finds.
/// </summary>
internal static class ActiveHtml
{
    private static readonly HashSet<string> Tags = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "address", "article", "b", "blockquote", "body", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em",
        "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "i", "img", "ins", "kbd", "li", "main", "mark", "ol",
        "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "style", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "title",
        "tr", "tt", "u", "ul", "wbr",
    };

    private static readonly HashSet<string> Addresses = new(StringComparer.OrdinalIgnoreCase) { "href", "src", "background", "cite", "longdesc" };

    /// <summary>Load or submit something beside the address that is seen.</summary>
    private static readonly HashSet<string> Refused = new(StringComparer.OrdinalIgnoreCase) { "action", "formaction", "ping", "srcset", "srcdoc", "poster", "data", "xmlns", "http-equiv" };

    private static readonly string[] Schemes = ["https", "http", "mailto", "tel", "cid"];

    /// <param name="isAddress">Whether a merge field holds an address of the portal; any other may hold <c>javascript:</c>.</param>
    public static IEnumerable<(string What, int Offset)> Find(string html, Func<string, bool> isAddress)
    {
        for (var at = html.IndexOf('<', StringComparison.Ordinal); at >= 0 && at + 1 < html.Length; at = html.IndexOf('<', at))
        {
            var start = at;
            if (html.AsSpan(at).StartsWith("<!--", StringComparison.Ordinal)) at = EndOfComment(html, at);
            else if (html[at + 1] is '!' or '?') at = After(html, '>', at);
            else if (html[at + 1] is '/' && at + 2 < html.Length && html[at + 2] is '{') yield return (Cut(html, start), at += 2);
            else if (html[at + 1] is '/') at = After(html, '>', at);
            // A value would be the tag's name.
            else if (html[at + 1] is '{') yield return (Cut(html, start), at += 1);
            else if (!char.IsAsciiLetter(html[at + 1])) at++;
            else
            {
                var name = Name(html, at + 1);
                at += 1 + name.Length;
                if (!Tags.Contains(name)) yield return ($"<{name}>", start);
                foreach (var found in Attributes(html, name, at, isAddress, out at)) yield return found;
            }
        }
    }

    private static List<(string What, int Offset)> Attributes(string html, string tag, int at, Func<string, bool> isAddress, out int end)
    {
        var found = new List<(string, int)>();
        while (at < html.Length && html[at] != '>')
        {
            if (html[at] is '/' || char.IsWhiteSpace(html[at]))
            {
                at++;
                continue;
            }
            // Liquid's own tags put nothing there that is not in the source; a value would.
            if (html.AsSpan(at).StartsWith("{%", StringComparison.Ordinal))
            {
                at = html.IndexOf("%}", at, StringComparison.Ordinal) is > 0 and var close ? close + 2 : html.Length;
                continue;
            }
            var (start, name) = (at, AttributeName(html, at));
            at += name.Length;
            while (at < html.Length && char.IsWhiteSpace(html[at])) at++;
            var value = "";
            if (at < html.Length && html[at] == '=') value = Value(html, at + 1, out at);
            if (name.Contains('{', StringComparison.Ordinal)) found.Add((Cut(html, start), start));
            else if (name.StartsWith("on", StringComparison.OrdinalIgnoreCase) || Refused.Contains(name) || name.Contains(':', StringComparison.Ordinal)) found.Add((name, start));
            else if (Addresses.Contains(name) && !IsHarmless(value, isImage: tag.Equals("img", StringComparison.OrdinalIgnoreCase), isAddress)) found.Add((Cut(html, start), start));
            else if (value.Length > 0 && html[at - 1] is not ('"' or '\'') && value.Contains("{{", StringComparison.Ordinal)) found.Add((Cut(html, start), start));
        }
        end = Math.Min(at + 1, html.Length);
        return found;
    }

    private static bool IsHarmless(string value, bool isImage, Func<string, bool> isAddress)
    {
        // Browsers read entities and drop control characters and spaces before they look for the scheme.
        var address = string.Concat(WebUtility.HtmlDecode(value).Where(c => !char.IsControl(c) && !char.IsWhiteSpace(c)));
        // Not every spelling of an entity is decoded here: none is needed before an address' path.
        if (value.AsSpan()[..(value.IndexOfAny(['/', '?']) is >= 0 and var path ? path : value.Length)].Contains('&')) return false;
        if (address.StartsWith("{{", StringComparison.Ordinal))
        {
            var field = string.Concat(address.TrimStart('{', '-').TakeWhile(c => char.IsLetterOrDigit(c) || c == '_'));
            return isAddress(field) && address.TrimStart('{', '-')[field.Length..].TrimStart('-').StartsWith("}}", StringComparison.Ordinal);
        }
        if (address.StartsWith("{%", StringComparison.Ordinal)) return false;
        if (isImage && address.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) && !address.StartsWith("data:image/svg", StringComparison.OrdinalIgnoreCase)) return true;
        // No scheme, nothing that could become one.
        var colon = address.IndexOf(':', StringComparison.Ordinal);
        var first = address.IndexOfAny(['/', '?', '#', '{']);
        if (colon < 0) return first < 0 || address[first] != '{';
        if (first >= 0 && first < colon) return address[first] != '{';
        return Schemes.Contains(address[..colon], StringComparer.OrdinalIgnoreCase);
    }

    private static string Value(string html, int at, out int end)
    {
        while (at < html.Length && char.IsWhiteSpace(html[at])) at++;
        if (at < html.Length && html[at] is '"' or '\'')
        {
            var close = html.IndexOf(html[at], at + 1);
            end = close < 0 ? html.Length : close + 1;
            return html[(at + 1)..(close < 0 ? html.Length : close)];
        }
        var start = at;
        while (at < html.Length && html[at] != '>' && !char.IsWhiteSpace(html[at])) at++;
        end = at;
        return html[start..at];
    }

    private static string Name(string html, int at)
    {
        var start = at;
        while (at < html.Length && html[at] is not ('>' or '/') && !char.IsWhiteSpace(html[at])) at++;
        return html[start..at];
    }

    private static string AttributeName(string html, int at)
    {
        var start = at++;
        while (at < html.Length && html[at] is not ('>' or '/' or '=') && !char.IsWhiteSpace(html[at])) at++;
        return html[start..at];
    }

    /// <summary><c>&lt;!--&gt;</c> and <c>--!&gt;</c> end a comment too.</summary>
    private static int EndOfComment(string html, int at)
    {
        at += 4;
        if (html.AsSpan(at).StartsWith(">", StringComparison.Ordinal)) return at + 1;
        if (html.AsSpan(at).StartsWith("->", StringComparison.Ordinal)) return at + 2;
        var (end, odd) = (html.IndexOf("-->", at, StringComparison.Ordinal), html.IndexOf("--!>", at, StringComparison.Ordinal));
        if (odd >= 0 && (end < 0 || odd < end)) return odd + 4;
        return end < 0 ? html.Length : end + 3;
    }

    private static int After(string html, char sought, int at) => html.IndexOf(sought, at) is >= 0 and var found ? found + 1 : html.Length;

    private static string Cut(string html, int at)
    {
        var line = html.AsSpan(at, Math.Min(40, html.Length - at));
        var end = line.IndexOfAny('\n', '>');
        return (end < 0 ? line : line[..end]).TrimEnd().ToString();
    }
}

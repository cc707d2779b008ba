namespace OpenCrm.Portal.Mail;

/// <summary>
/// A piece of HTML between two offsets of its source. Tags are read as browsers read them (HTML 13.2.5), in rendered mails and in templates. Liquid
/// tags inside an HTML tag are skipped: they add nothing that is not in the source.
/// </summary>
internal abstract record HtmlPiece(int Start, int End)
{
    /// <summary>The text between tags.</summary>
    public sealed record Text(int Start, int End) : HtmlPiece(Start, End);

    /// <summary>A comment, a doctype or an instruction.</summary>
    public sealed record Unseen(int Start, int End) : HtmlPiece(Start, End);

    /// <summary>A tag whose name would come from a value.</summary>
    public sealed record Unnamed(int Start, int End) : HtmlPiece(Start, End);

    public sealed record EndTag(string Name, int Start, int End) : HtmlPiece(Start, End);

    public sealed record StartTag(string Name, IReadOnlyList<HtmlAttribute> Attributes, int Start, int End) : HtmlPiece(Start, End);

    /// <summary>Elements whose content is text, whatever it looks like, up to their own end tag.</summary>
    private static readonly HashSet<string> OfText = new(StringComparer.OrdinalIgnoreCase)
        { "style", "title", "script", "textarea", "xmp", "iframe", "noembed", "noframes" };

    /// <summary>Splits HTML into its pieces, in order and without gaps.</summary>
    public static IEnumerable<HtmlPiece> Of(string html)
    {
        var (at, text) = (0, 0);
        while ((at = html.IndexOf('<', at)) >= 0 && at + 1 < html.Length)
        {
            if (Next(html, at) is not { } piece)
            {
                at++;
                continue;
            }
            if (at > text) yield return new Text(text, at);
            yield return piece;
            at = text = piece.End;
            // Without this, a comment that a style seems to open would hide the tags behind it.
            if (piece is not StartTag tag || !OfText.Contains(tag.Name)) continue;
            var end = html.IndexOf($"</{tag.Name}", at, StringComparison.OrdinalIgnoreCase);
            at = end < 0 ? html.Length : end;
        }
        if (text < html.Length) yield return new Text(text, html.Length);
    }

    private static HtmlPiece? Next(string html, int at)
    {
        if (html.AsSpan(at).StartsWith("<!--", StringComparison.Ordinal)) return new Unseen(at, EndOfComment(html, at));
        var next = html[at + 1];
        if (next is '!' or '?') return new Unseen(at, After(html, '>', at));
        if (next == '/' && at + 2 < html.Length && html[at + 2] == '{') return new Unnamed(at, at + 2);
        if (next == '/') return new EndTag(NameAt(html, at + 2), at, After(html, '>', at));
        if (next == '{') return new Unnamed(at, at + 1);
        if (!char.IsAsciiLetter(next)) return null;
        var name = NameAt(html, at + 1);
        var attributes = ReadAttributes(html, at + 1 + name.Length, out var end);
        return new StartTag(name, attributes, at, end);
    }

    private static List<HtmlAttribute> ReadAttributes(string html, int at, out int end)
    {
        var found = new List<HtmlAttribute>();
        while (at < html.Length && html[at] != '>')
        {
            if (html[at] is '/' || char.IsWhiteSpace(html[at]))
            {
                at++;
                continue;
            }
            if (html.AsSpan(at).StartsWith("{%", StringComparison.Ordinal))
            {
                at = html.IndexOf("%}", at, StringComparison.Ordinal) is > 0 and var close ? close + 2 : html.Length;
                continue;
            }
            var (start, name) = (at, AttributeName(html, at));
            at += name.Length;
            while (at < html.Length && char.IsWhiteSpace(html[at])) at++;
            var value = new Range(at, at);
            if (at < html.Length && html[at] == '=') value = Value(html, at + 1, out at);
            found.Add(new(name, html[value], start, value.Start.Value, IsQuoted: html[at - 1] is '"' or '\''));
        }
        end = Math.Min(at + 1, html.Length);
        return found;
    }

    private static Range Value(string html, int at, out int end)
    {
        while (at < html.Length && char.IsWhiteSpace(html[at])) at++;
        if (at < html.Length && html[at] is '"' or '\'')
        {
            var close = html.IndexOf(html[at], at + 1);
            end = close < 0 ? html.Length : close + 1;
            return (at + 1)..(close < 0 ? html.Length : close);
        }
        var start = at;
        while (at < html.Length && html[at] != '>' && !char.IsWhiteSpace(html[at])) at++;
        end = at;
        return start..at;
    }

    private static string NameAt(string html, int at)
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

    /// <summary>Finds the end of a comment. For browsers <c>&lt;!--&gt;</c> and <c>--!&gt;</c> end one too.</summary>
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
}

/// <summary>An attribute of a start tag, as it is written.</summary>
/// <param name="ValueStart">Offset of the value, inside its quotes.</param>
internal sealed record HtmlAttribute(string Name, string Value, int Start, int ValueStart, bool IsQuoted);

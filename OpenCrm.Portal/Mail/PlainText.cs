using System.Text;
using AngleSharp.Dom;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Makes the text part of a mail from its HTML, for templates whose text nobody wrote. Each paragraph is one line, because mail programs wrap lines
/// themselves.
/// </summary>
internal sealed class PlainText
{
    private const char NoBreakSpace = '\u00a0';

    /// <summary>Stands for "&gt;" in a comment, which could end there. No text holds it: Unicode keeps it for uses like this.</summary>
    private const char NotedAngle = '\ufdd0';

    private static readonly HashSet<string> Unseen = new(StringComparer.OrdinalIgnoreCase) { "head", "style", "title", "script", "template" };

    /// <summary>Elements with an empty line before and after.</summary>
    private static readonly HashSet<string> Apart = new(StringComparer.OrdinalIgnoreCase)
        { "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "figure", "hr" };

    /// <summary>Elements that begin a line.</summary>
    private static readonly HashSet<string> Lines = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "caption", "center", "dd", "div", "dt", "figcaption", "footer", "header", "li", "main", "section", "tr",
    };

    private readonly StringBuilder _text = new();
    private readonly bool _isTemplate;

    /// <summary>Line breaks at the end of the text so far. None is written at its beginning.</summary>
    private int _breaks = 2;

    /// <summary>Line breaks that come before the next word.</summary>
    private int _wanted;

    private bool _gap, _afterAddress, _verbatim;
    private int _lists;
    private string _bullet = "";

    private PlainText(bool isTemplate) => _isTemplate = isTemplate;

    /// <summary>Makes the text of a rendered body.</summary>
    /// <exception cref="TemplateFailedException">The body is beyond <see cref="HtmlBounds"/>.</exception>
    public static string Of(string html) => Of(html, isTemplate: false);

    /// <summary>
    /// Makes the text of a body that still holds its fields and conditions, for somebody who goes on from there by hand; null if the body may not be
    /// looked into.
    /// </summary>
    public static string? OfTemplate(string source)
    {
        if (ActiveHtml.Find(source, _ => true).Any() || HtmlBounds.Find(source) is not null) return null;
        var html = new StringBuilder();
        foreach (var piece in HtmlPiece.Of(source))
        {
            var text = source[piece.Start..piece.End];
            html.Append(piece is HtmlPiece.Text ? WithNotes(text) : text);
        }
        return Of(html.ToString(), isTemplate: true);
    }

    private static string Of(string html, bool isTemplate)
    {
        using var document = HtmlBounds.Parse(html);
        var plain = new PlainText(isTemplate);
        if (document.Body is { } body) plain.Within(body);
        return plain._text.ToString().Trim();
    }

    /// <summary>
    /// Puts tags with conditions into comments, which a parser leaves where they are, also between the rows of a table. Their dashes go: what they
    /// trim is nothing in HTML, and the end of a line in text.
    /// </summary>
    private static string WithNotes(string text)
    {
        var noted = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf('{', at);
            if (open < 0 || open + 1 >= text.Length) return noted.Append(text.AsSpan(at)).ToString();
            noted.Append(text.AsSpan(at..open));
            var (isCondition, closing) = (text[open + 1] == '%', text[open + 1] == '%' ? "%}" : "}}");
            var end = text[open + 1] is '%' or '{' ? text.IndexOf(closing, open + 2, StringComparison.Ordinal) : -1;
            at = end < 0 ? open + 1 : end + 2;
            var tag = end < 0 ? "" : text[(open + 2)..end].Trim('-', ' ', '\t', '\r', '\n');
            noted.Append(end < 0 ? "{" : isCondition ? $"<!--{{% {tag.Replace('>', NotedAngle)} %}}-->" : $"{{{{ {tag} }}}}");
        }
        return noted.ToString();
    }

    private void Within(INode parent)
    {
        foreach (var node in parent.ChildNodes)
        {
            switch (node)
            {
                case IText text:
                    Write(text.Data);
                    break;
                case IComment comment when _isTemplate && comment.Data.StartsWith("{%", StringComparison.Ordinal):
                    WriteTag(comment.Data);
                    break;
                case IElement element when !Unseen.Contains(element.LocalName):
                    Write(element);
                    break;
            }
        }
    }

    private void Write(IElement element)
    {
        var apart = Apart.Contains(element.LocalName) ? 2 : Lines.Contains(element.LocalName) ? 1 : 0;
        // A list in a list goes on in the next line.
        if (apart == 2 && _lists > 0) apart = 1;
        Want(apart);
        switch (element.LocalName)
        {
            case "br":
                Want(_wanted + 1);
                break;
            case "hr":
                Write("----------");
                break;
            case "img":
                Write(element.GetAttribute("alt") ?? "");
                break;
            case "a" when Address(element) is { } address:
                WriteLink(element, address);
                break;
            case "ul" or "ol":
                _lists++;
                Within(element);
                _lists--;
                break;
            case "li":
                WriteItem(element);
                break;
            case "td" or "th":
                if (element.PreviousElementSibling is { LocalName: "th" } && element.LocalName == "td") WriteColon();
                else _gap = true;
                Within(element);
                break;
            case "pre":
                _verbatim = true;
                Within(element);
                _verbatim = false;
                break;
            default:
                Within(element);
                break;
        }
        Want(apart);
    }

    private void WriteItem(IElement item)
    {
        var mark = item.ParentElement is { LocalName: "ol" } list
            ? $"{list.Children.TakeWhile(other => other != item).Count(other => other.LocalName == "li") + 1}. "
            : "- ";
        _bullet = new string(' ', 2 * Math.Max(_lists - 1, 0)) + mark;
        Within(item);
        _bullet = "";
    }

    /// <summary>
    /// Writes a link as its words and its address, or as the address alone where the words are the same. The address stands by itself: a mail program
    /// that makes it a link must find its end, and a link that works for one person may continue no other.
    /// </summary>
    private void WriteLink(IElement link, string address)
    {
        // The dashes of a field would trim the line's end away.
        if (_isTemplate && !address.Contains("{%", StringComparison.Ordinal)) address = WithNotes(address);
        var words = new PlainText(_isTemplate);
        words.Within(link);
        var label = words._text.ToString().Trim();
        if (label.Length > 0 && !IsSame(label, address))
        {
            Within(link);
            WriteColon();
        }
        _gap = true;
        foreach (var c in address) Put(c);
        _afterAddress = true;
    }

    private static bool IsSame(string label, string address) =>
        address.Equals(label, StringComparison.OrdinalIgnoreCase)
        || address.TrimEnd('/').EndsWith($"://{label.TrimEnd('/')}", StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the address that a reader can use; null if there is none.</summary>
    private static string? Address(IElement link)
    {
        var address = link.GetAttribute("href")?.Trim() ?? "";
        if (address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) address = address["mailto:".Length..];
        else if (address.StartsWith("tel:", StringComparison.OrdinalIgnoreCase)) address = address["tel:".Length..];
        else if (!address.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            && !address.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            && !address.StartsWith("{{", StringComparison.Ordinal))
        {
            return null;
        }
        return address.Length == 0 ? null : address;
    }

    private void WriteColon()
    {
        // The gap behind a word that ends with a colon is enough.
        if (_wanted == 0 && _breaks == 0 && !_text.ToString(_text.Length - 1, 1).Equals(":", StringComparison.Ordinal))
        {
            _afterAddress = false;
            _gap = false;
            Put(':');
        }
        _gap = true;
    }

    private void Write(string words)
    {
        foreach (var c in words)
        {
            if (_verbatim && c == '\n') Want(_wanted + 1);
            else if (c == NoBreakSpace || (_verbatim && c is ' ' or '\t')) Put(' ');
            else if (c is ' ' or '\t' or '\n' or '\r' or '\f') _gap = true;
            else Put(c);
        }
    }

    private void WriteTag(string tag)
    {
        Break();
        if (_gap && _breaks == 0) _text.Append(' ');
        _gap = false;
        // The line breaks before it still count: where a condition does not hold, nothing stands between them and the next word.
        _text.Append(tag.Replace(NotedAngle, '>'));
    }

    private void Put(char c)
    {
        Break();
        if (_breaks > 0)
        {
            _text.Append(_bullet);
            _bullet = "";
        }
        else if (_gap || (_afterAddress && c != ' ')) _text.Append(' ');
        (_gap, _afterAddress, _breaks) = (false, false, 0);
        _text.Append(c);
    }

    private void Break()
    {
        if (_wanted == 0) return;
        for (; _breaks < _wanted; _breaks++) _text.Append('\n');
        (_wanted, _gap, _afterAddress) = (0, false, false);
    }

    /// <summary>Asks for at least so many line breaks; never for more than one empty line.</summary>
    private void Want(int breaks) => _wanted = Math.Max(_wanted, Math.Min(breaks, 2));
}

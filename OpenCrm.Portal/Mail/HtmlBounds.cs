using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Bounds how deep and how large the HTML of a mail may be. Inlining styles and writing a document out cost more than its length tells: each level is
/// walked for each element, by calls within calls, so that one text could end the process.
/// </summary>
internal static class HtmlBounds
{
    /// <summary>Far more than a mail needs: ten tables in one another, each with a section, a row and a cell, are 40 deep.</summary>
    public const int Depth = 100;

    /// <summary>A body of 60,000 characters holds about 7,500 paragraphs of one letter.</summary>
    public const int Elements = 10_000;

    /// <summary>The frame around a body, in levels and in elements.</summary>
    private const int Around = 20;

    /// <summary>
    /// Before a body, so that it is read as one: a comment at its beginning would otherwise stand outside, and without a doctype it follows older
    /// rules.
    /// </summary>
    private const string BodyStart = "<!DOCTYPE html><body>";

    private static readonly HashSet<string> Empty = new(StringComparer.OrdinalIgnoreCase) { "br", "col", "hr", "img", "meta", "wbr" };

    /// <summary>Elements that end without an end tag, and cannot stand in one of their own kind without an element that counts in between.</summary>
    private static readonly HashSet<string> Implied = new(StringComparer.OrdinalIgnoreCase)
        { "p", "li", "dd", "dt", "td", "th", "tr", "tbody", "thead", "tfoot", "caption", "colgroup", "html", "head", "body" };

    /// <summary>Elements that a parser opens again in the next block where the end of another element has closed them.</summary>
    private static readonly HashSet<string> Formatting = new(StringComparer.OrdinalIgnoreCase)
        { "a", "b", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u" };

    /// <summary>Builds the document of a body, or of a mail with its frame.</summary>
    /// <exception cref="TemplateFailedException">It is beyond the bounds.</exception>
    public static IHtmlDocument Parse(string html, bool framed = false)
    {
        var room = framed ? Around : 0;
        if (FindInTags(html, room) is { } early) throw new TemplateFailedException(early.Why);
        var document = new HtmlParser().ParseDocument(framed ? html : BodyStart + html);
        if (FindInDocument(document, room) is not { } excess) return document;
        document.Dispose();
        throw new TemplateFailedException(excess.Why);
    }

    /// <returns>What of a body is beyond the bounds; null if nothing is.</returns>
    public static HtmlExcess? Find(string html)
    {
        if (FindInTags(html, room: 0) is { } early) return early;
        using var document = new HtmlParser().ParseDocument(BodyStart + html);
        return FindInDocument(document, room: 0);
    }

    /// <summary>Estimates from the tags alone, because building the document of what is much too deep takes long as well.</summary>
    private static HtmlExcess? FindInTags(string html, int room)
    {
        List<string> open = [], formatting = [];
        var (elements, isClosed) = (0, false);
        foreach (var piece in HtmlPiece.Of(html))
        {
            switch (piece)
            {
                case HtmlPiece.Text:
                    Reopen();
                    break;
                case HtmlPiece.StartTag tag:
                    elements++;
                    if (Formatting.Contains(tag.Name) || Empty.Contains(tag.Name)) Reopen();
                    else isClosed = true;
                    if (Formatting.Contains(tag.Name)) formatting.Add(tag.Name);
                    else if (!Empty.Contains(tag.Name) && !Implied.Contains(tag.Name)) open.Add(tag.Name);
                    break;
                case HtmlPiece.EndTag tag when Formatting.Contains(tag.Name):
                    if (LastOf(formatting, tag.Name) is { } last) formatting.RemoveAt(last);
                    break;
                case HtmlPiece.EndTag tag:
                    isClosed = true;
                    if (LastOf(open, tag.Name) is { } outer) open.RemoveRange(outer, open.Count - outer);
                    break;
            }
            if (open.Count + formatting.Count > Depth + room) return new(IsDepth: true, piece.Start);
            if (elements > Elements + room) return new(IsDepth: false, piece.Start);
        }
        return null;

        // What another element's beginning or end has closed is opened again at the next word.
        void Reopen()
        {
            if (isClosed) elements += formatting.Count;
            isClosed = false;
        }
    }

    private static int? LastOf(List<string> open, string name) =>
        open.FindLastIndex(other => other.Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var at ? at : null;

    /// <summary>Measures what was built, without calls within calls. A parser reads some tags otherwise than they look.</summary>
    private static HtmlExcess? FindInDocument(IHtmlDocument document, int room)
    {
        var elements = 0;
        Stack<(INodeList Nodes, int Next)> path = new();
        path.Push((document.ChildNodes, 0));
        while (path.TryPop(out var level))
        {
            if (level.Next >= level.Nodes.Length) continue;
            path.Push((level.Nodes, level.Next + 1));
            if (level.Nodes[level.Next] is not IElement element) continue;
            if (++elements > Elements + room) return new(IsDepth: false, null);
            path.Push((element.ChildNodes, 0));
            // The document itself, its root and its body are three levels.
            if (path.Count > Depth + room + 3) return new(IsDepth: true, null);
        }
        return null;
    }
}

/// <param name="IsDepth">Whether it is too deep; otherwise it holds too many elements.</param>
/// <param name="Offset">Where in the source; null if that is not known.</param>
internal sealed record HtmlExcess(bool IsDepth, int? Offset)
{
    public string Why => IsDepth
        ? string.Format(CultureInfo.CurrentCulture, Texts.Mail_HtmlDeep, HtmlBounds.Depth)
        : string.Format(CultureInfo.CurrentCulture, Texts.Mail_HtmlMany, HtmlBounds.Elements);
}

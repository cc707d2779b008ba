using System.Text.RegularExpressions;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html;
using Inliner = PreMailer.Net.PreMailer;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Puts the frame's styles into the tags of a mail that is otherwise complete, because many mail programs read no style sheet. Only the frame's own
/// sheets are read: styles that come with a body stay where they are and as they are, and win. Nothing is ever loaded.
/// </summary>
internal static partial class InlineStyles
{
    /// <summary>Keeps apart a sheet for words (headings, paragraphs, facts) and one for the frame around them.</summary>
    private const string Words = "style.words";

    /// <summary>
    /// Marks a condition of Outlook that stands outside of comments. In a document it is an odd comment, and would be written back as a plain one.
    /// </summary>
    private const string Revealed = "revealed-4d1f";

    /// <param name="html">A mail with its frame.</param>
    /// <exception cref="TemplateFailedException">It is beyond <see cref="HtmlBounds"/>.</exception>
    public static string Of(string html)
    {
        var document = HtmlBounds.Parse(Hidden(html), framed: true);
        using var inliner = new Inliner(document);
        // The library reads no style that an author wrote: it would change what it does not know, and be slow at what is long.
        var own = document.All.Where(element => element.HasAttribute("style"))
            .Select(element => (element, Style: element.GetAttribute("style")))
            .ToList();
        foreach (var (element, _) in own) element.RemoveAttribute("style");
        // A body with a sheet of its own needs the cascade: its rules must win over the frame's words, which they could not once these are inline.
        var ignored = document.Body?.QuerySelector("style") is null ? "link" : $"link, body style, {Words}";
        inliner.MoveCssInline(removeStyleElements: true, ignoreElements: ignored, preserveMediaQueries: true);
        foreach (var (element, style) in own)
            element.SetAttribute("style", element.GetAttribute("style") is { Length: > 0 } framed ? $"{framed};{style}" : style);
        return Shown(document.ToHtml(Escaping.Instance));
    }

    private static string Hidden(string html) =>
        !html.Contains("<![", StringComparison.Ordinal) ? html
        : string.Concat(HtmlPiece.Of(html).Select(piece => (piece, html[piece.Start..piece.End])).Select(found => found switch
        {
            (HtmlPiece.Unseen, ['<', '!', '[', .., ']', '>'] condition) => $"<!--{Revealed}{condition[2..^1]}-->",
            (_, var text) => text,
        }));

    private static string Shown(string html) =>
        html.Contains(Revealed, StringComparison.Ordinal) ? RevealedCondition().Replace(html, "<!$1>") : html;

    [GeneratedRegex($"<!--{Revealed}(.*?)-->", RegexOptions.Singleline)]
    private static partial Regex RevealedCondition();

    /// <summary>Escapes angle brackets in attributes as well: not every mail program reads HTML as a browser does.</summary>
    private sealed class Escaping : HtmlMarkupFormatter
    {
        public static new readonly Escaping Instance = new();

        protected override string Attribute(IAttr attr) =>
            base.Attribute(attr).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
    }
}

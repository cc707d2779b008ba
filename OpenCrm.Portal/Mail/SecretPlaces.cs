using System.Buffers;
using System.Net;
using System.Text;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Checks where a live link stands. It may be the whole address of a link, or text by itself. Anywhere else it could reach somebody else: in an image
/// that a mail program loads unasked, or as part of another address. Templates are checked, and each mail again, because pieces of a template can
/// join to something new there.
/// </summary>
internal static class SecretPlaces
{
    /// <summary>
    /// Characters that, besides letters, may stand right before a live link. After none of them would the link continue another address.
    /// </summary>
    private const string Openers = ":([<\"'«„“‘*–—-!,;";

    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n\f\u00a0");

    /// <summary>
    /// Tags at which a reader sees a gap between the text before and the text behind. At other tags the two may look like one word.
    /// </summary>
    private static readonly HashSet<string> Gaps = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt",
        "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
        "head", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    };

    /// <summary>Returns those of the places at which the secret must not stand.</summary>
    /// <param name="places">Where the secret stands, in order.</param>
    public static IEnumerable<Range> MisplacedInHtml(string html, IReadOnlyList<Range> places)
    {
        if (places.Count == 0) yield break;
        var before = new StringBuilder();
        var (next, inStyle) = (0, false);
        foreach (var piece in HtmlPiece.Of(html))
        {
            var here = new List<Range>();
            for (; next < places.Count && places[next].Start.Value < piece.End; next++) here.Add(places[next]);
            switch (piece)
            {
                case HtmlPiece.Text when inStyle:
                    foreach (var place in here) yield return place;
                    break;
                case HtmlPiece.Text:
                    foreach (var place in Glued(html, piece.Start, piece.End, here, before, WebUtility.HtmlDecode)) yield return place;
                    break;
                case HtmlPiece.StartTag tag:
                    foreach (var place in here.Where(place => !IsAddressOfLink(tag, place))) yield return place;
                    if (Gaps.Contains(tag.Name)) before.Clear();
                    inStyle |= tag.Name.Equals("style", StringComparison.OrdinalIgnoreCase);
                    break;
                case HtmlPiece.EndTag tag:
                    foreach (var place in here) yield return place;
                    if (Gaps.Contains(tag.Name)) before.Clear();
                    inStyle &= !tag.Name.Equals("style", StringComparison.OrdinalIgnoreCase);
                    break;
                default:
                    foreach (var place in here) yield return place;
                    break;
            }
        }
    }

    /// <inheritdoc cref="MisplacedInHtml"/>
    public static IEnumerable<Range> MisplacedInText(string text, IReadOnlyList<Range> places) =>
        Glued(text, 0, text.Length, places, new(), plain => plain);

    /// <summary>
    /// Finds fields in what a mail program loads by itself: images, backgrounds and whatever a style names. Only for templates: in a rendered mail a
    /// value cannot be told from other text.
    /// </summary>
    public static IEnumerable<(string What, int Offset)> LoadedWithField(string html)
    {
        var inStyle = false;
        foreach (var piece in HtmlPiece.Of(html))
        {
            switch (piece)
            {
                case HtmlPiece.Text when inStyle && HoldsLiquid(html.AsSpan(piece.Start..piece.End)):
                    yield return ("<style>", piece.Start);
                    break;
                case HtmlPiece.StartTag tag:
                    inStyle |= tag.Name.Equals("style", StringComparison.OrdinalIgnoreCase);
                    foreach (var loads in tag.Attributes.Where(attribute => IsLoaded(attribute.Name) && HoldsLiquid(attribute.Value)))
                        yield return ($"{tag.Name} {loads.Name}", loads.Start);
                    break;
                case HtmlPiece.EndTag tag:
                    inStyle &= !tag.Name.Equals("style", StringComparison.OrdinalIgnoreCase);
                    break;
            }
        }
    }

    /// <summary>Returns all places at which a text holds the value.</summary>
    public static IReadOnlyList<Range> Of(string text, string value)
    {
        var places = new List<Range>();
        for (var at = 0; value.Length > 0 && (at = text.IndexOf(value, at, StringComparison.Ordinal)) >= 0; at += value.Length)
            places.Add(at..(at + value.Length));
        return places;
    }

    private static bool IsLoaded(string attribute) =>
        attribute.Equals("src", StringComparison.OrdinalIgnoreCase)
        || attribute.Equals("background", StringComparison.OrdinalIgnoreCase)
        || attribute.Equals("style", StringComparison.OrdinalIgnoreCase);

    private static bool HoldsLiquid(ReadOnlySpan<char> text) =>
        text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal);

    private static bool IsAddressOfLink(HtmlPiece.StartTag tag, Range place) =>
        tag.Name.Equals("a", StringComparison.OrdinalIgnoreCase)
        && tag.Attributes.Any(attribute => attribute.IsQuoted && attribute.Name.Equals("href", StringComparison.OrdinalIgnoreCase)
            && place.Equals(attribute.ValueStart..(attribute.ValueStart + attribute.Value.Length)));

    /// <param name="before">The characters right before the text, back to the last gap. On return, those right before the text's end.</param>
    private static IEnumerable<Range> Glued(
        string text, int start, int end, IReadOnlyList<Range> places, StringBuilder before, Func<string, string> read)
    {
        var at = start;
        foreach (var place in places)
        {
            Note(before, read(WithoutTags(text[at..place.Start.Value])));
            if (before.ToString().Any(c => !char.IsLetter(c) && !Openers.Contains(c, StringComparison.Ordinal))) yield return place;
            at = Math.Min(place.End.Value, end);
            // Another secret directly behind this one would be joined to it.
            before.Clear().Append('/');
        }
        Note(before, read(WithoutTags(text[at..end])));
    }

    private static void Note(StringBuilder before, string text)
    {
        var gap = text.AsSpan().LastIndexOfAny(Blanks);
        if (gap >= 0) before.Clear();
        before.Append(text.AsSpan(gap + 1));
    }

    /// <summary>
    /// Removes condition tags, which leave no trace in a mail. Fields stay: a value may be an address, and their braces are not among the
    /// <see cref="Openers"/>.
    /// </summary>
    private static string WithoutTags(string source)
    {
        var kept = new StringBuilder();
        for (var at = 0; at < source.Length;)
        {
            var open = source.IndexOf("{%", at, StringComparison.Ordinal);
            kept.Append(source.AsSpan(at..(open < 0 ? source.Length : open)));
            at = open >= 0 && source.IndexOf("%}", open, StringComparison.Ordinal) is >= 0 and var close ? close + 2 : source.Length;
        }
        return kept.ToString();
    }
}

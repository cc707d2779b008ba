using System.Buffers;
using System.Net;
using System.Text;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Where a live link may stand: as the whole address of a link, or as text by itself. Anywhere else it can leave the mail for somebody else, by an image that a mail program
/// loads unasked or by another address that it is glued to. Asked of templates, and again of each mail: what stands in pieces in a template is whole there.
/// </summary>
internal static class SecretPlaces
{
    /// <summary>May stand right before it. None of them can be the end of an address that goes on.</summary>
    private const string Openers = ":([<\"'«„“‘*–—-!,;";

    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n\f\u00a0");

    /// <summary>Between the text before such a tag and the text behind it a reader sees a gap; between those at any other he may not.</summary>
    private static readonly HashSet<string> Gaps = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
        "head", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    };

    /// <summary>The places of those that stand wrong.</summary>
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
    public static IEnumerable<Range> MisplacedInText(string text, IReadOnlyList<Range> places) => Glued(text, 0, text.Length, places, new(), plain => plain);

    /// <summary>Where a value stands in what a mail program loads by itself: images, backgrounds and whatever a style names. Of a template; in a mail it is a value no more.</summary>
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
                    foreach (var loads in tag.Attributes.Where(attribute => IsLoaded(attribute.Name) && HoldsLiquid(attribute.Value))) yield return ($"{tag.Name} {loads.Name}", loads.Start);
                    break;
                case HtmlPiece.EndTag tag:
                    inStyle &= !tag.Name.Equals("style", StringComparison.OrdinalIgnoreCase);
                    break;
            }
        }
    }

    /// <summary>Where a text holds the value.</summary>
    public static IReadOnlyList<Range> Of(string text, string value)
    {
        var places = new List<Range>();
        for (var at = 0; value.Length > 0 && (at = text.IndexOf(value, at, StringComparison.Ordinal)) >= 0; at += value.Length) places.Add(at..(at + value.Length));
        return places;
    }

    private static bool IsLoaded(string attribute) =>
        attribute.Equals("src", StringComparison.OrdinalIgnoreCase) || attribute.Equals("background", StringComparison.OrdinalIgnoreCase) || attribute.Equals("style", StringComparison.OrdinalIgnoreCase);

    private static bool HoldsLiquid(ReadOnlySpan<char> text) => text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal);

    private static bool IsAddressOfLink(HtmlPiece.StartTag tag, Range place) =>
        tag.Name.Equals("a", StringComparison.OrdinalIgnoreCase)
        && tag.Attributes.Any(attribute => attribute.IsQuoted && attribute.Name.Equals("href", StringComparison.OrdinalIgnoreCase)
            && place.Equals(attribute.ValueStart..(attribute.ValueStart + attribute.Value.Length)));

    /// <param name="before">What stands right before the text, without a gap; left as what stands right before its end.</param>
    private static IEnumerable<Range> Glued(string text, int start, int end, IReadOnlyList<Range> places, StringBuilder before, Func<string, string> read)
    {
        var at = start;
        foreach (var place in places)
        {
            Note(before, read(WithoutTags(text[at..place.Start.Value])));
            if (before.ToString().Any(c => !char.IsLetter(c) && !Openers.Contains(c, StringComparison.Ordinal))) yield return place;
            at = Math.Min(place.End.Value, end);
            // The next one right behind it would be glued to this.
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

    /// <summary>Conditions leave no trace in a mail. Of a value nothing is known but that it may be an address: its braces stay, and they are no <see cref="Openers"/>.</summary>
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

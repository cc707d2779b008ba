using System.Text.Encodings.Web;
using Fluid;
using Fluid.Values;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Checks a template before it is saved (docs/spec.md 6.2). A template that passes shows its required fields and can be rendered, unless a long name
/// makes the mail exceed the limit.
/// </summary>
public sealed class TemplateCheck
{
    /// <summary>Stands in for a link; no template holds it by chance.</summary>
    private const string LinkMark = "https://link.invalid/0b7a9a4c";

    /// <summary>The most faults of one kind that are reported. Nobody reads more, and a text may consist of nothing but faults.</summary>
    private const int Most = 20;

    private readonly MailLiquid _liquid = new();

    /// <returns>The faults, in the order of the editor; empty if there are none.</returns>
    public IReadOnlyList<TemplateFault> Check(TemplateDefinition template, TemplateText text) =>
    [
        .. Check(template, TemplateParts.Subject, text.Subject, TemplateText.SubjectLength),
        .. CheckBodies(template, text),
    ];

    private List<TemplateFault> CheckBodies(TemplateDefinition template, TemplateText text)
    {
        var faults = Check(template, TemplateParts.Html, text.Html, TemplateText.BodyLength);
        if (text.Text is { } written) faults.AddRange(Check(template, TemplateParts.Text, written, TemplateText.BodyLength));
        else if (faults.Count == 0) faults.AddRange(CheckMadeText(template, text.Html));
        return faults;
    }

    /// <summary>Checks the text that is made from the HTML. What is wrong with it is put right in the HTML.</summary>
    private IEnumerable<TemplateFault> CheckMadeText(TemplateDefinition template, string html)
    {
        var texts = WithAndWithout
            .Select(empty => PlainText.Of(_liquid.Render(html, Values(template, empty), HtmlEncoder.Default)))
            .ToList();
        if (texts.Any(string.IsNullOrWhiteSpace)) return [new TemplateFault.Empty(TemplateParts.Text)];
        return template.OwnFields.Where(field => field.Required && texts.Any(text => !text.Contains(LinkMark, StringComparison.Ordinal)))
            .Select(TemplateFault (field) => new TemplateFault.RequiredMissing(TemplateParts.Html, field.Name))
            .Concat(template.Secrets
                .Where(_ => texts.Any(text => SecretPlaces.MisplacedInText(text, SecretPlaces.Of(text, LinkMark)).Any()))
                .Select(name => new TemplateFault.LinkMisplaced(TemplateParts.Html, name, null)));
    }

    private List<TemplateFault> Check(TemplateDefinition template, TemplateParts part, string source, int most)
    {
        // A text that is too long is not even parsed.
        if (source.Length > most) return [new TemplateFault.TooLong(part, source.Length, most)];
        if (string.IsNullOrWhiteSpace(source)) return [new TemplateFault.Empty(part)];
        if (IncomingText.FirstRefused(source, part == TemplateParts.Subject ? TextShape.Line : TextShape.Body) is { } offset)
            return [new TemplateFault.Unprintable(part, TextPlace.Of(source, offset))];
        FieldsUsed used;
        try
        {
            used = FieldsUsed.Of(_liquid.Parse(source));
        }
        catch (TemplateFailedException failed)
        {
            return [new TemplateFault.Syntax(part, failed.Message, failed.At)];
        }
        List<TemplateFault> faults =
        [
            .. used.Fields.Where(name => !IsKnown(template, used, name)).Take(Most)
                .Select(name => new TemplateFault.UnknownField(part, name, PlaceOf(source, name))),
            .. used.Filters.Where(name => !MailLiquid.HasFilter(name)).Take(Most)
                .Select(name => new TemplateFault.UnknownFilter(part, name, PlaceOf(source, name))),
        ];
        var secrets = template.OwnFields.Where(field => field.Required).Select(field => field.Name).ToList();
        if (part == TemplateParts.Subject)
        {
            var shown = secrets.Where(used.Fields.Contains);
            faults.AddRange(shown.Select(name => new TemplateFault.SecretInSubject(name, PlaceOf(source, name))));
        }
        if (faults.Count == 0) faults.AddRange(CheckRendered(template, part, source, secrets));
        if (faults.Count == 0) faults.AddRange(CheckPlaces(template, part, source, used));
        if (faults.Count == 0) faults.AddRange(CheckRenderedPlaces(template, part, source));
        return faults;
    }

    /// <summary>
    /// Finds what would send a value or a live link to somebody else. Checked again when a mail is built, because a stored template may be older than
    /// this rule.
    /// </summary>
    /// <exception cref="TemplateFailedException">A part does not parse.</exception>
    internal IEnumerable<TemplateFault> CheckPlaces(TemplateDefinition template, TemplateText text) =>
        new[] { (TemplateParts.Subject, text.Subject), (TemplateParts.Html, text.Html), (TemplateParts.Text, text.Text ?? "") }
            .SelectMany(part => CheckPlaces(template, part.Item1, part.Item2, FieldsUsed.Of(_liquid.Parse(part.Item2))));

    private static IEnumerable<TemplateFault> CheckPlaces(TemplateDefinition template, TemplateParts part, string source, FieldsUsed used)
    {
        var faults = template.Secrets.Where(name => used.Revealing.Contains(name))
            .Select(name => (TemplateFault)new TemplateFault.LinkMisplaced(part, name, PlaceOf(source, name, shown: false)));
        if (part == TemplateParts.Html)
        {
            var loaded = SecretPlaces.LoadedWithField(source);
            faults = faults.Concat(loaded.Select(found => new TemplateFault.FieldInImage(found.What, TextPlace.Of(source, found.Offset))));
        }
        return faults.Concat(template.Secrets.SelectMany(name => Misplaced(part, source, TagsOf(source, name)).Select(place =>
            new TemplateFault.LinkMisplaced(part, name, TextPlace.Of(source, place.Start.Value))))).Distinct().Take(Most);
    }

    /// <summary>Whether the optional values are empty: a text is rendered once with all of them and once with none.</summary>
    private static readonly bool[] WithAndWithout = [false, true];

    /// <summary>Finds live links that are put together from pieces. Their place in the source is not known.</summary>
    private IEnumerable<TemplateFault> CheckRenderedPlaces(TemplateDefinition template, TemplateParts part, string source) => template.Secrets
        .Where(_ => WithAndWithout
            .Select(empty => _liquid.Render(source, Values(template, empty), part == TemplateParts.Html ? HtmlEncoder.Default : NullEncoder.Default))
            .Any(rendered => Misplaced(part, rendered, SecretPlaces.Of(rendered, LinkMark)).Any()))
        .Select(name => new TemplateFault.LinkMisplaced(part, name, null));

    /// <summary>Returns the places at which a live link must not stand; in a subject, all of them.</summary>
    private static IEnumerable<Range> Misplaced(TemplateParts part, string text, IReadOnlyList<Range> places) => part switch
    {
        TemplateParts.Html => SecretPlaces.MisplacedInHtml(text, places),
        TemplateParts.Text => SecretPlaces.MisplacedInText(text, places),
        _ => places,
    };

    private static List<Range> TagsOf(string source, string field) =>
        [.. MailLiquid.TagsOf(source).Where(tag => Shows(source.AsSpan(tag), field))];

    /// <summary>Whether the tag shows the field as it is.</summary>
    private static bool Shows(ReadOnlySpan<char> tag, string field) =>
        tag.StartsWith("{{", StringComparison.Ordinal) && tag[2..^2].Trim("- \t\r\n").SequenceEqual(field);

    private List<TemplateFault> CheckRendered(TemplateDefinition template, TemplateParts part, string source, IReadOnlyList<string> required)
    {
        var faults = new List<TemplateFault>();
        if (part == TemplateParts.Html)
        {
            faults.AddRange(ActiveHtml.Find(source, IsAddress(template)).Take(Most)
                .Select(found => new TemplateFault.ActiveContent(found.What, TextPlace.Of(source, found.Offset))));
        }
        foreach (var empty in new[] { false, true })
        {
            string rendered;
            try
            {
                rendered = _liquid.Render(source, Values(template, empty), part == TemplateParts.Html ? HtmlEncoder.Default : NullEncoder.Default);
            }
            catch (TemplateFailedException failed)
            {
                return [.. faults, new TemplateFault.Fails(part, failed.Message)];
            }
            if (part == TemplateParts.Subject) continue;
            if (part == TemplateParts.Html && faults.Count == 0 && HtmlBounds.Find(rendered) is { } excess)
                return [.. faults, Beyond(excess, source)];
            // Checked with all optional values and with none: a link that only some people get counts as missing.
            if (!rendered.Contains(LinkMark, StringComparison.Ordinal))
                faults.AddRange(required.Select(name => new TemplateFault.RequiredMissing(part, name)));
            // Pieces in the source may join to active content in the mail.
            if (part == TemplateParts.Html && faults.Count == 0)
                faults.AddRange(ActiveHtml.Find(rendered, _ => true).Take(Most).Select(found => new TemplateFault.ActiveContent(found.What, null)));
            if (faults.Count > 0) break;
        }
        return faults;
    }

    /// <param name="excess">What is beyond the bounds in the rendered HTML, where places mean nothing to whoever edits the source.</param>
    private static TemplateFault Beyond(HtmlExcess excess, string source)
    {
        var place = HtmlBounds.Find(source) is { Offset: { } offset } same && same.IsDepth == excess.IsDepth ? TextPlace.Of(source, offset) : null;
        return excess.IsDepth
            ? new TemplateFault.TooDeep(HtmlBounds.Depth, place)
            : new TemplateFault.TooManyElements(HtmlBounds.Elements, place);
    }

    private static Dictionary<string, FluidValue> Values(TemplateDefinition template, bool empty) => template.Fields.ToDictionary(
        field => field.Name,
        FluidValue (field) => new StringValue(field.Required ? LinkMark
            : empty && template.OwnFields.Contains(field) ? ""
            : field.Kind == MergeFieldKind.Link ? $"https://sample.invalid{field.Sample}"
            : field.Sample));

    private static Func<string, bool> IsAddress(TemplateDefinition template) => name =>
        name == TemplateDefinition.PortalUrl || template.OwnFields.Any(field => field.Name == name && field.Kind == MergeFieldKind.Link);

    /// <summary>Whether the template may use the field. A value is a text, and its size is its only part.</summary>
    private static bool IsKnown(TemplateDefinition template, FieldsUsed used, string name)
    {
        var field = name.EndsWith(".size", StringComparison.Ordinal) ? name[..^5] : name;
        return used.Assigned.Contains(field) || template.Fields.Any(f => f.Name == field);
    }

    /// <summary>Finds where a name first occurs inside a tag, because the parser keeps no places.</summary>
    /// <param name="shown">Whether a tag that only shows the field as it is counts too.</param>
    private static TextPlace? PlaceOf(string source, string name, bool shown = true)
    {
        // An indexer is reported with dots but may be written in brackets. Then the name before it is looked for.
        return Find(name) ?? Find(name.Split('.')[0]);

        TextPlace? Find(string word)
        {
            foreach (var tag in MailLiquid.TagsOf(source))
            {
                if ((shown || !Shows(source.AsSpan(tag), name)) && OffsetIn(source.AsSpan(tag), word) is { } offset)
                    return TextPlace.Of(source, tag.Start.Value + offset);
            }
            return null;
        }
    }

    private static int? OffsetIn(ReadOnlySpan<char> tag, string word)
    {
        for (var from = 0; tag[from..].IndexOf(word, StringComparison.Ordinal) is >= 0 and var found; from += found + 1)
        {
            var (start, end) = (from + found, from + found + word.Length);
            if (!(IsNamePart(tag[start - 1]) || tag[start - 1] == '.') && !IsNamePart(tag[end])) return start;
        }
        return null;
    }

    private static bool IsNamePart(char c) => char.IsLetterOrDigit(c) || c == '_';
}

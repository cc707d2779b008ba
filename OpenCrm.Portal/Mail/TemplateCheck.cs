using System.Text.Encodings.Web;
using Fluid;
using Fluid.Values;

namespace OpenCrm.Portal.Mail;

/// <summary>Judges a template before it is saved (spec 6.2): what passes renders, unless somebody's long name makes it longer than a mail may be, and shows what it must.</summary>
public sealed class TemplateCheck
{
    /// <summary>Stands where a link would; no template holds it by chance.</summary>
    private const string LinkMark = "https://link.invalid/0b7a9a4c";

    /// <summary>Nobody reads more, and a text can be made of nothing but faults.</summary>
    private const int Most = 20;

    private readonly MailLiquid _liquid = new();

    /// <returns>What stands against it, in the order of the editor; empty if nothing does.</returns>
    public IReadOnlyList<TemplateFault> Check(TemplateDefinition template, TemplateText text) =>
    [
        .. Check(template, TemplateParts.Subject, text.Subject, TemplateText.SubjectLength),
        .. Check(template, TemplateParts.Html, text.Html, TemplateText.BodyLength),
        .. Check(template, TemplateParts.Text, text.Text, TemplateText.BodyLength),
    ];

    private List<TemplateFault> Check(TemplateDefinition template, TemplateParts part, string source, int most)
    {
        // Nothing is parsed that is longer than it may be.
        if (source.Length > most) return [new TemplateFault.TooLong(part, source.Length, most)];
        if (string.IsNullOrWhiteSpace(source)) return [new TemplateFault.Empty(part)];
        if (UnprintableIn(part, source) is { } offset) return [new TemplateFault.Unprintable(part, TextPlace.Of(source, offset))];
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
            .. used.Fields.Where(name => !IsKnown(template, used, name)).Take(Most).Select(name => new TemplateFault.UnknownField(part, name, PlaceOf(source, name))),
            .. used.Filters.Where(name => !MailLiquid.HasFilter(name)).Take(Most).Select(name => new TemplateFault.UnknownFilter(part, name, PlaceOf(source, name))),
        ];
        var secrets = template.OwnFields.Where(field => field.Required).Select(field => field.Name).ToList();
        if (part == TemplateParts.Subject) faults.AddRange(secrets.Where(used.Fields.Contains).Select(name => new TemplateFault.SecretInSubject(name, PlaceOf(source, name))));
        if (faults.Count == 0) faults.AddRange(CheckRendered(template, part, source, secrets));
        if (faults.Count == 0) faults.AddRange(CheckPlaces(template, part, source, used));
        if (faults.Count == 0) faults.AddRange(CheckRenderedPlaces(template, part, source));
        return faults;
    }

    /// <summary>What would send a value, or a live link, to somebody else. Asked again when a mail is built: templates of before this rule are stored, and pieces make a whole.</summary>
    /// <exception cref="TemplateFailedException">A part does not parse.</exception>
    internal IEnumerable<TemplateFault> CheckPlaces(TemplateDefinition template, TemplateText text) =>
        new[] { (TemplateParts.Subject, text.Subject), (TemplateParts.Html, text.Html), (TemplateParts.Text, text.Text) }
            .SelectMany(part => CheckPlaces(template, part.Item1, part.Item2, FieldsUsed.Of(_liquid.Parse(part.Item2))));

    private static IEnumerable<TemplateFault> CheckPlaces(TemplateDefinition template, TemplateParts part, string source, FieldsUsed used)
    {
        var faults = template.Secrets.Where(name => used.Judged.Contains(name)).Select(name => (TemplateFault)new TemplateFault.LinkMisplaced(part, name, PlaceOf(source, name, shown: false)));
        if (part == TemplateParts.Html)
            faults = faults.Concat(SecretPlaces.LoadedWithField(source).Select(found => new TemplateFault.FieldInImage(found.What, TextPlace.Of(source, found.Offset))));
        return faults.Concat(template.Secrets.SelectMany(name => Misplaced(part, source, TagsOf(source, name)).Select(place =>
            new TemplateFault.LinkMisplaced(part, name, TextPlace.Of(source, place.Start.Value))))).Distinct().Take(Most);
    }

    /// <summary>What stands in pieces in the source: whose place nobody can tell.</summary>
    private IEnumerable<TemplateFault> CheckRenderedPlaces(TemplateDefinition template, TemplateParts part, string source) => template.Secrets
        .Where(_ => new[] { false, true }
            .Select(empty => _liquid.Render(source, Values(template, empty), part == TemplateParts.Html ? HtmlEncoder.Default : NullEncoder.Default))
            .Any(rendered => Misplaced(part, rendered, SecretPlaces.Of(rendered, LinkMark)).Any()))
        .Select(name => new TemplateFault.LinkMisplaced(part, name, null));

    /// <summary>A subject has no place for one.</summary>
    private static IEnumerable<Range> Misplaced(TemplateParts part, string text, IReadOnlyList<Range> places) => part switch
    {
        TemplateParts.Html => SecretPlaces.MisplacedInHtml(text, places),
        TemplateParts.Text => SecretPlaces.MisplacedInText(text, places),
        _ => places,
    };

    private static List<Range> TagsOf(string source, string field) =>
        [.. MailLiquid.TagsOf(source).Where(tag => Shows(source.AsSpan(tag), field))];

    /// <summary>The tag shows the field as it is.</summary>
    private static bool Shows(ReadOnlySpan<char> tag, string field) => tag.StartsWith("{{", StringComparison.Ordinal) && tag[2..^2].Trim("- \t\r\n").SequenceEqual(field);

    private List<TemplateFault> CheckRendered(TemplateDefinition template, TemplateParts part, string source, IReadOnlyList<string> required)
    {
        var faults = new List<TemplateFault>();
        if (part == TemplateParts.Html)
            faults.AddRange(ActiveHtml.Find(source, IsAddress(template)).Take(Most).Select(found => new TemplateFault.ActiveContent(found.What, TextPlace.Of(source, found.Offset))));
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
            // With every optional value and without any: a link that only some people get is not there.
            if (!rendered.Contains(LinkMark, StringComparison.Ordinal))
                faults.AddRange(required.Select(name => new TemplateFault.RequiredMissing(part, name)));
            // What stands in pieces in the source, and is whole in the mail.
            if (part == TemplateParts.Html && faults.Count == 0)
                faults.AddRange(ActiveHtml.Find(rendered, _ => true).Take(Most).Select(found => new TemplateFault.ActiveContent(found.What, null)));
            if (faults.Count > 0) break;
        }
        return faults;
    }

    private static Dictionary<string, FluidValue> Values(TemplateDefinition template, bool empty) => template.Fields.ToDictionary(
        field => field.Name,
        FluidValue (field) => new StringValue(field.Required ? LinkMark : empty && template.OwnFields.Contains(field) ? "" : field.Kind == MergeFieldKind.Link ? $"https://sample.invalid{field.Sample}" : field.Sample));

    private static Func<string, bool> IsAddress(TemplateDefinition template) => name =>
        name == TemplateDefinition.PortalUrl || template.OwnFields.Any(field => field.Name == name && field.Kind == MergeFieldKind.Link);

    /// <summary>A value is a text and has no parts but its size.</summary>
    private static bool IsKnown(TemplateDefinition template, FieldsUsed used, string name)
    {
        var field = name.EndsWith(".size", StringComparison.Ordinal) ? name[..^5] : name;
        return used.Assigned.Contains(field) || template.Fields.Any(f => f.Name == field);
    }

    private static int? UnprintableIn(TemplateParts part, string source)
    {
        for (var i = 0; i < source.Length; i++)
        {
            var c = source[i];
            if (char.IsHighSurrogate(c) && i + 1 < source.Length && char.IsLowSurrogate(source[i + 1])) i++;
            else if (char.IsSurrogate(c) || (char.IsControl(c) && c is not ('\t' or '\n')) || (part == TemplateParts.Subject && c is '\n' or '\u2028' or '\u2029')) return i;
        }
        return null;
    }

    /// <summary>Where a name first stands inside a tag. The parser keeps no places.</summary>
    /// <param name="shown">Also where it is only shown as it is.</param>
    private static TextPlace? PlaceOf(string source, string name, bool shown = true)
    {
        // An indexer is told in points and may stand in brackets: then the name before it is looked for.
        return Find(name) ?? Find(name.Split('.')[0]);

        TextPlace? Find(string word)
        {
            foreach (var tag in MailLiquid.TagsOf(source))
                if ((shown || !Shows(source.AsSpan(tag), name)) && OffsetIn(source.AsSpan(tag), word) is { } offset) return TextPlace.Of(source, tag.Start.Value + offset);
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

using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Values;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// The subset of Liquid that templates may use. Values are single words and sentences, so there is nothing to loop over. Without loops and captures
/// the length of the template bounds the work; without <c>raw</c> no value reaches HTML unescaped.
/// </summary>
internal sealed partial class MailLiquid
{
    private static readonly HashSet<string> Tags = ["if", "unless", "case", "assign"];

    private static readonly HashSet<string> Filters =
        ["append", "capitalize", "default", "downcase", "lstrip", "prepend", "remove", "rstrip", "size",
         "strip", "truncate", "truncatewords", "upcase"];

    private const int MaxSteps = 10_000;

    /// <summary>In characters. Appending a variable to itself doubles it, so thirty lines would fill the memory.</summary>
    private const int VariableLength = 10_000;

    /// <summary>
    /// Longest rendered text, in characters. A field repeated ten thousand times would fill the memory, the outbox and somebody's mailbox.
    /// </summary>
    internal const int RenderedLength = 500_000;

    /// <summary>The parser calls itself for each level. Without these limits a template could overflow the stack, which ends the process.</summary>
    private const int MaxDepth = 20, TagLength = 1_000;

    /// <summary>
    /// Enough for all defaults and edited templates. Bounded, because the editor's preview parses a new text at each pause in typing.
    /// </summary>
    private const int CacheSize = 256;

    private readonly FluidParser _parser = NewParser();
    private readonly TemplateOptions _options = NewOptions();
    private readonly ConcurrentDictionary<string, IFluidTemplate> _parsed = new(StringComparer.Ordinal);

    /// <exception cref="TemplateFailedException">The source does not parse, uses something that is not allowed, or exceeds a limit.</exception>
    public string Render(string source, IReadOnlyDictionary<string, FluidValue> values, TextEncoder encoder, int longest = RenderedLength)
    {
        var template = Parse(source);
        var context = new TemplateContext(_options);
        foreach (var (name, value) in values) context.SetValue(name, value);
        try
        {
            using var rendered = new BoundedText(longest);
            // Rendering does no I/O, so blocking on it is safe.
            template.RenderAsync(rendered, context, encoder, isolateContext: true).AsTask().GetAwaiter().GetResult();
            return rendered.ToString();
        }
        catch (Exception failed)
            when (failed is FluidException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            throw new TemplateFailedException(failed.Message, failed);
        }
    }

    /// <summary>Whether templates may use a filter of that name.</summary>
    public static bool HasFilter(string name) => Filters.Contains(name);

    /// <summary>Returns the places of the tags in a source that parses.</summary>
    public static IEnumerable<Range> TagsOf(string source)
    {
        for (var start = 0; (start = NextTag(source, start)) >= 0;)
        {
            var end = EndOfTag(source, start);
            yield return start..end;
            start = end;
        }
    }

    public IFluidTemplate Parse(string source)
    {
        if (_parsed.TryGetValue(source, out var known)) return known;
        Measure(source);
        if (!_parser.TryParse(source, out var parsed, out var error)) throw Unparsed(error);
        if (_parsed.Count >= CacheSize) _parsed.Clear();
        return _parsed[source] = parsed;
    }

    /// <summary>
    /// Takes the place out of the parser's message, which is English for every reader. Further lines of the message repeat the source and are
    /// dropped.
    /// </summary>
    private static TemplateFailedException Unparsed(string error)
    {
        var line = error.AsSpan()[..(error.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? end : error.Length)].TrimEnd().ToString();
        var place = PlaceInError().Match(line);
        if (!place.Success) return new(Words(Texts.Mail_LiquidParser, line));
        var at = new TextPlace(
            int.Parse(place.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            int.Parse(place.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
        return new(Words(Texts.Mail_LiquidParser, $"{line[..place.Index]}.")) { At = at };
    }

    [GeneratedRegex(@" at \(([0-9]{1,9}):([0-9]{1,9})\)$")]
    private static partial Regex PlaceInError();

    private static void Measure(string source)
    {
        var depth = 0;
        foreach (var tag in TagsOf(source))
        {
            var word = source.AsSpan(tag).TrimStart("{%- \t\r\n");
            if (source[tag.Start.Value + 1] == '%') depth += Step(word);
            if (depth > MaxDepth) throw Failed(source, tag.Start.Value, Words(Texts.Mail_LiquidDeep, MaxDepth));
        }
    }

    private static TemplateFailedException Failed(string source, int offset, string why) => new(why) { At = TextPlace.Of(source, offset) };

    private static int NextTag(string source, int from)
    {
        for (var i = source.IndexOf('{', from); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
            if (source[i + 1] is '{' or '%') return i;
        return -1;
    }

    /// <summary>
    /// Finds the end of a tag. It must be where the parser sees it: otherwise quotes could hide tags from the limits on depth and length. So a tag
    /// with a backslash, or with closing braces in quotes, is refused. Such text can stand outside of tags.
    /// </summary>
    private static int EndOfTag(string source, int start)
    {
        char? quote = null;
        for (var i = start + 2; i < source.Length; i++)
        {
            if (i - start > TagLength) throw Failed(source, start, Words(Texts.Mail_LiquidTagLong, TagLength));
            var (c, next) = (source[i], i + 1 < source.Length ? source[i + 1] : default);
            if (c == '\\') throw Failed(source, start, Texts.Mail_LiquidBackslash);
            if ((c is '}' or '%') && next == '}') return quote is null ? i + 2 : throw Failed(source, start, Texts.Mail_LiquidBraces);
            if (quote is null && (c is '"' or '\'')) quote = c;
            else if (c == quote) quote = null;
        }
        throw Failed(source, start, Texts.Mail_LiquidOpen);
    }

    private static int Step(ReadOnlySpan<char> word) =>
        word.StartsWith("end", StringComparison.Ordinal) ? -1
        : word.StartsWith("if", StringComparison.Ordinal)
            || word.StartsWith("unless", StringComparison.Ordinal)
            || word.StartsWith("case", StringComparison.Ordinal) ? 1
        : 0;

    private static FluidParser NewParser()
    {
        var parser = new FluidParser(new FluidParserOptions { AllowLiquidTag = false });
        foreach (var tag in parser.RegisteredTags.Keys.Where(tag => !Tags.Contains(tag)).ToList()) parser.RegisteredTags.Remove(tag);
        return parser;
    }

    private static string Words(string text, params ReadOnlySpan<object?> values) => string.Format(CultureInfo.CurrentCulture, text, values);

    private static ValueTask<FluidValue> Joined(FluidValue first, FluidValue second)
    {
        var text = first.ToStringValue() + second.ToStringValue();
        return text.Length <= VariableLength
            ? new StringValue(text)
            : throw new TemplateFailedException(Words(Texts.Mail_LiquidValueLong, VariableLength));
    }

    private static TemplateOptions NewOptions()
    {
        var options = new TemplateOptions
        {
            StrictVariables = true,
            StrictFilters = true,
            MaxSteps = MaxSteps,
            CultureInfo = CultureInfo.InvariantCulture,
            Assigned = (name, value, _) => value.ToStringValue().Length <= VariableLength
                ? ValueTask.FromResult(value)
                : throw new TemplateFailedException(Words(Texts.Mail_LiquidVariableLong, name, VariableLength)),
        };
        // A chain of these filters can let a value grow within one statement, where no other limit applies.
        options.Filters.AddFilter("append", (input, arguments, _) => Joined(input, arguments.At(0)));
        options.Filters.AddFilter("prepend", (input, arguments, _) => Joined(arguments.At(0), input));
        foreach (var (name, _) in options.Filters.Where(filter => !Filters.Contains(filter.Key)).ToList()) options.Filters.Remove(name);
        return options;
    }
}

/// <summary>
/// A template cannot be rendered. The message says why, in the language of whoever edits it and in English where a mail is built; it holds no merge
/// value.
/// </summary>
public sealed class TemplateFailedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The place of the fault; null where it is not known.</summary>
    public TextPlace? At { get; init; }
}

/// <summary>A place in a text. Line and column count from 1.</summary>
public sealed record TextPlace(int Line, int Column)
{
    public static TextPlace Of(string text, int offset)
    {
        var before = text.AsSpan(0, offset);
        return new(before.Count('\n') + 1, offset - before.LastIndexOf('\n'));
    }
}

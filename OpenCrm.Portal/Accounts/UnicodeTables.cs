using System.Globalization;
using System.Reflection;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>What .NET does not know about characters: their scripts, which are never drawn, and those that case folding makes longer. The file says where it is from.</summary>
internal static class UnicodeTables
{
    private static readonly Lazy<Tables> Read = new(Load);

    /// <summary>The scripts that a letter, mark or number is written in; none for one that goes with any.</summary>
    public static string[] Scripts(Rune rune) => Find(Read.Value.Scripts, rune) is { } span ? span.Names : Unknown;

    /// <summary>Nothing is drawn for it (Default_Ignorable_Code_Point): also letters and marks are among these.</summary>
    public static bool IsInvisible(Rune rune) => Find(Read.Value.Invisible, rune) is not null;

    /// <summary>What a character folds to that becomes several; null for all others.</summary>
    public static string? Fold(Rune rune) => Read.Value.Folds.GetValueOrDefault(rune.Value);

    /// <summary>A character of a newer standard than the table: alike with nothing but itself.</summary>
    private static readonly string[] Unknown = ["Zzzz"];

    private static Span? Find(Span[] spans, Rune rune)
    {
        var (low, high) = (0, spans.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (rune.Value < spans[middle].First) high = middle - 1;
            else if (rune.Value > spans[middle].Last) low = middle + 1;
            else return spans[middle];
        }
        return null;
    }

    private static Tables Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("unicode-tables.txt")
            ?? throw new InvalidOperationException("The tables of Unicode are missing from the build.");
        using var reader = new StreamReader(stream);
        List<Span> scripts = [], invisible = [];
        Dictionary<int, string> folds = [];
        var section = "";
        while (reader.ReadLine() is { } line)
        {
            if (line is "" or ['#', ..]) continue;
            if (line[0] == '[')
            {
                section = line;
                continue;
            }
            var words = line.Split(' ');
            switch (section)
            {
                case "[scripts]":
                    scripts.Add(Span.Of(words[0], words is [_, "*"] ? [] : words[1..]));
                    break;
                case "[invisible]":
                    invisible.Add(Span.Of(words[0], []));
                    break;
                case "[folds]":
                    folds[Point(words[0])] = string.Concat(words[1..].Select(point => new Rune(Point(point)).ToString()));
                    break;
            }
        }
        return new([.. scripts], [.. invisible], folds);
    }

    private static int Point(string hex) => int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed record Tables(Span[] Scripts, Span[] Invisible, Dictionary<int, string> Folds);

    private sealed record Span(int First, int Last, string[] Names)
    {
        public static Span Of(string range, string[] names) => range.Split('-') is [var first, var last] ? new(Point(first), Point(last), names) : new(Point(range), Point(range), names);
    }
}

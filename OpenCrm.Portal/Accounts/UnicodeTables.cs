using System.Globalization;
using System.Reflection;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>
/// What .NET does not know about characters: their scripts, which of them are never drawn, and which become longer by case folding. The embedded file
/// unicode-tables.txt names its source.
/// </summary>
internal static class UnicodeTables
{
    private static readonly Lazy<Tables> Read = new(Load);

    /// <summary>Returns the scripts in which a letter, mark or number is used; empty for a character that goes with any script.</summary>
    public static string[] Scripts(Rune rune) => Find(Read.Value.Scripts, rune) is { } span ? span.Names : Unknown;

    /// <summary>Whether nothing is drawn for the character (Default_Ignorable_Code_Point). That holds for some letters and marks too.</summary>
    public static bool IsInvisible(Rune rune) => Find(Read.Value.Invisible, rune) is not null;

    /// <summary>Returns the several characters that this one folds to; null if it folds to a single one or to itself.</summary>
    public static string? Fold(Rune rune) => Read.Value.Folds.GetValueOrDefault(rune.Value);

    /// <summary>The script of a character that is newer than the table: it matches no known script.</summary>
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
        public static Span Of(string range, string[] names) =>
            range.Split('-') is [var first, var last] ? new(Point(first), Point(last), names) : new(Point(range), Point(range), names);
    }
}

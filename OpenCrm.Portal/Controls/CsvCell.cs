using System.Buffers;

namespace OpenCrm.Portal.Controls;

/// <summary>Writes the cells of a CSV file.</summary>
public static class CsvCell
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n\t;");

    /// <summary>
    /// Writes one cell. A spreadsheet executes a cell that starts like a formula; a leading apostrophe makes it text (docs/spec.md 5.1).
    /// </summary>
    public static string Of(string text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;
        return safe.AsSpan().ContainsAny(Special) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    /// <summary>Reads a cell: takes back the apostrophe that <see cref="Of"/> sets before what looks like a formula.</summary>
    public static string Read(string cell) => cell is ['\'', '=' or '+' or '-' or '@' or '\t' or '\r', ..] ? cell[1..] : cell;

    /// <summary>Writes one line of cells, with its line end.</summary>
    public static string Line(params IEnumerable<string> cells) => string.Join(',', cells.Select(Of)) + "\r\n";
}

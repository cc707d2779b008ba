using System.Buffers;

namespace OpenCrm.Portal.Controls;

/// <summary>The cells of a CSV file.</summary>
public static class CsvCell
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n\t;");

    /// <summary>A spreadsheet runs a cell that starts like a formula; the apostrophe makes it text (spec 5.1).</summary>
    public static string Of(string text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;
        return safe.AsSpan().ContainsAny(Special) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    /// <summary>One line of them, its end included.</summary>
    public static string Line(params IEnumerable<string> cells) => string.Join(',', cells.Select(Of)) + "\r\n";
}

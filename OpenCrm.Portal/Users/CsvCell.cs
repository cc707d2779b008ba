using System.Buffers;

namespace OpenCrm.Portal.Users;

/// <summary>One cell of a CSV file.</summary>
internal static class CsvCell
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n\t;");

    /// <summary>A spreadsheet runs a cell that starts like a formula; the apostrophe makes it text (spec 5.1).</summary>
    public static string Of(string text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;
        return safe.AsSpan().ContainsAny(Special) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}

using System.Text;
using System.Text.Unicode;
using CsvHelper;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users.Import;

/// <summary>A row of a file, as it is written there, without spaces around its values.</summary>
/// <param name="Number">The line of the file in which it begins.</param>
internal sealed record ImportLine(int Number, string Username, string Name, string Email, bool HasTooManyFields)
{
    /// <summary>How much of a value is kept to be shown: more than any valid one has.</summary>
    public const int ShownLength = 300;
}

/// <summary>Why a file cannot be imported at all: a closed set.</summary>
public abstract record FileFault
{
    private FileFault() { }

    public sealed record TooLarge : FileFault;

    public sealed record TooManyRows : FileFault;

    public sealed record NoRows : FileFault;

    /// <summary>The first line lacks these headings.</summary>
    public sealed record ColumnsMissing(IReadOnlyList<ImportColumn> Columns) : FileFault;

    /// <summary>A quotation mark is never closed, so that the rest of the file would be one value.</summary>
    public sealed record QuoteOpen(long Line) : FileFault;

    /// <summary>The file is no CSV.</summary>
    public sealed record NotCsv : FileFault;
}

/// <summary>The columns that an import reads.</summary>
public enum ImportColumn
{
    Username,
    Name,
    Email,
}

/// <summary>
/// Reads a CSV file of people: separated by commas, semicolons or tabs, with or without a byte order mark, as spreadsheets write it. The file is in
/// memory, which its limit bounds; the rows are read one by one.
/// </summary>
internal sealed class ImportFile : IAsyncDisposable
{
    /// <summary>A hundred thousand people with long names and addresses. One upload must not fill the memory of a node.</summary>
    public const int MostBytes = 10 * 1024 * 1024;

    public const int MostRows = 100_000;

    private const int MostColumns = 1_000;

    /// <summary>In English and German, as <see cref="Key"/> writes them. The headings of the portal's own export are among them.</summary>
    private static readonly Dictionary<string, ImportColumn> Headings = new(StringComparer.Ordinal)
    {
        ["USERNAME"] = ImportColumn.Username,
        ["USER"] = ImportColumn.Username,
        ["LOGIN"] = ImportColumn.Username,
        ["BENUTZERNAME"] = ImportColumn.Username,
        ["BENUTZER"] = ImportColumn.Username,
        ["ANMELDENAME"] = ImportColumn.Username,
        ["NAME"] = ImportColumn.Name,
        ["FULLNAME"] = ImportColumn.Name,
        ["DISPLAYNAME"] = ImportColumn.Name,
        ["VOLLSTÄNDIGERNAME"] = ImportColumn.Name,
        ["ANZEIGENAME"] = ImportColumn.Name,
        ["EMAIL"] = ImportColumn.Email,
        ["MAIL"] = ImportColumn.Email,
        ["EMAILADDRESS"] = ImportColumn.Email,
        ["EMAILADRESSE"] = ImportColumn.Email,
    };

    private readonly CsvReader _csv;
    private readonly Dictionary<ImportColumn, int> _columns = [];
    private long? _openQuote;

    private ImportFile(byte[] bytes)
    {
        ReadAsWindows = !IsUnicode(bytes);
        _csv = CsvReader.Create(bytes, new CsvReaderOptions
        {
            Encoding = ReadAsWindows ? CodePagesEncodingProvider.Instance.GetEncoding(1252) : null,
            DetectSeparatorHint = true,
            TrackLineNumbers = true,
            OnMalformedRecord = record =>
            {
                if (record.Reason == CsvMalformedReason.UnterminatedQuote) _openQuote ??= record.LineNumber;
            },
        });
    }

    public bool ReadAsWindows { get; }

    /// <summary>The headings that mean nothing here.</summary>
    public IReadOnlyList<string> Ignored { get; private set; } = [];

    /// <summary>Reads the headings.</summary>
    public static async Task<(ImportFile? File, FileFault? Fault)> OpenAsync(byte[] bytes, CancellationToken cancel)
    {
        // A first line of a million commas would cost a hundred times the file.
        var end = bytes.AsSpan().IndexOfAny((byte)'\n', (byte)'\r');
        if (bytes.AsSpan(0, end < 0 ? bytes.Length : end).CountAny(",;\t"u8) > MostColumns) return (null, new FileFault.NotCsv());
        var file = new ImportFile(bytes);
        if (await file.ReadHeadingsAsync(cancel) is not { } fault) return (file, null);
        await file.DisposeAsync();
        return (null, fault);
    }

    /// <summary>Reads the next rows; fewer than asked for at the end of the file.</summary>
    public async Task<(IReadOnlyList<ImportLine> Lines, FileFault? Fault)> ReadAsync(int most, CancellationToken cancel)
    {
        List<ImportLine> lines = [];
        try
        {
            while (lines.Count < most && await _csv.ReadAsync(cancel))
                if (!IsBlank()) lines.Add(Line());
        }
        catch (CsvFormatException)
        {
            return ([], new FileFault.NotCsv());
        }
        return _openQuote is { } line ? ([], new FileFault.QuoteOpen(line)) : (lines, null);
    }

    public ValueTask DisposeAsync() => _csv.DisposeAsync();

    /// <summary>Whether the bytes are Unicode. Letters of an older encoding are never valid UTF-8 beside ASCII.</summary>
    private static bool IsUnicode(byte[] bytes) => bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || Utf8.IsValid(bytes);

    /// <summary>The form in which headings are compared: letters alone, so that case, spaces and hyphens do not matter.</summary>
    private static string Key(string heading) => string.Concat(heading.Where(char.IsLetter)).ToUpperInvariant();

    private async Task<FileFault?> ReadHeadingsAsync(CancellationToken cancel)
    {
        try
        {
            await _csv.ReadHeaderAsync(cancel);
        }
        catch (CsvFormatException)
        {
            return new FileFault.NotCsv();
        }
        List<string> ignored = [];
        var at = 0;
        foreach (var heading in _csv.Headers)
        {
            // Of two columns of one meaning the first counts.
            if (!Headings.TryGetValue(Key(heading), out var column) || !_columns.TryAdd(column, at)) ignored.Add(heading);
            at++;
        }
        Ignored = [.. ignored.Select(heading => IncomingText.Cleaned(heading, 60)).Where(heading => heading.Length > 0)];
        var missing = Enum.GetValues<ImportColumn>().Where(column => !_columns.ContainsKey(column)).ToList();
        return missing.Count > 0 ? new FileFault.ColumnsMissing(missing) : null;
    }

    private ImportLine Line() => new(
        (int)_csv.LineNumber, Value(ImportColumn.Username), Value(ImportColumn.Name), Value(ImportColumn.Email), HasMoreThanHeadings());

    private string Value(ImportColumn column) => CsvCell.Read(_csv.GetString(_columns[column])).Trim();

    /// <summary>Whether the row is nothing but separators, as a spreadsheet writes rows that were emptied.</summary>
    private bool IsBlank()
    {
        for (var i = 0; i < _csv.FieldCount; i++)
            if (!string.IsNullOrWhiteSpace(_csv.GetString(i))) return false;
        return true;
    }

    private bool HasMoreThanHeadings()
    {
        for (var i = _csv.Headers.Count; i < _csv.FieldCount; i++)
            if (!string.IsNullOrWhiteSpace(_csv.GetString(i))) return true;
        return false;
    }
}

using System.Text;
using OpenCrm.Portal.Users.Import;

namespace OpenCrm.Portal.Tests.Users.Import;

/// <summary>The forms in which spreadsheets and people write a CSV file.</summary>
public sealed class ImportFileTests
{
    private static readonly Encoding Windows = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    public static TheoryData<string, byte[], bool> Forms => new()
    {
        { "commas", Utf8("Username,Name,Email\nbob,Bob Ray,bob@example.test\nzoe,Zoë Groß,zoe@example.test\n"), false },
        { "no line end at the end", Utf8("Username,Name,Email\nbob,Bob Ray,bob@example.test\nzoe,Zoë Groß,zoe@example.test"), false },
        { "semicolons and CRLF", Utf8("Username;Name;Email\r\nbob;Bob Ray;bob@example.test\r\nzoe;Zoë Groß;zoe@example.test\r\n"), false },
        { "tabs", Utf8("Username\tName\tEmail\nbob\tBob Ray\tbob@example.test\nzoe\tZoë Groß\tzoe@example.test\n"), false },
        {
            "CSV UTF-8 of Excel",
            Utf8("\uFEFFUsername;Name;Email\r\nbob;Bob Ray;bob@example.test\r\nzoe;Zoë Groß;zoe@example.test\r\n;;\r\n"), false
        },
        {
            "quotes",
            Utf8("\"Username\",\"Name\",\"Email\"\r\n\"bob\",\"Bob Ray\",\"bob@example.test\"\r\nzoe,\"Zoë Groß\",zoe@example.test\r\n"), false
        },
        {
            "German headings, case, spaces, other columns and another order",
            Utf8("E-Mail-Adresse;Abteilung;BENUTZER NAME;  name \r\nbob@example.test;IT;bob; Bob Ray \r\nzoe@example.test;;zoe;Zoë Groß\r\n"), false
        },
        { "the hint of Excel", Utf8("sep=;\r\nUsername;Name;Email\r\nbob;Bob Ray;bob@example.test\r\nzoe;Zoë Groß;zoe@example.test\r\n"), false },
        { "Windows-1252", Windows.GetBytes("Benutzername;Name;E-Mail\r\nbob;Bob Ray;bob@example.test\r\nzoe;Zoë Groß;zoe@example.test\r\n"), true },
        {
            "UTF-16",
            [.. Encoding.Unicode.GetPreamble(),
                .. Encoding.Unicode.GetBytes("Username\tName\tEmail\r\nbob\tBob Ray\tbob@example.test\r\nzoe\tZoë Groß\tzoe@example.test\r\n")],
            false
        },
    };

    [Theory, MemberData(nameof(Forms))]
    public async Task The_same_people_are_read_from_every_form(string form, byte[] bytes, bool windows)
    {
        var (file, fault) = await ImportFile.OpenAsync(bytes, CancellationToken.None);
        Assert.True(file is not null, $"{form}: {fault}");
        await using (file)
        {
            var (lines, wrong) = await file.ReadAsync(10, CancellationToken.None);
            Assert.Null(wrong);
            Assert.Equal(
                [("bob", "Bob Ray", "bob@example.test", false), ("zoe", "Zoë Groß", "zoe@example.test", false)],
                lines.Select(line => (line.Username, line.Name, line.Email, line.HasTooManyFields)));
            Assert.Equal(windows, file.ReadAsWindows);
            Assert.Equal(lines[0].Number + 1, lines[1].Number);
        }
    }

    [Fact]
    public async Task A_value_keeps_its_separators_and_loses_only_the_apostrophe_of_the_portals_own_export()
    {
        var lines = await LinesAsync(
            "Username,Name,Email,Unit\n'-bob,\"Ray, \"\"Bob\"\"\",bob@example.test,IT\nzoe,Groß, Zoë,zoe@example.test,x,y\n");

        Assert.Equal(("-bob", "Ray, \"Bob\"", false), (lines[0].Username, lines[0].Name, lines[0].HasTooManyFields));
        Assert.True(lines[1].HasTooManyFields);
    }

    [Fact]
    public async Task A_file_that_cannot_be_imported_says_why()
    {
        var missing = Assert.IsType<FileFault.ColumnsMissing>((await ImportFile.OpenAsync(Utf8("Username,Nickname\nbob,b\n"), default)).Fault);
        Assert.Equal([ImportColumn.Name, ImportColumn.Email], missing.Columns);
        Assert.IsType<FileFault.ColumnsMissing>((await ImportFile.OpenAsync([], default)).Fault);
        var open = Utf8("Username,Name,Email\nann,Ann,ann@example.test\nbob,\"Bob,bob@example.test\nzoe,Zoë,z@z.test\n");
        var (file, _) = await ImportFile.OpenAsync(open, default);
        await using (file)
            Assert.Equal(3, Assert.IsType<FileFault.QuoteOpen>((await file!.ReadAsync(10, default)).Fault).Line);
    }

    private static async Task<IReadOnlyList<ImportLine>> LinesAsync(string text)
    {
        var (file, _) = await ImportFile.OpenAsync(Utf8(text), CancellationToken.None);
        await using (file) return (await file!.ReadAsync(10, CancellationToken.None)).Lines;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}

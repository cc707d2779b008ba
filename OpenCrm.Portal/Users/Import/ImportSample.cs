using System.Globalization;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users.Import;

/// <summary>A file as an import expects it, in the language of whoever downloads it.</summary>
public sealed class ImportSample(UnitsOfWork units)
{
    /// <exception cref="Accounts.AccessRefusedException">The session is not a system administrator's.</exception>
    public async Task WriteAsync(Guid sessionId, Func<TextWriter> open, CancellationToken cancel)
    {
        await using (var work = await units.ReadAsync(cancel)) await SessionCheck.RequireAdministratorAsync(work, sessionId, cancel);
        // Spreadsheets open a file without a mark in an encoding of their own, and separate it as the reader's country does.
        var separator = CultureInfo.CurrentCulture.TextInfo.ListSeparator == ";" ? ';' : ',';
        await using var writer = open();
        await writer.WriteAsync('\uFEFF');
        string[][] lines =
        [
            [Texts.Users_Username, Texts.Users_Name, Texts.Users_Email],
            ["ann.lee", "Ann Lee", "ann.lee@example.com"],
            ["bjoern.berg", "Björn Berg", "bjoern.berg@example.com"],
        ];
        foreach (var line in lines) await writer.WriteAsync(string.Join(separator, line.Select(CsvCell.Of)) + "\r\n");
    }
}

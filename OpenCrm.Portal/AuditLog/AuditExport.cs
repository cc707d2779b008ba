using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.AuditLog;

/// <summary>Writes what the trail shows as CSV, event by event: a million events take no more memory than one page.</summary>
public sealed class AuditExport(UnitsOfWork units)
{
    /// <exception cref="AccessRefusedException">The session is none of a system administrator's; nothing was opened.</exception>
    public async Task WriteAsync(CsvRequest asked, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        if (await SessionCheck.JudgeAsync(work, asked.SessionId, cancel) is not SessionStanding.Stands { Caller: { IsSystemAdministrator: true } caller })
            throw new AccessRefusedException("Only system administrators may do this.");
        var query = AuditQuery.Parse(asked.QueryString);
        var (match, users) = await AuditList.UsersAsync(work, query.User, cancel);
        var count = 0;
        try
        {
            await using var writer = asked.Open();
            await writer.WriteAsync(CsvCell.Line(
                Texts.AuditLog_Time, Texts.AuditLog_Event, Texts.AuditLog_Details, Texts.AuditLog_By, Texts.AuditLog_About, Texts.AuditLog_FromAddress));
            if (match is not AuditUserMatch.Fine) return;
            var events = AuditList.Filtered(work, query);
            if (users.Count > 0) events = events.Where(e => (e.SubjectId != null && users.Contains(e.SubjectId.Value)) || (e.ActorId != null && users.Contains(e.ActorId.Value)));
            var rows = AuditList.Project(work, events.OrderByDescending(e => e.At).ThenByDescending(e => e.Id));
            await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancel))
            {
                count++;
                await writer.WriteAsync(Line(row));
            }
        }
        finally
        {
            await RecordAsync(count, caller with { Address = asked.Address });
        }
    }

    /// <summary>Also where the download was broken off: the events until then have left the portal.</summary>
    private async Task RecordAsync(int count, Caller caller)
    {
        await using var work = await units.BeginAsync(CancellationToken.None);
        work.Record(new AuditEvent.EventsExported(count), caller);
        await work.CommitAsync(CancellationToken.None);
    }

    private static string Line(AuditRow row) =>
        CsvCell.Line(Utc(row.At), AuditWords.Of(row.Kind), AuditWords.Details(row.Kind, row.Details, Utc), row.By, row.About ?? "", row.Address ?? "");

    private static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.AuditLog;

/// <summary>
/// Writes the filtered audit trail as CSV, in segments: a million events take no more memory than a few pages, and no statement runs long.
/// </summary>
public sealed class AuditExport(UnitsOfWork units)
{
    /// <summary>Events in a segment. Small enough that the database reads them along its index, as it does for a page.</summary>
    private const int AtOnce = 2_000;

    /// <exception cref="AccessRefusedException">
    /// The session does not belong to a system administrator, or no longer does; what was written until then is incomplete.
    /// </exception>
    public async Task WriteAsync(CsvRequest asked, CancellationToken cancel)
    {
        var query = AuditQuery.Parse(asked.QueryString).AtStart();
        var (caller, match, users) = await BeginAsync(asked.SessionId, query, cancel);
        var count = 0;
        try
        {
            await using var writer = asked.Open();
            await writer.WriteAsync(CsvCell.Line(
                Texts.AuditLog_Time, Texts.AuditLog_Event, Texts.AuditLog_Details,
                Texts.AuditLog_By, Texts.AuditLog_About, Texts.AuditLog_FromAddress));
            for (var more = match is AuditUserMatch.Fine; more;)
            {
                await using var work = await units.ReadAsync(cancel);
                await SessionCheck.RequireAdministratorAsync(work, asked.SessionId, cancel);
                var found = await AuditList.TakeAsync(work, query, users, newer: false, AtOnce, cancel);
                foreach (var row in found) await writer.WriteAsync(Line(row));
                count += found.Count;
                more = found.Count == AtOnce;
                if (more) query = query.OlderThan(found[^1].Cursor);
            }
        }
        finally
        {
            await RecordAsync(count, caller with { Address = asked.Address });
        }
    }

    private async Task<(Caller.Person Caller, AuditUserMatch Match, IReadOnlyList<Guid> Users)> BeginAsync(
        Guid sessionId, AuditQuery query, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var caller = await SessionCheck.RequireAdministratorAsync(work, sessionId, cancel);
        var (match, users) = await AuditList.UsersAsync(work, query.User, cancel);
        return (caller, match, users);
    }

    /// <summary>Records the export, also when the download was cut off: the events until then have left the portal.</summary>
    private async Task RecordAsync(int count, Caller caller)
    {
        await using var work = await units.BeginAsync(CancellationToken.None);
        work.Record(new AuditEvent.EventsExported(count), caller);
        await work.CommitAsync(CancellationToken.None);
    }

    private static string Line(AuditRow row) =>
        CsvCell.Line(
            Utc(row.At), AuditWording.Of(row.Kind), AuditWording.Details(row.Kind, row.Details, Utc),
            AuditWording.Actor(row.By), row.About ?? "", row.Address ?? "");

    private static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

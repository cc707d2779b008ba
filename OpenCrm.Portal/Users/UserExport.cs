using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Writes the list as CSV in chunks: a million users need no more memory than a few pages, and no long-running statement.</summary>
public sealed class UserExport(UnitsOfWork units)
{
    /// <summary>Rows per query: few enough that the database walks its index, as for a page.</summary>
    private const int AtOnce = 2_000;

    /// <param name="sessionId">The session that asks. It is checked here, and again for every query of the download.</param>
    /// <param name="open">Opens the response; called once the caller is known to have the right.</param>
    /// <exception cref="AccessRefusedException">The session is not a system administrator's. If it ended during the download, the file is
    /// incomplete.</exception>
    public async Task WriteAsync(Guid sessionId, string? address, UserQuery query, Func<TextWriter> open, CancellationToken cancel)
    {
        var (caller, terms) = await BeginAsync(sessionId, query, cancel);
        query = terms.Narrowed(query);
        var order = new UserOrder(query, terms.MfaOn, terms.Now);
        var count = 0;
        try
        {
            await using var writer = open();
            await writer.WriteAsync(CsvCell.Line(
                Texts.Users_Username, Texts.Users_Name, Texts.Users_Email, Texts.Users_SystemAdministrator,
                Texts.Users_Status, Texts.Users_MfaEnabled, Texts.Users_LastSignIn));
            UserCursor? cursor = null;
            do
            {
                await using var work = await units.ReadAsync(cancel);
                await SessionCheck.RequireAdministratorAsync(work, sessionId, cancel);
                var found = await UserList.TakeAsync(work, query, order, cursor, terms.In(work), AtOnce, cancel);
                foreach (var user in found) await writer.WriteAsync(Line(user.Row));
                count += found.Count;
                cursor = found.Count < AtOnce ? null : found[^1].Cursor(order);
            }
            while (cursor is not null);
        }
        finally
        {
            await RecordAsync(count, caller with { Address = address });
        }
    }

    private async Task<(Caller.Person Caller, ListTerms Terms)> BeginAsync(Guid sessionId, UserQuery query, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        return (await SessionCheck.RequireAdministratorAsync(work, sessionId, cancel),
            await ListTerms.ReadAsync(work, query.Duty is { } duty ? [duty] : [], cancel: cancel));
    }

    /// <summary>Records the download, also one that was broken off: the rows until then have left the portal.</summary>
    private async Task RecordAsync(int count, Caller caller)
    {
        await using var work = await units.BeginAsync(CancellationToken.None);
        work.Record(new AuditEvent.UsersExported(count), caller);
        await work.CommitAsync(CancellationToken.None);
    }

    private static string Line(UserRow row) => CsvCell.Line(
        row.Username, row.Name, row.Email, YesNo(row.IsSystemAdministrator), StatusWording.Of(row.Status), YesNo(row.MfaEnabled),
        row.LastSignInAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "");

    private static string YesNo(bool yes) => yes ? Texts.Controls_Yes : Texts.Controls_No;
}

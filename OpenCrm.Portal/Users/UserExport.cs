using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Writes what the list shows as CSV, row by row: a million users take no more memory than one page.</summary>
public sealed class UserExport(UnitsOfWork units)
{
    /// <param name="sessionId">Whose request it is, judged anew here.</param>
    /// <param name="open">Opens the answer, once the caller may have it.</param>
    /// <exception cref="AccessRefusedException">The session is none of a system administrator's; nothing was opened.</exception>
    public async Task WriteAsync(Guid sessionId, string? address, UserQuery query, Func<TextWriter> open, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        if (await SessionCheck.JudgeAsync(work, sessionId, cancel) is not SessionStanding.Stands { Caller: { IsSystemAdministrator: true } caller })
            throw new AccessRefusedException("Only system administrators may do this.");
        var mfaOn = (await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled;
        var order = new UserOrder(query.Sort, query.Descending, mfaOn, work.Now);
        var count = 0;
        try
        {
            await using var writer = open();
            await writer.WriteAsync(CsvCell.Line(
                Texts.Users_Username, Texts.Users_Name, Texts.Users_Email, Texts.Users_SystemAdministrator, Texts.Users_Status, Texts.Users_MfaEnabled, Texts.Users_LastSignIn));
            foreach (var (_, users) in order.From(UserList.Filtered(work, query, mfaOn), cursor: null, back: false))
            {
                await foreach (var found in UserList.Project(users, mfaOn, work.Now).AsAsyncEnumerable().WithCancellation(cancel))
                {
                    count++;
                    await writer.WriteAsync(Line(found.ToRow()));
                }
            }
        }
        finally
        {
            await RecordAsync(count, caller with { Address = address });
        }
    }

    /// <summary>Also where the download was broken off: the rows until then have left the portal.</summary>
    private async Task RecordAsync(int count, Caller caller)
    {
        await using var work = await units.BeginAsync(CancellationToken.None);
        work.Record(new AuditEvent.UsersExported(count), caller);
        await work.CommitAsync(CancellationToken.None);
    }

    private static string Line(UserRow row) => CsvCell.Line(
        row.Username, row.Name, row.Email, YesNo(row.IsSystemAdministrator), StatusWords.Of(row.Status), YesNo(row.MfaEnabled),
        row.LastSignInAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "");

    private static string YesNo(bool yes) => yes ? Texts.Controls_Yes : Texts.Controls_No;
}

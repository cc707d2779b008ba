using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Writes what the list shows as CSV, stretch by stretch of the list: a million users take no more memory than a few pages, and no long statement.</summary>
public sealed class UserExport(UnitsOfWork units)
{
    /// <summary>Small enough that the database walks its index for them, as for a page.</summary>
    private const int AtOnce = 2_000;

    /// <param name="sessionId">Whose request it is, judged anew here, and again as the download goes on.</param>
    /// <param name="open">Opens the answer, once the caller may have it.</param>
    /// <exception cref="AccessRefusedException">The session is none of a system administrator's; what was opened before it ended is incomplete.</exception>
    public async Task WriteAsync(Guid sessionId, string? address, UserQuery query, Func<TextWriter> open, CancellationToken cancel)
    {
        var (caller, mfaOn, now) = await BeginAsync(sessionId, cancel);
        var order = new UserOrder(query, mfaOn, now);
        var count = 0;
        try
        {
            await using var writer = open();
            await writer.WriteAsync(CsvCell.Line(
                Texts.Users_Username, Texts.Users_Name, Texts.Users_Email, Texts.Users_SystemAdministrator, Texts.Users_Status, Texts.Users_MfaEnabled, Texts.Users_LastSignIn));
            UserCursor? cursor = null;
            do
            {
                await using var work = await units.ReadAsync(cancel);
                await EvaluateAsync(work, sessionId, cancel);
                var found = await UserList.TakeAsync(work, query, order, cursor, mfaOn, now, AtOnce, cancel);
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

    private async Task<(Caller.Person Caller, bool MfaOn, DateTimeOffset Now)> BeginAsync(Guid sessionId, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        return (await EvaluateAsync(work, sessionId, cancel), (await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled, work.Now);
    }

    private static async Task<Caller.Person> EvaluateAsync(UnitOfWork work, Guid sessionId, CancellationToken cancel) =>
        await SessionCheck.EvaluateAsync(work, sessionId, cancel) is SessionState.Active { Caller: { IsSystemAdministrator: true } caller }
            ? caller : throw new AccessRefusedException("Only system administrators may do this.");

    /// <summary>Also where the download was broken off: the rows until then have left the portal.</summary>
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

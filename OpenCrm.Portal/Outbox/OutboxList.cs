using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Outbox;

/// <summary>
/// Lists the mails of the portal and their state (docs/spec.md 7.2): a page of them, counts, and "Send again". Bodies may hold live links and are
/// never read here.
/// </summary>
public sealed class OutboxList(UnitsOfWork units, CurrentCaller currentCaller, MailOptions options, DataFolder folder)
{
    public const int PageSize = 25;

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<OutboxPart> ReadAsync(OutboxQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var back = query.Newer is not null;
        var found = await TakeAsync(Filtered(work, query), query.Older ?? query.Newer, back, cancel);
        if (back && found.Count <= PageSize)
        {
            // There is at most one page of newer mails. It is read again from the newest one, so that it is full.
            (back, query) = (false, query.AtStart());
            found = await TakeAsync(Filtered(work, query), null, back, cancel);
        }
        var more = found.Count > PageSize;
        if (more) found.RemoveAt(PageSize);
        if (back) found.Reverse();
        var (newer, older) = (back ? more : query.Older is not null, back || more);
        return new(
            [.. found.Select(row =>
                row with { Subject = row.Subject ?? TemplateWording.Name(row.TemplateKey), InFlight = row.ClaimedUntil > work.Now })],
            newer && found.Count > 0 ? found[0].Cursor : null,
            older && found.Count > 0 ? found[^1].Cursor : null,
            (await options.NowAsync(work, cancel)).Smtp is null ? folder.File(options.PickupFolder, "mail") : null,
            await ReadNewestErrorAsync(work, cancel));
    }

    /// <summary>Counts the mails that match, up to where the page says "1,000+".</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<OutboxCounts> CountAsync(OutboxQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        async Task<CappedCount> CountCappedAsync(OutboxQuery asked) =>
            new(await Filtered(work, asked).Take(CappedCount.Limit + 1).CountAsync(cancel));
        var states = new Dictionary<MailState, CappedCount>();
        foreach (var state in Enum.GetValues<MailState>()) states[state] = await CountCappedAsync(query with { State = state });
        return new(await CountCappedAsync(query), states);
    }

    /// <summary>Sends a failed mail once more.</summary>
    /// <returns>False if it did not fail, or is being sent, perhaps because another administrator was faster.</returns>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<bool> SendAgainAsync(Guid id, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        if (!await work.SendAgainAsync(id, cancel)) return false;
        var template = await work.Query<OutboxEntry>().Where(e => e.Id == id).Select(e => e.TemplateKey).SingleAsync(cancel);
        work.Record(new AuditEvent.MailSentAgain(id, template), administrator);
        await work.CommitAsync(cancel);
        return true;
    }

    /// <summary>Sends the caller a mail of the template <c>test</c>, which shows whether mail leaves the portal.</summary>
    /// <returns>The address that it goes to.</returns>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<string> SendTestAsync(CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var asker = MailRecipient.Of(await work.Query<PortalUser>().SingleAsync(u => u.Id == administrator.UserId, cancel));
        work.Queue(new MailDraft.Test(asker, work.Now));
        await work.CommitAsync(cancel);
        return asker.Address;
    }

    internal static IQueryable<OutboxEntry> Filtered(UnitOfWork work, OutboxQuery query)
    {
        var mails = work.Query<OutboxEntry>();
        if (query.Search.Length > 0)
        {
            var fragment = query.Search.ToUpperInvariant();
            // Translated to SQL's UPPER, so no culture is involved. PostgreSQL has an index of exactly this expression (migration OutboxSearch).
#pragma warning disable CA1304, CA1311, CA1862
            mails = mails.Where(e =>
                (e.RecipientAddress + "\n" + e.RecipientName + "\n" + (e.Subject ?? "")).ToUpper().Contains(fragment));
#pragma warning restore CA1304, CA1311, CA1862
        }
        return query.State switch
        {
            MailState.Waiting => mails.Where(e => e.State == OutboxState.Waiting),
            MailState.Sent => mails.Where(e => e.State == OutboxState.Sent),
            MailState.Failed => mails.Where(e => e.State == OutboxState.Dead),
            _ => mails,
        };
    }

    private static Task<List<OutboxRow>> TakeAsync(IQueryable<OutboxEntry> mails, OutboxCursor? cursor, bool back, CancellationToken cancel)
    {
        if (cursor is var (at, id))
            mails = back
                ? mails.Where(e => e.CreatedAt > at || (e.CreatedAt == at && e.Id.CompareTo(id) > 0))
                : mails.Where(e => e.CreatedAt < at || (e.CreatedAt == at && e.Id.CompareTo(id) < 0));
        mails = back ? mails.OrderBy(e => e.CreatedAt).ThenBy(e => e.Id) : mails.OrderByDescending(e => e.CreatedAt).ThenByDescending(e => e.Id);
        // One row more than a page holds shows whether there is another page, without counting.
        return mails.Take(PageSize + 1)
            .Select(e => new OutboxRow(
                e.Id, e.CreatedAt, e.TemplateKey, e.Subject, e.RecipientAddress, e.RecipientName,
                e.State, e.Attempts, e.NextAttemptAt, e.SentAt, e.LastError, e.ClaimedUntil, false))
            .ToListAsync(cancel);
    }

    /// <summary>Reads why mail cannot be sent now; null if it can.</summary>
    private static Task<string?> ReadNewestErrorAsync(UnitOfWork work, CancellationToken cancel) =>
        work.Query<OutboxEntry>().Where(e => e.State == OutboxState.Waiting && e.LastError != null)
            .OrderByDescending(e => e.NextAttemptAt).Select(e => e.LastError).FirstOrDefaultAsync(cancel);
}

/// <summary>A message as a row of the page. The query projects it without its merge values.</summary>
/// <param name="Subject">The subject at the last attempt; before the first, the name of the template.</param>
/// <param name="InFlight">Whether a node is sending it now.</param>
public sealed record OutboxRow(
    Guid Id, DateTimeOffset CreatedAt, string TemplateKey, string? Subject, string Address, string Name,
    OutboxState State, int Attempts, DateTimeOffset NextAttemptAt,
    DateTimeOffset? SentAt, string? LastError, DateTimeOffset? ClaimedUntil, bool InFlight)
{
    public OutboxCursor Cursor => new(CreatedAt, Id);

    /// <summary>Whether it failed and no node is sending it now.</summary>
    public bool CanSendAgain => LastError is not null && State != OutboxState.Sent && !InFlight;
}

/// <summary>One page of the list. A cursor is null where there is no further page.</summary>
/// <param name="PickupFolder">Where messages become files because no mail server is connected; null if one is.</param>
/// <param name="Failing">Why mail cannot be sent now; null if it can.</param>
public sealed record OutboxPart(IReadOnlyList<OutboxRow> Rows, OutboxCursor? Newer, OutboxCursor? Older, string? PickupFolder, string? Failing);

/// <summary>How many mails the list would show: with the current filter, and with each filter chip pressed.</summary>
public sealed record OutboxCounts(CappedCount All, IReadOnlyDictionary<MailState, CappedCount> States);

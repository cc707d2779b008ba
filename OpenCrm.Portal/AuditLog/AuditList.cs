using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.AuditLog;

/// <summary>
/// Reads the audit trail page by page. However long the trail is, a page is a range of one index: by time alone, of one kind, about a person, or by a
/// person.
/// </summary>
public sealed class AuditList(UnitsOfWork units, CurrentCaller currentCaller)
{
    public const int PageSize = 50;

    /// <summary>
    /// The most users whose events are shown together, because each costs queries of its own. More matches mean that the name is not typed to the end
    /// yet.
    /// </summary>
    private const int MostUsers = 10;

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<AuditPage> ReadAsync(AuditQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var (match, users) = await UsersAsync(work, query.User, cancel);
        if (match is not AuditUserMatch.Fine) return new(match, [], null, null);

        var newer = query.Turn == AuditTurn.Newer;
        // One more than fits on a page shows whether there is another page, without counting.
        var found = await TakeAsync(work, query, users, newer, PageSize + 1, cancel);
        if (newer && found.Count <= PageSize)
        {
            // At most one page of newer events is left: the newest page is shown, filled up with older ones.
            (newer, query) = (false, query.AtStart());
            found = await TakeAsync(work, query, users, newer, PageSize + 1, cancel);
        }
        var more = found.Count > PageSize;
        if (more) found.RemoveAt(PageSize);
        if (newer) found.Reverse();
        var (before, after) = (newer ? more : query.Turn == AuditTurn.Older, newer || more);
        return new(match, found, before && found.Count > 0 ? found[0].Cursor : null, after && found.Count > 0 ? found[^1].Cursor : null);
    }

    /// <summary>
    /// Finds whom the typed text names: the one user with that username or address, else the users that contain it as a fragment. An empty list means
    /// everybody.
    /// </summary>
    internal static async Task<(AuditUserMatch Match, IReadOnlyList<Guid> Users)> UsersAsync(UnitOfWork work, string typed, CancellationToken cancel)
    {
        if (typed.Length == 0) return (AuditUserMatch.Fine, []);
        if (await work.Users.FindTypedAsync(typed, cancel) is { } user) return (AuditUserMatch.Fine, [user.Id]);
        var fragment = AccountName.Normalize(typed);
        var found = await work.Query<PortalUser>()
            .Where(u => u.SearchText.Contains(fragment))
            .Select(u => u.Id).Take(MostUsers + 1).ToListAsync(cancel);
        return found.Count switch
        {
            0 => (AuditUserMatch.Nobody, []),
            > MostUsers => (AuditUserMatch.TooMany, []),
            _ => (AuditUserMatch.Fine, found),
        };
    }

    /// <summary>The events that match the kind and the time.</summary>
    private static IQueryable<AuditEntry> Filtered(UnitOfWork work, AuditQuery query)
    {
        var events = work.Query<AuditEntry>();
        if (query.Kind is { } kind) events = events.Where(e => e.Kind == kind);
        if (query.Since is { } since) events = events.Where(e => e.At >= since);
        if (query.Until is { } until) events = events.Where(e => e.At < until);
        return events;
    }

    /// <summary>Reads what a row of the list shows of these events.</summary>
    internal static IQueryable<AuditRow> Project(UnitOfWork work, IQueryable<AuditEntry> events) => events.Select(e => new AuditRow(
        e.Id, e.At, e.Kind, e.Details, e.ActorName, e.ActorId != null, e.SubjectId,
        work.Query<PortalUser>().Where(u => u.Id == e.SubjectId).Select(u => u.Name).FirstOrDefault(), e.Address));

    /// <summary>Returns the next events from the query's cursor on, at most <paramref name="count"/>.</summary>
    internal static async Task<List<AuditRow>> TakeAsync(
        UnitOfWork work, AuditQuery query, IReadOnlyList<Guid> users, bool newer, int count, CancellationToken cancel)
    {
        var events = Filtered(work, query);
        // The condition on the time alone lets the query start at the right place of an index; the id decides among events of the same time.
        if (query.Cursor is { At: var at, Id: var id })
            events = newer
                ? events.Where(e => e.At >= at && (e.At > at || e.Id > id))
                : events.Where(e => e.At <= at && (e.At < at || e.Id < id));
        List<AuditRow> found = [];
        foreach (var stream in Streams(events, users))
        {
            var sorted = newer ? stream.OrderBy(e => e.At).ThenBy(e => e.Id) : stream.OrderByDescending(e => e.At).ThenByDescending(e => e.Id);
            found.AddRange(await Project(work, sorted.Take(count)).ToListAsync(cancel));
        }
        if (users.Count == 0) return found;
        var merged = found.DistinctBy(row => row.Id);
        merged = newer
            ? merged.OrderBy(row => row.At).ThenBy(row => row.Id)
            : merged.OrderByDescending(row => row.At).ThenByDescending(row => row.Id);
        return [.. merged.Take(count)];
    }

    /// <summary>
    /// Splits the events about and by each user into queries of their own. Each is a range of one index; with OR the database would read the whole
    /// trail whenever the person's last event is old.
    /// </summary>
    private static IEnumerable<IQueryable<AuditEntry>> Streams(IQueryable<AuditEntry> events, IReadOnlyList<Guid> users) =>
        users.Count == 0
            ? [events]
            : users.SelectMany(user => new[] { events.Where(e => e.SubjectId == user), events.Where(e => e.ActorId == user) });
}

using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.AuditLog;

/// <summary>The audit trail, page by page. However long it is, a page is a range of an index: by time alone, of a kind, about a person, by a person.</summary>
public sealed class AuditList(UnitsOfWork units, CurrentCaller currentCaller)
{
    public const int PageSize = 50;

    /// <summary>Each is a reading of its own; whom more people match is not typed to the end yet.</summary>
    private const int MostUsers = 10;

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<AuditPage> ReadAsync(AuditQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var (match, users) = await UsersAsync(work, query.User, cancel);
        if (match is not AuditUserMatch.Fine) return new(match, [], null, null);

        var newer = query.Turn == AuditTurn.Newer;
        // One more than a page holds: whether there is another is known without counting.
        var found = await TakeAsync(work, query, users, newer, PageSize + 1, cancel);
        if (newer && found.Count <= PageSize)
        {
            // Less than a page before it, or just one: that is the newest page, and a full one.
            (newer, query) = (false, query.AtStart());
            found = await TakeAsync(work, query, users, newer, PageSize + 1, cancel);
        }
        var more = found.Count > PageSize;
        if (more) found.RemoveAt(PageSize);
        if (newer) found.Reverse();
        var (before, after) = (newer ? more : query.Turn == AuditTurn.Older, newer || more);
        return new(match, found, before && found.Count > 0 ? found[0].Cursor : null, after && found.Count > 0 ? found[^1].Cursor : null);
    }

    /// <summary>Whom the typed user means: exactly one by username or address, else the few that a fragment finds. No users: everybody.</summary>
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

    /// <summary>What kind and time leave.</summary>
    private static IQueryable<AuditEntry> Filtered(UnitOfWork work, AuditQuery query)
    {
        var events = work.Query<AuditEntry>();
        if (query.Kind is { } kind) events = events.Where(e => e.Kind == kind);
        if (query.Since is { } since) events = events.Where(e => e.At >= since);
        if (query.Until is { } until) events = events.Where(e => e.At < until);
        return events;
    }

    private static IQueryable<AuditRow> Project(UnitOfWork work, IQueryable<AuditEntry> events) => events.Select(e => new AuditRow(
        e.Id, e.At, e.Kind, e.Details, e.ActorName, e.ActorId != null, e.SubjectId,
        work.Query<PortalUser>().Where(u => u.Id == e.SubjectId).Select(u => u.Name).FirstOrDefault(), e.Address));

    /// <summary>The next events from the query's cursor on, at most <paramref name="count"/>.</summary>
    internal static async Task<List<AuditRow>> TakeAsync(UnitOfWork work, AuditQuery query, IReadOnlyList<Guid> users, bool newer, int count, CancellationToken cancel)
    {
        var events = Filtered(work, query);
        // The bound on the time alone is what an index can start from; the number decides among events of one moment.
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
        merged = newer ? merged.OrderBy(row => row.At).ThenBy(row => row.Id) : merged.OrderByDescending(row => row.At).ThenByDescending(row => row.Id);
        return [.. merged.Take(count)];
    }

    /// <summary>About somebody OR by somebody is no range of one index, and reads the whole trail where the person's last event is old. Apart, both are.</summary>
    private static IEnumerable<IQueryable<AuditEntry>> Streams(IQueryable<AuditEntry> events, IReadOnlyList<Guid> users) =>
        users.Count == 0 ? [events] : users.SelectMany(user => new[] { events.Where(e => e.SubjectId == user), events.Where(e => e.ActorId == user) });
}

using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Reads a page of the user list, and the counts of its filters. A page is a range of an index, however many users there are.</summary>
public sealed partial class UserList(UnitsOfWork units, CurrentCaller currentCaller)
{
    public const int PageSize = 25;

    /// <summary>Up to this many matches of a search, sorting all of them is faster than looking for a page of them in the order.</summary>
    internal int Sortable { get; init; } = 5_000;

    /// <summary>How many rows of the order are searched for a page of matches; beyond that, sorting the matches is faster.</summary>
    internal int Window { get; init; } = 10_000;

    /// <summary>Up to this many matches SQLite takes all of them from its index; of more, it finds a page sooner in the order.</summary>
    internal int Indexed { get; init; } = 2_000;

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    /// <summary>Reads the page of the list that the query asks for.</summary>
    public async Task<UserPage> ReadAsync(UserQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var terms = await ListTerms.ReadAsync(work, query.Duty is { } duty ? [duty] : [], Sortable, cancel);
        query = terms.Narrowed(query);
        if (query.IsFiltered && IsIndexed(query.Search)) await work.Planner.PreferIndexesAsync(IsRange(query), cancel);
        var order = new UserOrder(query, terms.MfaOn, work.Now);
        var back = query.Turn is UserTurn.Before or UserTurn.Last;
        // One row more than a page holds shows whether there is another page, without counting.
        var found = await ReadPageAsync(work, query, order, back, terms, cancel);
        if (query.Turn == UserTurn.Before && found.Count <= PageSize)
        {
            // At most one page lies before the cursor: that is the first page, read forwards so that it is full.
            back = false;
            query = query.AtStart();
            found = await ReadPageAsync(work, query, order, back, terms, cancel);
        }
        var more = found.Count > PageSize;
        if (more) found.RemoveAt(PageSize);
        if (back) found.Reverse();
        var (before, after) = (back ? more : query.Turn == UserTurn.After, back ? query.Turn == UserTurn.Before : more);
        return new([.. found.Select(f => f.Row)],
            before && found.Count > 0 ? found[0].Cursor(order) : null,
            after && found.Count > 0 ? found[^1].Cursor(order) : null);
    }

    /// <summary>Counts how many users match, up to the limit of <see cref="CappedCount"/>.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserCounts> CountAsync(UserQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var terms = await ListTerms.ReadAsync(work, [MfaDutyState.Due, MfaDutyState.Overdue], Sortable, cancel);
        if (IsIndexed(query.Search)) await work.Planner.PreferIndexesAsync(cancel: cancel);
        var (few, _) = await FindFewAsync(work, query.Search, cancel);
        IQueryable<PortalUser> Rows(UserQuery asked) =>
            Filtered(Among(work.Query<PortalUser>(), few), terms.Narrowed(asked), terms).Take(CappedCount.Limit + 1);
        // A search with few matches is read once and counted here, so that a rare fragment is not searched for eight times.
        var matching = query.Search.Length == 0 ? null : await Project(Rows(new() { Search = query.Search }), terms).ToListAsync(cancel);
        async Task<CappedCount> CountCappedAsync(UserQuery asked) =>
            new(matching is { Count: <= CappedCount.Limit }
                ? matching.Count(user => asked.Takes(user.ToRow(terms)))
                : await Rows(asked).CountAsync(cancel));
        var statuses = new Dictionary<AccountStatus, CappedCount>();
        foreach (var status in Enum.GetValues<AccountStatus>()) statuses[status] = await CountCappedAsync(query with { Status = status });
        return new(
            await CountCappedAsync(query),
            statuses,
            await CountCappedAsync(query with { Mfa = true }),
            await CountCappedAsync(query with { Mfa = false }),
            await CountCappedAsync(query with { Administrators = true }))
        {
            Due = terms.Rule.CoversAnybody ? await CountCappedAsync(query with { Duty = MfaDutyState.Due }) : null,
            Overdue = terms.Rule.CoversAnybody ? await CountCappedAsync(query with { Duty = MfaDutyState.Overdue }) : null,
        };
    }

    /// <summary>Whether the filters have indexes of their own, so that a page in any order is a range of one index.</summary>
    private static bool IsRange(UserQuery query) =>
        query.Search.Length == 0 && (query.Administrators || (IsNotActive(query.Status) && query.Mfa is null && query.Duty is null));

    private static bool IsNotActive(AccountStatus? status) => status is not (null or AccountStatus.Active);

    /// <summary>
    /// Whether the trigram index can answer the search. It cannot find one or two letters; PostgreSQL then reads the table, which is faster than
    /// reading the whole index.
    /// </summary>
    internal static bool IsIndexed(string search) => search.Length == 0 || Trigram().IsMatch(search);

    [GeneratedRegex(@"[\p{L}\p{N}]{3}")]
    private static partial Regex Trigram();

    /// <summary>The users of a filter that has indexes of its own for every order, if the query asks for one; otherwise everybody.</summary>
    private static IQueryable<PortalUser> Base(IQueryable<PortalUser> users, UserQuery query, DateTimeOffset now) => query switch
    {
        { Administrators: true } => users.Where(u => u.IsSystemAdministrator),
        { Status: { } status } when IsNotActive(status) => users.Where(UserOrder.Is(status, now)),
        _ => users,
    };

    /// <summary>
    /// Reads a selective index by itself. The limit keeps other conditions out of that query: a database that combines it with the index of a common
    /// status reads forty thousand entries for a thousand people.
    /// </summary>
    private static IQueryable<PortalUser> Separately(IQueryable<PortalUser> few) => few.Take(int.MaxValue);

    /// <summary>The users that match search and filters.</summary>
    internal static IQueryable<PortalUser> Filtered(IQueryable<PortalUser> users, UserQuery query, ListTerms terms)
    {
        if (query.Search.Length > 0)
        {
            var fragment = AccountName.Normalize(query.Search);
            users = users.Where(u => u.SearchText.Contains(fragment));
        }
        if (query.Status is { } status) users = users.Where(UserOrder.Is(status, terms.Now));
        if (query.Mfa is { } mfa) users = terms.MfaOn ? users.Where(u => u.TwoFactorEnabled == mfa) : mfa ? users.Where(u => false) : users;
        if (query.Administrators) users = users.Where(u => u.IsSystemAdministrator);
        if (query.Duty is { } duty) users = terms.Of(users, duty);
        return users;
    }

    /// <summary>Asks SQLite's index for the matches of a search.</summary>
    /// <returns>The ids of the matches if they are few, else null; and whether they are many, null where the index cannot tell.</returns>
    private async Task<(IQueryable<Guid>? Few, bool? Many)> FindFewAsync(UnitOfWork work, string search, CancellationToken cancel)
    {
        if (search.Length == 0) return (null, true);
        var fragment = AccountName.Normalize(search);
        if (!work.UserSearch.Finds(fragment)) return (null, null);
        var few = await work.UserSearch.FindFewAsync(fragment, Indexed, cancel);
        return (few, few is null);
    }

    private static IQueryable<PortalUser> Among(IQueryable<PortalUser> users, IQueryable<Guid>? few) =>
        few is null ? users : users.Where(u => few.Contains(u.Id));

    /// <summary>
    /// Reads one row more than a page holds: that shows whether there is another page, without counting. A database that gets search, filter and
    /// order in one query assumes that matches are spread evenly, and reads a million rows for one page where they are not. So the code first
    /// estimates whether many users match the search. Few matches are sorted. Of many, a page is probably found among the first rows of the order; if
    /// it is not, the matches lie elsewhere and are sorted too. With filters by MFA and status alone, the order is always tried first.
    /// </summary>
    private async Task<List<PlacedUser>> ReadPageAsync(
        UnitOfWork work, UserQuery query, UserOrder order, bool back, ListTerms terms, CancellationToken cancel)
    {
        const int enough = PageSize + 1;
        var (few, many) = await FindFewAsync(work, query.Search, cancel);
        // Few deadlines are found from their own index, and sorted.
        if (query.Duty is { } duty && terms.IsFew(duty)) many = false;
        List<PlacedUser> found = [];
        foreach (var part in order.From(Base(work.Query<PortalUser>(), query, work.Now), query.Cursor, back))
        {
            var missing = enough - found.Count;
            IQueryable<PortalUser> Filtered(IQueryable<PortalUser> users) => UserList.Filtered(Among(users, few), query, terms);
            Task<List<PlacedUser>> Found(IQueryable<PortalUser> rows) => ReadAsync(part.Segment, rows.Take(missing), terms, cancel);

            List<PlacedUser> rows = [];
            if (!query.IsFiltered || IsRange(query)) rows = await Found(part.Sort(Filtered(part.Rows)));
            else if (part.Selective || query.Administrators) rows = await Found(part.Sort(Filtered(Separately(part.Rows))));
            else
            {
                many ??= await work.Planner.ExpectsMoreThanAsync(Filtered(work.Query<PortalUser>()), Sortable, cancel);
                if (many.Value) rows = await Found(Filtered(part.Sort(part.Rows).Take(Window)));
                // The limit separates matching from ordering, so that the index of the search or of the filter finds the matches.
                if (rows.Count < missing) rows = await Found(part.Sort(Filtered(part.Rows).Take(int.MaxValue)));
            }
            // A user who moves between two segments while they are read appears once, in the first one.
            found.AddRange(rows.ExceptBy(found.Select(before => before.User.Id), row => row.User.Id));
            if (found.Count >= enough) break;
        }
        return found;
    }

    /// <summary>Reads the next users of the order for a download; many at once, so that the whole order is walked only once.</summary>
    internal static async Task<List<PlacedUser>> TakeAsync(
        UnitOfWork work, UserQuery query, UserOrder order, UserCursor? cursor, ListTerms terms, int count, CancellationToken cancel)
    {
        List<PlacedUser> found = [];
        foreach (var part in order.From(Filtered(work.Query<PortalUser>(), query, terms), cursor, back: false))
        {
            found.AddRange(await ReadAsync(part.Segment, part.Sort(part.Rows).Take(count - found.Count), terms, cancel));
            if (found.Count >= count) break;
        }
        return found;
    }

    private static async Task<List<PlacedUser>> ReadAsync(
        int segment, IQueryable<PortalUser> rows, ListTerms terms, CancellationToken cancel) =>
        [.. (await Project(rows, terms).ToListAsync(cancel)).Select(user => new PlacedUser(segment, user, user.ToRow(terms)))];

    private static IQueryable<FoundUser> Project(IQueryable<PortalUser> users, ListTerms terms)
    {
        var (now, mfaOn, covers, deadlines) = (terms.Now, terms.MfaOn, terms.Rule.CoversAnybody, terms.Deadlines);
        return users.Select(u => new FoundUser(
            u.Id, u.UserName!, u.Name, u.Email!, u.IsSystemAdministrator, u.State, u.LockoutEnd > now, mfaOn && u.TwoFactorEnabled, u.LastSignInAt,
            u.NormalizedUserName!, u.NormalizedName, u.NormalizedEmail!)
        {
            MfaDueAt = covers ? deadlines.Where(d => d.UserId == u.Id).Select(d => (DateTimeOffset?)d.DueAt).FirstOrDefault() : null,
        });
    }
}

/// <summary>A user, and the segment of the order in which the query found it.</summary>
internal sealed record PlacedUser(int Segment, FoundUser User, UserRow Row)
{
    public UserCursor Cursor(UserOrder order) => order.Cursor(Segment, Row, User.NormalizedUsername, User.NormalizedName, User.NormalizedEmail);
}

/// <summary>A user as the query returns it: the list's row, and the values it is sorted by.</summary>
internal sealed record FoundUser(
    Guid Id, string Username, string Name, string Email, bool IsSystemAdministrator,
    AccountState State, bool LockedNow, bool MfaEnabled, DateTimeOffset? LastSignInAt,
    string NormalizedUsername, string NormalizedName, string NormalizedEmail)
{
    /// <summary>The deadline for MFA; null if the person has none, or the rule covers nobody.</summary>
    public DateTimeOffset? MfaDueAt { get; init; }

    public UserRow ToRow(ListTerms terms) => new(Id, Username, Name, Email, IsSystemAdministrator, State switch
    {
        AccountState.Inactive => AccountStatus.Inactive,
        AccountState.Locked => AccountStatus.Locked,
        _ => LockedNow ? AccountStatus.LockedFailedAttempts : AccountStatus.Active,
    }, MfaEnabled, LastSignInAt)
    { Duty = terms.Of(this) };
}

using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>The user list: a page of it, and the counts of its filters. However many users there are, a page is a range of an index.</summary>
public sealed partial class UserList(UnitsOfWork units, CurrentCaller currentCaller)
{
    public const int PageSize = 25;

    /// <summary>So many who match a search are sorted sooner than a page of them is met in the order.</summary>
    internal int Sortable { get; init; } = 5_000;

    /// <summary>So many rows of the order are looked through for a page of those who match; to look through more takes longer than to sort those who do.</summary>
    internal int Window { get; init; } = 10_000;

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserPage> ReadAsync(UserQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var mfaOn = (await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled;
        if (query.IsFiltered && IsIndexed(query.Search)) await work.Planner.PreferIndexesAsync(IsRange(query), cancel);
        var order = new UserOrder(query, mfaOn, work.Now);
        var back = query.Turn is UserTurn.Before or UserTurn.Last;
        // One more than a page holds: whether there is another is known without counting.
        var found = await ReadPageAsync(work, query, order, back, mfaOn, cancel);
        if (query.Turn == UserTurn.Before && found.Count <= PageSize)
        {
            // Less than a page before it, or just one: that is the first page, and a full one.
            back = false;
            query = query.AtStart();
            found = await ReadPageAsync(work, query, order, back, mfaOn, cancel);
        }
        var more = found.Count > PageSize;
        if (more) found.RemoveAt(PageSize);
        if (back) found.Reverse();
        var (before, after) = (back ? more : query.Turn == UserTurn.After, back ? query.Turn == UserTurn.Before : more);
        return new([.. found.Select(f => f.Row)],
            before && found.Count > 0 ? found[0].Cursor(order) : null,
            after && found.Count > 0 ? found[^1].Cursor(order) : null);
    }

    /// <summary>How many match, counted no further than the page says.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserCounts> CountAsync(UserQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var mfaOn = (await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled;
        if (IsIndexed(query.Search)) await work.Planner.PreferIndexesAsync(cancel: cancel);
        IQueryable<PortalUser> Rows(UserQuery asked) => Filtered(work.Query<PortalUser>(), asked, mfaOn, work.Now).Take(CappedCount.Limit + 1);
        // Where few match they are read once and told apart here: a rare fragment is not looked for eight times.
        var matching = query.Search.Length == 0 ? null : await Project(Rows(new() { Search = query.Search }), mfaOn, work.Now).ToListAsync(cancel);
        async Task<CappedCount> Of(UserQuery asked) =>
            new(matching is { Count: <= CappedCount.Limit } ? matching.Count(user => asked.Takes(user.ToRow())) : await Rows(asked).CountAsync(cancel));
        var statuses = new Dictionary<AccountStatus, CappedCount>();
        foreach (var status in Enum.GetValues<AccountStatus>()) statuses[status] = await Of(query with { Status = status });
        return new(await Of(query), statuses, await Of(query with { Mfa = true }), await Of(query with { Mfa = false }), await Of(query with { Administrators = true }));
    }

    /// <summary>Every sort of those asked for is a range of one index.</summary>
    private static bool IsRange(UserQuery query) => query.Search.Length == 0 && (query.Administrators || (IsNotActive(query.Status) && query.Mfa is null));

    private static bool IsNotActive(AccountStatus? status) => status is not (null or AccountStatus.Active);

    /// <summary>An index of trigrams knows nothing of one letter or two: PostgreSQL reads the table then, and sooner than the whole index.</summary>
    private static bool IsIndexed(string search) => search.Length == 0 || Trigram().IsMatch(search);

    [GeneratedRegex(@"[\p{L}\p{N}]{3}")]
    private static partial Regex Trigram();

    /// <summary>Those whose sorts have indexes of their own, if the query asks for some of them; else everybody.</summary>
    private static IQueryable<PortalUser> Base(IQueryable<PortalUser> users, UserQuery query, DateTimeOffset now) => query switch
    {
        { Administrators: true } => users.Where(u => u.IsSystemAdministrator),
        { Status: { } status } when IsNotActive(status) => users.Where(UserOrder.Is(status, now)),
        _ => users,
    };

    /// <summary>The limit keeps other conditions outside: a database that joins the index of a few with that of a common status reads forty thousand entries for a thousand people.</summary>
    private static IQueryable<PortalUser> Separately(IQueryable<PortalUser> few) => few.Take(int.MaxValue);

    /// <summary>Whom search and filters leave.</summary>
    private static IQueryable<PortalUser> Filtered(IQueryable<PortalUser> users, UserQuery query, bool mfaOn, DateTimeOffset now)
    {
        if (query.Search.Length > 0)
        {
            var fragment = AccountName.Normalize(query.Search);
            users = users.Where(u => u.SearchText.Contains(fragment));
        }
        if (query.Status is { } status) users = users.Where(UserOrder.Is(status, now));
        if (query.Mfa is { } mfa) users = mfaOn ? users.Where(u => u.TwoFactorEnabled == mfa) : mfa ? users.Where(u => false) : users;
        if (query.Administrators) users = users.Where(u => u.IsSystemAdministrator);
        return users;
    }

    /// <summary>
    /// One more than a page holds: whether there is another is known without counting. A database left alone with search, filter and order takes those who match to lie evenly,
    /// and reads a million rows for a page where they do not. So it is asked first whether many match a search: few are sorted; of many, a page is likely met among the first rows
    /// of the order, and where it is not, they stand elsewhere, and are sorted too. Of those whom MFA and status alone leave, a page is looked for in the order first.
    /// </summary>
    private async Task<List<PlacedUser>> ReadPageAsync(UnitOfWork work, UserQuery query, UserOrder order, bool back, bool mfaOn, CancellationToken cancel)
    {
        const int enough = PageSize + 1;
        bool? many = query.Search.Length == 0 ? true : null;
        List<PlacedUser> found = [];
        foreach (var part in order.From(Base(work.Query<PortalUser>(), query, work.Now), query.Cursor, back))
        {
            var missing = enough - found.Count;
            IQueryable<PortalUser> Filtered(IQueryable<PortalUser> users) => UserList.Filtered(users, query, mfaOn, work.Now);
            Task<List<PlacedUser>> Found(IQueryable<PortalUser> rows) => ReadAsync(part.Segment, rows.Take(missing), mfaOn, work.Now, cancel);

            List<PlacedUser> rows = [];
            if (!query.IsFiltered || IsRange(query)) rows = await Found(part.Sort(Filtered(part.Rows)));
            else if (part.Selective || query.Administrators) rows = await Found(part.Sort(Filtered(Separately(part.Rows))));
            else
            {
                many ??= await work.Planner.ExpectsMoreThanAsync(Filtered(work.Query<PortalUser>()), Sortable, cancel);
                if (many.Value) rows = await Found(Filtered(part.Sort(part.Rows).Take(Window)));
                // The limit keeps the order out of the question who matches: the index of the search, or of the filter, answers it.
                if (rows.Count < missing) rows = await Found(part.Sort(Filtered(part.Rows).Take(int.MaxValue)));
            }
            // Whoever changes between two segments stands in the first one only.
            found.AddRange(rows.ExceptBy(found.Select(before => before.User.Id), row => row.User.Id));
            if (found.Count >= enough) break;
        }
        return found;
    }

    /// <summary>The next users of the order, for a download: many of them, so that the whole order is walked once.</summary>
    internal static async Task<List<PlacedUser>> TakeAsync(
        UnitOfWork work, UserQuery query, UserOrder order, UserCursor? cursor, bool mfaOn, DateTimeOffset now, int count, CancellationToken cancel)
    {
        List<PlacedUser> found = [];
        foreach (var part in order.From(Filtered(work.Query<PortalUser>(), query, mfaOn, now), cursor, back: false))
        {
            found.AddRange(await ReadAsync(part.Segment, part.Sort(part.Rows).Take(count - found.Count), mfaOn, now, cancel));
            if (found.Count >= count) break;
        }
        return found;
    }

    private static async Task<List<PlacedUser>> ReadAsync(int segment, IQueryable<PortalUser> rows, bool mfaOn, DateTimeOffset now, CancellationToken cancel) =>
        [.. (await Project(rows, mfaOn, now).ToListAsync(cancel)).Select(user => new PlacedUser(segment, user))];

    private static IQueryable<FoundUser> Project(IQueryable<PortalUser> users, bool mfaOn, DateTimeOffset now) => users.Select(u => new FoundUser(
        u.Id, u.UserName!, u.Name, u.Email!, u.IsSystemAdministrator, u.State, u.LockoutEnd > now, mfaOn && u.TwoFactorEnabled, u.LastSignInAt,
        u.NormalizedUserName!, u.NormalizedName, u.NormalizedEmail!));
}

/// <summary>A user, and the segment of the order where the query found it.</summary>
internal sealed record PlacedUser(int Segment, FoundUser User)
{
    public UserRow Row { get; } = User.ToRow();

    public UserCursor Cursor(UserOrder order) => order.Cursor(Segment, Row, User.NormalizedUsername, User.NormalizedName, User.NormalizedEmail);
}

/// <summary>A user as the query finds one: the row, and what it is sorted by.</summary>
internal sealed record FoundUser(
    Guid Id, string Username, string Name, string Email, bool IsSystemAdministrator, AccountState State, bool LockedNow, bool MfaEnabled, DateTimeOffset? LastSignInAt,
    string NormalizedUsername, string NormalizedName, string NormalizedEmail)
{
    public UserRow ToRow() => new(Id, Username, Name, Email, IsSystemAdministrator, State switch
    {
        AccountState.Inactive => AccountStatus.Inactive,
        AccountState.Locked => AccountStatus.Locked,
        _ => LockedNow ? AccountStatus.LockedFailedAttempts : AccountStatus.Active,
    }, MfaEnabled, LastSignInAt);
}

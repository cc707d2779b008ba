using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>The user list: a page of it, and the counts of its filters. However many users there are, a page is a range of an index.</summary>
public sealed class UserList(UnitsOfWork units, Callers callers)
{
    public const int PageSize = 25;

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<UserPage> ReadAsync(UserQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await callers.AdministratorAsync(work, cancel);
        var mfaOn = (await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled;
        var order = new UserOrder(query.Sort, query.Descending, mfaOn, work.Now);
        var users = Filtered(work, query, mfaOn);
        var back = query.Turn is UserTurn.Before or UserTurn.Last;
        // One more than a page holds: whether there is another is known without counting.
        var found = await TakeAsync(users, order, query.Cursor, back, mfaOn, work.Now, PageSize + 1, cancel);
        if (query.Turn == UserTurn.Before && found.Count <= PageSize)
        {
            // Less than a page before it, or just one: that is the first page, and a full one.
            back = false;
            query = query.AtFirst();
            found = await TakeAsync(users, order, null, back, mfaOn, work.Now, PageSize + 1, cancel);
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
        await callers.AdministratorAsync(work, cancel);
        var mfaOn = (await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled;
        async Task<CappedCount> Of(UserQuery asked) => new(await Filtered(work, asked, mfaOn).Take(CappedCount.Limit + 1).CountAsync(cancel));
        var statuses = new Dictionary<AccountStatus, CappedCount>();
        foreach (var status in Enum.GetValues<AccountStatus>()) statuses[status] = await Of(query with { Status = status });
        return new(await Of(query), statuses, await Of(query with { Mfa = true }), await Of(query with { Mfa = false }), await Of(query with { Administrators = true }));
    }

    /// <summary>Whom search and filters leave.</summary>
    internal static IQueryable<PortalUser> Filtered(UnitOfWork work, UserQuery query, bool mfaOn)
    {
        var users = work.Query<PortalUser>();
        if (query.Search.Length > 0)
        {
            var fragment = AccountName.Normalize(query.Search);
            users = users.Where(u => u.NormalizedUserName!.Contains(fragment) || u.NormalizedName.Contains(fragment) || u.NormalizedEmail!.Contains(fragment));
        }
        if (query.Status is { } status) users = users.Where(UserOrder.Is(status, work.Now));
        if (query.Mfa is { } mfa) users = mfaOn ? users.Where(u => u.TwoFactorEnabled == mfa) : mfa ? users.Where(u => false) : users;
        if (query.Administrators) users = users.Where(u => u.IsSystemAdministrator);
        return users;
    }

    /// <summary>The next users of the order, at most <paramref name="count"/>.</summary>
    internal static async Task<List<PlacedUser>> TakeAsync(
        IQueryable<PortalUser> users, UserOrder order, UserCursor? cursor, bool back, bool mfaOn, DateTimeOffset now, int count, CancellationToken cancel)
    {
        var found = new List<PlacedUser>(count);
        foreach (var (stretch, rows) in order.From(users, cursor, back))
        {
            found.AddRange((await Project(rows.Take(count - found.Count), mfaOn, now).ToListAsync(cancel)).Select(user => new PlacedUser(stretch, user)));
            if (found.Count >= count) break;
        }
        return found;
    }

    private static IQueryable<FoundUser> Project(IQueryable<PortalUser> users, bool mfaOn, DateTimeOffset now) => users.Select(u => new FoundUser(
        u.Id, u.UserName!, u.Name, u.Email!, u.IsSystemAdministrator, u.State, u.LockoutEnd > now, mfaOn && u.TwoFactorEnabled, u.LastSignInAt,
        u.NormalizedUserName!, u.NormalizedName, u.NormalizedEmail!));
}

/// <summary>A user, and the stretch of the order where the query found it.</summary>
internal sealed record PlacedUser(int Stretch, FoundUser User)
{
    public UserRow Row { get; } = User.ToRow();

    public UserCursor Cursor(UserOrder order) => order.Cursor(Stretch, Row, User.NormalizedUsername, User.NormalizedName, User.NormalizedEmail);
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

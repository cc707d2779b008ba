using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Users;

/// <summary>
/// The order of the list: one segment after the other, each a range of one index. A boolean is two segments, the status four, and a segment may be ordered by a column of its own;
/// ties are in the order of the id. Walking segments needs neither OFFSET nor a sort, and NULLs lie where we say, on both databases.
/// </summary>
internal sealed class UserOrder(UserQuery query, bool mfaSwitchedOn, DateTimeOffset now)
{
    private readonly IReadOnlyList<Segment> _segments = query.Sort switch
    {
        UserColumn.Name => [new(null, nameof(PortalUser.NormalizedName))],
        UserColumn.Email => [new(null, nameof(PortalUser.NormalizedEmail)) { IsUnique = true }],
        UserColumn.SystemAdministrator => [new(u => !u.IsSystemAdministrator) { IsEmpty = query.Administrators }, new(u => u.IsSystemAdministrator) { IsSelective = true }],
        UserColumn.Status => [.. Enum.GetValues<AccountStatus>().Select(status => new Segment(Is(status, now)) { IsEmpty = query.Status is { } only && only != status })],
        UserColumn.Mfa => mfaSwitchedOn
            ? [new(u => !u.TwoFactorEnabled) { IsEmpty = query.Mfa is true }, new(u => u.TwoFactorEnabled) { IsEmpty = query.Mfa is false }] : [new()],
        UserColumn.LastSignIn => [new(u => u.LastSignInAt == null) { IsNever = true }, new(u => u.LastSignInAt != null, nameof(PortalUser.LastSignInAt))],
        _ => [new(null, nameof(PortalUser.NormalizedUserName)) { IsUnique = true }],
    };

    public int Segments => _segments.Count;

    /// <summary>Who has this status now (spec 5.3): a timed lock that ran out is Active.</summary>
    public static Expression<Func<PortalUser, bool>> Is(AccountStatus status, DateTimeOffset now) => status switch
    {
        AccountStatus.Inactive => u => u.State == AccountState.Inactive,
        AccountStatus.Locked => u => u.State == AccountState.Locked,
        AccountStatus.LockedFailedAttempts => u => u.State == AccountState.Active && u.LockoutEnd > now,
        _ => u => u.State == AccountState.Active && (u.LockoutEnd == null || u.LockoutEnd <= now),
    };

    /// <summary>The parts whose rows, one after the other, are the list from the cursor on.</summary>
    /// <param name="back">The list from its end.</param>
    public IEnumerable<OrderPart> From(IQueryable<PortalUser> users, UserCursor? cursor, bool back)
    {
        var down = query.Descending != back;
        var first = cursor?.Segment ?? (down ? _segments.Count - 1 : 0);
        for (var i = first; i >= 0 && i < _segments.Count; i += down ? -1 : 1)
        {
            var segment = _segments[i];
            if (segment.IsEmpty) continue;
            var rows = segment.Holds is null ? users : users.Where(segment.Holds);
            if (i != cursor?.Segment)
            {
                yield return new(i, rows, part => segment.Sorted(part, down), segment.IsSelective);
                continue;
            }
            if (!segment.IsUnique)
                yield return new(i, Beyond(segment.Ties(rows, cursor.Value), cursor.Id, down), part => segment.SortedTies(part, down), Selective: segment.Column is not null || segment.IsSelective);
            if (segment.Column is not null) yield return new(i, segment.Beyond(rows, cursor.Value, down), part => segment.Sorted(part, down), Selective: false);
        }
    }

    /// <summary>The cursor of a row.</summary>
    public UserCursor Cursor(int segment, UserRow row, string normalizedUsername, string normalizedName, string normalizedEmail) => new(segment, row.Id, query.Sort switch
    {
        UserColumn.Username => normalizedUsername,
        UserColumn.Name => normalizedName,
        UserColumn.Email => normalizedEmail,
        UserColumn.LastSignIn => row.LastSignInAt?.UtcTicks.ToString(CultureInfo.InvariantCulture),
        _ => null,
    });

    private static IQueryable<PortalUser> Beyond(IQueryable<PortalUser> rows, Guid id, bool down) =>
        down ? rows.Where(u => u.Id.CompareTo(id) < 0) : rows.Where(u => u.Id.CompareTo(id) > 0);

    private static IOrderedQueryable<PortalUser> ById(IQueryable<PortalUser> rows, bool down) => down ? rows.OrderByDescending(u => u.Id) : rows.OrderBy(u => u.Id);

    /// <summary>Rows that lie together in the order.</summary>
    /// <param name="Holds">Which rows; null for all.</param>
    /// <param name="Column">What they are ordered by before the id; null for nothing.</param>
    private sealed record Segment(Expression<Func<PortalUser, bool>>? Holds = null, string? Column = null)
    {
        /// <summary>A filter leaves nobody of it: the database would look for somebody to its end.</summary>
        public bool IsEmpty { get; init; }

        /// <summary>However many users there are, these are few: all of them are looked at sooner than it is found out whether they must be.</summary>
        public bool IsSelective { get; init; }

        /// <summary>No two rows share a value, and the index holds no id to go on with.</summary>
        public bool IsUnique { get; init; }

        /// <summary>Those without a last sign-in.</summary>
        public bool IsNever { get; init; }

        private bool IsTime => Column == nameof(PortalUser.LastSignInAt);

        public IQueryable<PortalUser> Sorted(IQueryable<PortalUser> rows, bool down)
        {
            if (Column is null && !IsNever) return ById(rows, down);
            // Also where all of them are null: PostgreSQL reads them from the index of the column in the order of the id only if it is asked in the index's words.
            if (IsTime || IsNever) return down ? rows.OrderByDescending(u => u.LastSignInAt).ThenByDescending(u => u.Id) : rows.OrderBy(u => u.LastSignInAt).ThenBy(u => u.Id);
            var byColumn = down ? rows.OrderByDescending(u => EF.Property<string>(u, Column!)) : rows.OrderBy(u => EF.Property<string>(u, Column!));
            return IsUnique ? byColumn : down ? byColumn.ThenByDescending(u => u.Id) : byColumn.ThenBy(u => u.Id);
        }

        public IQueryable<PortalUser> SortedTies(IQueryable<PortalUser> rows, bool down) => IsNever ? Sorted(rows, down) : ById(rows, down);

        public IQueryable<PortalUser> Ties(IQueryable<PortalUser> rows, string? value)
        {
            if (Column is null) return rows;
            if (!IsTime) return rows.Where(u => EF.Property<string>(u, Column) == value);
            var time = Time(value);
            return rows.Where(u => u.LastSignInAt == time);
        }

        public IQueryable<PortalUser> Beyond(IQueryable<PortalUser> rows, string? value, bool down)
        {
            if (IsTime)
            {
                var time = Time(value);
                return down ? rows.Where(u => u.LastSignInAt < time) : rows.Where(u => u.LastSignInAt > time);
            }
            return down
                ? rows.Where(u => EF.Property<string>(u, Column!).CompareTo(value) < 0)
                : rows.Where(u => EF.Property<string>(u, Column!).CompareTo(value) > 0);
        }

        private static DateTimeOffset Time(string? value) =>
            long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks
                ? new(ticks, TimeSpan.Zero) : DateTimeOffset.UnixEpoch;
    }
}

/// <summary>A range of the order, and how its rows are sorted.</summary>
/// <param name="Selective">People of one name, or the administrators of the order: not worth a look before all of them are read.</param>
internal sealed record OrderPart(int Segment, IQueryable<PortalUser> Rows, Func<IQueryable<PortalUser>, IQueryable<PortalUser>> Sort, bool Selective);

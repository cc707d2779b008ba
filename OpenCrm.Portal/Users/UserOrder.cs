using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Users;

/// <summary>
/// The order of the user list as a sequence of segments, each a range of one index: a boolean has two segments, the status four. A segment may be
/// ordered by a column; ties are ordered by id. Reading segments needs neither OFFSET nor a sort, and both databases put NULLs in the same place.
/// </summary>
internal sealed class UserOrder(UserQuery query, bool mfaSwitchedOn, DateTimeOffset now)
{
    private readonly IReadOnlyList<Segment> _segments = query.Sort switch
    {
        UserColumn.Name => [new(null, nameof(PortalUser.NormalizedName))],
        UserColumn.Email => [new(null, nameof(PortalUser.NormalizedEmail)) { IsUnique = true }],
        UserColumn.SystemAdministrator =>
            [new(u => !u.IsSystemAdministrator) { IsEmpty = query.Administrators }, new(u => u.IsSystemAdministrator) { IsSelective = true }],
        UserColumn.Status =>
            [.. Enum.GetValues<AccountStatus>()
                .Select(status => new Segment(Is(status, now)) { IsEmpty = query.Status is { } only && only != status })],
        UserColumn.Mfa => mfaSwitchedOn
            ? [new(u => !u.TwoFactorEnabled) { IsEmpty = query.Mfa is true }, new(u => u.TwoFactorEnabled) { IsEmpty = query.Mfa is false }]
            : [new()],
        UserColumn.LastSignIn =>
            [new(u => u.LastSignInAt == null) { IsNever = true }, new(u => u.LastSignInAt != null, nameof(PortalUser.LastSignInAt))],
        _ => [new(null, nameof(PortalUser.NormalizedUserName)) { IsUnique = true }],
    };

    public int Segments => _segments.Count;

    /// <summary>The users with this status now (docs/spec.md 5.3); an expired timed lock counts as Active.</summary>
    public static Expression<Func<PortalUser, bool>> Is(AccountStatus status, DateTimeOffset now) => status switch
    {
        AccountStatus.Inactive => u => u.State == AccountState.Inactive,
        AccountStatus.Locked => u => u.State == AccountState.Locked,
        AccountStatus.LockedFailedAttempts => u => u.State == AccountState.Active && u.LockoutEnd > now,
        _ => u => u.State == AccountState.Active && (u.LockoutEnd == null || u.LockoutEnd <= now),
    };

    /// <summary>Splits the list from the cursor on into parts, to be read one after the other.</summary>
    /// <param name="back">Whether to read the list from its end.</param>
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
            {
                yield return new(
                    i,
                    Beyond(segment.Ties(rows, cursor.Value), cursor.Id, down),
                    part => segment.SortedTies(part, down),
                    Selective: segment.Column is not null || segment.IsSelective);
            }
            if (segment.Column is not null)
                yield return new(i, segment.Beyond(rows, cursor.Value, down), part => segment.Sorted(part, down), Selective: false);
        }
    }

    /// <summary>Makes the cursor of a row.</summary>
    public UserCursor Cursor(
        int segment, UserRow row, string normalizedUsername, string normalizedName, string normalizedEmail) => new(segment, row.Id, query.Sort switch
        {
            UserColumn.Username => normalizedUsername,
            UserColumn.Name => normalizedName,
            UserColumn.Email => normalizedEmail,
            UserColumn.LastSignIn => row.LastSignInAt?.UtcTicks.ToString(CultureInfo.InvariantCulture),
            _ => null,
        });

    private static IQueryable<PortalUser> Beyond(IQueryable<PortalUser> rows, Guid id, bool down) =>
        down ? rows.Where(u => u.Id.CompareTo(id) < 0) : rows.Where(u => u.Id.CompareTo(id) > 0);

    private static IOrderedQueryable<PortalUser> ById(IQueryable<PortalUser> rows, bool down) =>
        down ? rows.OrderByDescending(u => u.Id) : rows.OrderBy(u => u.Id);

    /// <summary>Rows that are next to each other in the order.</summary>
    /// <param name="Holds">The condition for its rows; null for all rows.</param>
    /// <param name="Column">The column that they are ordered by before the id; null for the id alone.</param>
    private sealed record Segment(Expression<Func<PortalUser, bool>>? Holds = null, string? Column = null)
    {
        /// <summary>A filter excludes the whole segment, so it is skipped: the database would search it to its end for nothing.</summary>
        public bool IsEmpty { get; init; }

        /// <summary>The segment is small however many users there are: reading all of it is faster than estimating first.</summary>
        public bool IsSelective { get; init; }

        /// <summary>No two rows have the same value, so there are no ties, and the index contains no id.</summary>
        public bool IsUnique { get; init; }

        /// <summary>The segment of the users who have never signed in.</summary>
        public bool IsNever { get; init; }

        private bool IsTime => Column == nameof(PortalUser.LastSignInAt);

        public IQueryable<PortalUser> Sorted(IQueryable<PortalUser> rows, bool down)
        {
            if (Column is null && !IsNever) return ById(rows, down);
            // The column is named even where all its values are null: PostgreSQL reads the rows from that column's index only if the query orders by
            // exactly the columns of the index.
            if (IsTime || IsNever)
            {
                return down
                    ? rows.OrderByDescending(u => u.LastSignInAt).ThenByDescending(u => u.Id)
                    : rows.OrderBy(u => u.LastSignInAt).ThenBy(u => u.Id);
            }
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
/// <param name="Selective">Whether the part is small, such as people with one name or the administrators; then all of it is read without an estimate
/// first.</param>
internal sealed record OrderPart(int Segment, IQueryable<PortalUser> Rows, Func<IQueryable<PortalUser>, IQueryable<PortalUser>> Sort, bool Selective);

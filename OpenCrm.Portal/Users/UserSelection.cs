using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>
/// Which users are ticked in the list: single ones, or all that match its filter without some. It lives in the open page; ticking asks no database.
/// </summary>
public sealed class UserSelection
{
    /// <summary>Those who are ticked; if all that match are, those who are not.</summary>
    private readonly HashSet<Guid> _single = [];

    private UserQuery? _filter;

    /// <summary>Whether all that match the filter are ticked, without some perhaps.</summary>
    public bool IsAllThatMatch { get; private set; }

    public bool IsEmpty => !IsAllThatMatch && _single.Count == 0;

    public bool Has(Guid user) => _single.Contains(user) != IsAllThatMatch;

    /// <summary>Whether a list that shows this query shows the users that were chosen from.</summary>
    public bool BelongsTo(UserQuery query) => IsEmpty || _filter == query.Filter();

    public void Set(UserQuery query, IEnumerable<Guid> users, bool ticked)
    {
        if (IsEmpty) _filter = query.Filter();
        if (ticked == IsAllThatMatch) _single.ExceptWith(users);
        else _single.UnionWith(users);
    }

    public void TakeAll(UserQuery query)
    {
        _single.Clear();
        (_filter, IsAllThatMatch) = (query.Filter(), true);
    }

    public void Clear()
    {
        _single.Clear();
        (_filter, IsAllThatMatch) = (null, false);
    }

    /// <summary>How many are ticked, as people read it.</summary>
    /// <param name="all">How many match the filter.</param>
    public string Number(CappedCount? all) => !IsAllThatMatch ? FilterChip.Number(new(Math.Min(_single.Count, CappedCount.Limit + 1)))
        : all is { IsMore: false } exact ? FilterChip.Number(new(Math.Max(0, exact.Value - _single.Count)))
        : Texts.Controls_CountMany;

    /// <summary>The selection at this moment.</summary>
    public SelectedUsers Now() => new(IsAllThatMatch ? _filter : null, [.. _single]);
}

/// <summary>Users to act on.</summary>
/// <param name="Matching">The filter whose users they are, found when the action runs; null if they are single ones.</param>
/// <param name="Picked">The ticked users; with a filter, those of its users who are left out.</param>
public sealed record SelectedUsers(UserQuery? Matching, IReadOnlyList<Guid> Picked);

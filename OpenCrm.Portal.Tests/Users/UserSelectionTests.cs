using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>The ticks of the user list: they stay with their filter, whatever page or order is shown.</summary>
public sealed class UserSelectionTests
{
    private static readonly Guid[] Ids = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];

    [Fact]
    public void Ticks_stay_on_other_pages_and_in_other_orders_and_end_with_another_filter()
    {
        var selection = new UserSelection();
        var query = new UserQuery { Search = "sales", Mfa = true };
        Assert.True(selection.BelongsTo(query));
        selection.Set(query, Ids[..2], true);
        selection.Set(query.AtLast(), [Ids[2]], true);
        selection.Set(query, [Ids[0]], false);

        Assert.Equal([false, true, true, false], Ids.Select(selection.Has));
        Assert.True(selection.BelongsTo(query.AtLast() with { Sort = UserColumn.Email, Descending = true }));
        foreach (var other in new[] { query with { Mfa = null }, query with { Search = "sale" }, query with { Status = AccountStatus.Locked } })
            Assert.False(selection.BelongsTo(other));
        var selected = selection.Now();
        Assert.Null(selected.Matching);
        Assert.Equal(Ids[1..3].Order(), selected.Picked.Order());
    }

    [Fact]
    public void All_that_match_are_the_filter_without_those_who_were_unticked()
    {
        var selection = new UserSelection();
        var query = new UserQuery { Search = "sales" };
        selection.Set(query, [Ids[0]], true);
        selection.TakeAll(query.AtLast());
        Assert.All(Ids, id => Assert.True(selection.Has(id)));
        Assert.Equal(("212", "1,000+"), (selection.Number(new CappedCount(212)), selection.Number(new CappedCount(CappedCount.Limit + 1))));

        selection.Set(query, Ids[..2], false);
        selection.Set(query, [Ids[1]], true);
        Assert.Equal([false, true, true, true], Ids.Select(selection.Has));
        Assert.Equal((query, Ids[0]), (selection.Now().Matching, Assert.Single(selection.Now().Picked)));
        Assert.Equal("211", selection.Number(new CappedCount(212)));
        selection.Clear();
        Assert.True(selection.IsEmpty && !selection.Has(Ids[1]));
    }
}

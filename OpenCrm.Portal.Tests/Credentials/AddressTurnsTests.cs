using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>Whose password is hashed next, and who has to go when too many wait.</summary>
public sealed class AddressTurnsTests
{
    /// <summary>Red when everybody waits in one line.</summary>
    [Fact]
    public void A_hundred_of_one_address_delay_another_address_by_one()
    {
        var turns = new AddressTurns<string>(most: 1000);
        for (var n = 0; n < 100; n++) Assert.Null(turns.Add("crowd", $"crowd {n}"));
        Assert.Null(turns.Add("ada", "ada 0"));
        Assert.Null(turns.Add("ada", "ada 1"));
        Assert.Null(turns.Add("bob", "bob 0"));

        Assert.Equal(
            ["crowd 0", "ada 0", "bob 0", "crowd 1", "ada 1", "crowd 2", "crowd 3"],
            Enumerable.Range(0, 7).Select(_ => turns.Take()));
        Assert.Equal(96, turns.Count);
    }

    /// <summary>Red when the newcomer is refused, whoever filled the queue.</summary>
    [Fact]
    public void In_a_full_queue_the_newest_of_the_longest_line_gives_way()
    {
        var turns = new AddressTurns<string>(most: 3);
        Assert.Null(turns.Add("crowd", "crowd 0"));
        Assert.Null(turns.Add("crowd", "crowd 1"));
        Assert.Null(turns.Add("crowd", "crowd 2"));

        Assert.Equal("crowd 3", turns.Add("crowd", "crowd 3"));
        Assert.Equal("crowd 2", turns.Add("ada", "ada 0"));
        Assert.Equal("crowd 1", turns.Add("bob", "bob 0"));
        // Everybody has one: the newcomer is the one too many.
        Assert.Equal("eve 0", turns.Add("eve", "eve 0"));
        Assert.Null(turns.Add(AddressTurns<string>.Own, "of the portal"));

        Assert.Equal(["crowd 0", "ada 0", "bob 0", "of the portal", null], Enumerable.Range(0, 5).Select(_ => turns.Take()));
        Assert.Equal(0, turns.Count);
    }

    [Fact]
    public void Whoever_left_holds_no_turn()
    {
        var turns = new AddressTurns<string>(most: 10);
        turns.Add("ada", "ada 0");
        turns.Add("bob", "bob 0");

        Assert.True(turns.Remove("ada", "ada 0"));
        Assert.False(turns.Remove("ada", "ada 0"));
        Assert.Equal(["bob 0"], turns.Heads);
        Assert.Equal("bob 0", turns.Take());
        Assert.False(turns.Remove("bob", "bob 0"));
        Assert.Null(turns.Take());
    }
}

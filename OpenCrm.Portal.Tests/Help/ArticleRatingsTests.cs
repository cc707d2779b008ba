using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Help;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Help;

/// <summary>Ratings on both databases: one for each person, read only by system administrators (docs/spec.md 10.1).</summary>
public sealed class ArticleRatingsTests(PostgresCluster cluster)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_later_rating_takes_the_place_of_the_earlier_one_and_each_change_is_one_event(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var bob = await portal.AddPersonAsync("bob");
        await using var circuit = await portal.SignedInAsync(bob);
        Assert.Null(await Ratings(circuit).ReadOwnAsync());

        var first = await ReadStoredAsync(circuit, 2, "Too long.");
        Assert.Equal(new OwnRating(2, "Too long.", portal.Now), first);
        portal.Advance(TimeSpan.FromMinutes(5));
        var second = await ReadStoredAsync(circuit, 5, "Better now: <script>alert(1)</script>\nThank you 👍");
        Assert.Equal(second, await Ratings(circuit).ReadOwnAsync());
        Assert.Equal((5, portal.Now), (second.Stars, second.At));
        portal.Advance(TimeSpan.FromMinutes(5));
        // The same rating is sent again: nothing changes, not even the time.
        Assert.Equal(second, await ReadStoredAsync(circuit, 5, " Better now: <script>alert(1)</script>\r\nThank you 👍 "));
        // The comment may be removed again.
        Assert.Equal("", (await ReadStoredAsync(circuit, 5, null)).Comment);

        Assert.Equal((1, 3), (await portal.CountAsync<HelpRating>(), await portal.EventsAsync<AuditEvent.ArticleRated>(bob)));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_two_tabs_that_send_at_once_one_rating_is_left(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var bob = await portal.AddPersonAsync("bob");
        await using var here = await portal.SignedInAsync(bob);
        await using var there = await portal.SignedInAsync(bob);

        var outcomes = await TestAccounts.AtOnceAsync(Enumerable.Range(0, 10).Select(i => (Func<Task<RatingOutcome>>)(
            () => Ratings(i % 2 == 0 ? here : there).RateAsync(1 + i % 5, $"Try {i}"))));

        Assert.All(outcomes, outcome => Assert.IsType<RatingOutcome.Stored>(outcome));
        Assert.Equal((1, 10), (await portal.CountAsync<HelpRating>(), await portal.EventsAsync<AuditEvent.ArticleRated>(bob)));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_refused_is_told_and_stores_nothing(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await using var circuit = await portal.SignedInAsync(await portal.AddPersonAsync("bob"));
        var ratings = Ratings(circuit);

        foreach (var stars in new[] { int.MinValue, 0, 6 }) Assert.IsType<RatingOutcome.NoStars>(await ratings.RateAsync(stars, "Fine."));
        Assert.Equal(new RatingOutcome.TooLong(2_001), await ratings.RateAsync(3, new string('x', 2_001)));
        foreach (var bad in new[] { "a\0b", "a\uD83Db", "a\uFFFEb", "a\u001Bb" })
            Assert.Equal(new RatingOutcome.Unacceptable(1, 2), await ratings.RateAsync(3, bad));
        Assert.Equal((0, 0), (await portal.CountAsync<HelpRating>(), await portal.EventsAsync<AuditEvent.ArticleRated>()));
        var longest = string.Concat(Enumerable.Repeat("👩‍💻 ", 333)).Trim();
        Assert.Equal(longest, (await ReadStoredAsync(circuit, 3, longest)).Comment);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task After_twenty_changes_an_hour_is_waited_and_what_is_refused_does_not_count(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var (bob, ada) = (await portal.AddPersonAsync("bob"), await portal.AddPersonAsync("ada"));
        await using var circuit = await portal.SignedInAsync(bob);
        await using var other = await portal.SignedInAsync(ada);
        for (var i = 0; i < 40; i++) await Ratings(circuit).RateAsync(0, null);
        for (var i = 0; i < ArticleRatings.MostChanges; i++) await ReadStoredAsync(circuit, 1 + i % 5, $"{i}");

        Assert.IsType<RatingOutcome.TooOften>(await Ratings(circuit).RateAsync(4, "One more."));
        Assert.Equal("19", (await Ratings(circuit).ReadOwnAsync())!.Comment);
        // Each person has a limit of their own.
        await ReadStoredAsync(other, 4, "Mine.");
        portal.Advance(TimeSpan.FromMinutes(20));
        await Ratings(circuit).ReadOwnAsync();
        portal.Advance(TimeSpan.FromMinutes(20));
        await using var later = await portal.SignedInAsync(bob);
        Assert.IsType<RatingOutcome.TooOften>(await Ratings(later).RateAsync(4, "One more."));
        portal.Advance(TimeSpan.FromMinutes(20));
        await ReadStoredAsync(later, 4, "One more.");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Only_a_system_administrator_reads_what_others_wrote(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var (ann, bob, eve) = (
            await portal.AddPersonAsync("ann", administrator: true),
            await portal.AddPersonAsync("bob"),
            await portal.AddPersonAsync("eve"));
        await using var annAt = await portal.SignedInAsync(ann);
        await using var bobAt = await portal.SignedInAsync(bob);
        await using var eveAt = await portal.SignedInAsync(eve);
        await using var nobody = await portal.SignedInAsync(eve);
        nobody.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>().SwitchToNobody(SessionEnd.SignedOut);
        await ReadStoredAsync(bobAt, 4, "Between us.");

        Assert.Equal(
            ("bob", 4, "Between us."),
            (await Ratings(annAt).ReadAllAsync(new CommentTurn.Newest())).Comments.Select(c => (c.Name, c.Stars, c.Comment)).Single());
        Assert.Null(await Ratings(eveAt).ReadOwnAsync());
        foreach (var turn in new CommentTurn[]
        {
            new CommentTurn.Newest(),
            new CommentTurn.OlderThan(new(portal.Now.AddDays(1), bob.Id)),
            new CommentTurn.NewerThan(new(portal.Now.AddDays(-1), bob.Id))
        })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(() => Ratings(eveAt).ReadAllAsync(turn));
            await Assert.ThrowsAsync<AccessRefusedException>(() => Ratings(nobody).ReadAllAsync(turn));
        }
        await Assert.ThrowsAsync<AccessRefusedException>(() => Ratings(nobody).ReadOwnAsync());
        await Assert.ThrowsAsync<AccessRefusedException>(() => Ratings(nobody).RateAsync(5, "Hello."));
        Assert.Equal(new ArticleNumbers(5, 0, 30), await Ratings(nobody).ReadNumbersAsync());
        // The right is read for each action: the open page of a former administrator has it no more.
        await portal.DemoteAsync("ann");
        await Assert.ThrowsAsync<AccessRefusedException>(() => Ratings(annAt).ReadAllAsync(new CommentTurn.Newest()));
        Assert.Equal(1, await portal.CountAsync<HelpRating>());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Every_comment_is_paged_through_once_newest_first_also_those_of_one_moment(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await using var ann = await portal.SignedInAsync(await portal.AddPersonAsync("ann", administrator: true));
        await MakeAsync(portal, 23, silent: 7);

        var seen = new List<Guid>();
        CommentTurn turn = new CommentTurn.Newest();
        RatingsPart part;
        for (; ; turn = new CommentTurn.OlderThan(part.Older!))
        {
            part = await Ratings(ann).ReadAllAsync(turn);
            seen.AddRange(part.Comments.Select(c => c.UserId));
            if (part.Older is null) break;
        }
        Assert.Equal((23, 23), (seen.Count, seen.Distinct().Count()));
        var middle = await Ratings(ann).ReadAllAsync(new CommentTurn.NewerThan(part.Newer!));
        Assert.Equal(seen[10..20], middle.Comments.Select(c => c.UserId));
        var newest = await Ratings(ann).ReadAllAsync(new CommentTurn.NewerThan(middle.Newer!));
        Assert.Equal(seen[..10], newest.Comments.Select(c => c.UserId));
        Assert.Null(newest.Newer);
        Assert.Equal(newest.Comments.Select(c => c.At).OrderDescending(), newest.Comments.Select(c => c.At));
        // Stars count with and without a comment: 1, 2, 3, 4, 5, 1, 2, …
        Assert.Equal((30, 3.0), (newest.Count, newest.Average));
        Assert.Equal([6, 6, 6, 6, 6], newest.Counts);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_page_of_comments_is_a_range_of_an_index_and_so_are_the_sums(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await using var work = await portal.BeginAsync();
        await work.Planner.PreferIndexesAsync();
        var at = portal.Now;

        Assert.Contains(
            "IX_HelpRatings_At_UserId",
            await PlanAsync(work.Query<HelpRating>().Where(r => r.Comment != "" && r.At <= at)
                .OrderByDescending(r => r.At).ThenByDescending(r => r.UserId).Take(11)),
            StringComparison.Ordinal);
        Assert.Contains(
            "IX_HelpRatings_Stars",
            await PlanAsync(work.Query<HelpRating>().GroupBy(r => r.Stars).Select(g => new { g.Key, Count = g.Count() })),
            StringComparison.Ordinal);

        async Task<string> PlanAsync<T>(IQueryable<T> rows)
        {
            await using var command = rows.CreateDbCommand();
            command.CommandText = (database == DatabaseKind.Sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + command.CommandText;
            await using var reader = await command.ExecuteReaderAsync();
            var plan = new List<string>();
            while (await reader.ReadAsync()) plan.Add($"{reader[reader.FieldCount - 1]}");
            return string.Join('\n', plan);
        }
    }

    private static ArticleRatings Ratings(AsyncServiceScope circuit) => circuit.ServiceProvider.GetRequiredService<ArticleRatings>();

    private static async Task<OwnRating> ReadStoredAsync(AsyncServiceScope circuit, int stars, string? comment) =>
        Assert.IsType<RatingOutcome.Stored>(await Ratings(circuit).RateAsync(stars, comment)).Now;

    private async Task<PortalHost> StartAsync(DatabaseKind database) => await PortalHost.StartAsync(await cluster.NewAsync(database));

    /// <summary>Makes ratings with comments, three at each moment, and some with stars alone.</summary>
    private static async Task MakeAsync(PortalHost portal, int count, int silent)
    {
        for (var i = 0; i < count + silent; i++)
        {
            var person = await portal.AddPersonAsync($"person{i}");
            await using var work = await portal.BeginAsync();
            work.Add(new HelpRating
            {
                UserId = person.Id,
                Stars = 1 + i % 5,
                Comment = i < count ? $"Comment {i}" : "",
                At = portal.Now - TimeSpan.FromMinutes(i / 3)
            });
            await work.CommitAsync();
        }
    }
}

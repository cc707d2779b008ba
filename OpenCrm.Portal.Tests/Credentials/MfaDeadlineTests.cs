using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>Deadlines are stored once, and what may change them (docs/spec.md 12.1).</summary>
public sealed class MfaDeadlineTests(PostgresCluster postgres)
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_rule_gives_those_whom_it_covers_a_deadline_and_a_wider_one_gives_the_others_their_own(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));

        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators);
        Assert.Null(await portal.FindDeadlineAsync(bob.Id));
        var anns = await portal.DeadlineAsync(ann);
        Assert.Equal(anns.CoveredAt + Week, anns.DueAt);
        Assert.Equal((true, false), ((await portal.DeadlineAsync(ann)).IsOpen, (await portal.DeadlineAsync(root)).IsOpen));

        portal.Advance(TimeSpan.FromDays(3));
        await portal.RequireAsync(root, MustUseMfa.Everyone);

        Assert.Equal(anns.DueAt, (await portal.DeadlineAsync(ann)).DueAt);
        // On PostgreSQL by the database's clock, which the test cannot turn.
        var bobs = await portal.DeadlineAsync(bob);
        Assert.Equal(bobs.CoveredAt + Week, bobs.DueAt);
        if (kind is DatabaseKind.Sqlite) Assert.Equal(portal.Now, bobs.CoveredAt);
        Assert.Equal(MfaDutyState.Due, await portal.DutyAsync(ann));
    }

    /// <summary>Red when the node's clock writes the deadline: a node that is three days ahead would give ten days.</summary>
    [Fact]
    public async Task The_databases_clock_writes_it_whatever_the_nodes_says()
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(DatabaseKind.Postgres));
        await using var _ = portal;
        var before = portal.Now;
        portal.Advance(TimeSpan.FromDays(3));

        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators);

        Assert.InRange((await portal.DeadlineAsync(root)).DueAt, before + Week, before + Week + TimeSpan.FromMinutes(10));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Fewer_days_shorten_it_and_more_days_bring_back_none_that_has_passed(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob"));
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 30);
        var since = (await portal.DeadlineAsync(ann)).CoveredAt;

        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 5);
        Assert.Equal(since.AddDays(5), (await portal.DeadlineAsync(ann)).DueAt);

        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 9);
        Assert.Equal(since.AddDays(9), (await portal.DeadlineAsync(ann)).DueAt);

        await portal.MoveDeadlineAsync(bob, portal.Now.AddMinutes(-1));
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 60);
        Assert.Equal(portal.Now.AddMinutes(-1), (await portal.DeadlineAsync(bob)).DueAt);
        Assert.Equal((MfaDutyState.Due, MfaDutyState.Overdue), (await portal.DutyAsync(ann), await portal.DutyAsync(bob)));

        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 0);
        // On PostgreSQL the database's clock wrote it, which is up to a minute ahead of the test's.
        portal.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(MfaDutyState.Overdue, await portal.DutyAsync(ann));
    }

    /// <summary>Red when people who come later are only found by the worker's next round.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Who_comes_later_and_who_becomes_an_administrator_gets_one_in_the_same_commit(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var bob = await portal.AddPersonAsync("bob");
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators);
        await using var seat = await Seat.TakeAsync(portal, root);
        var details = seat.Service<UserDetails>();
        var version = (await portal.UserAsync(bob)).ConcurrencyStamp!;

        Assert.IsType<DetailsOutcome.Saved>(
            await details.SaveAsync(bob.Id, version, new UserEdit("bob", "bob", bob.Email, IsSystemAdministrator: true)));
        var eve = Assert.IsType<DetailsOutcome.Saved>(
            await details.CreateAsync(new UserEdit("eve", "Eve", "eve@example.test", IsSystemAdministrator: true)));
        var uma = Assert.IsType<DetailsOutcome.Saved>(
            await details.CreateAsync(new UserEdit("uma", "Uma", "uma@example.test", IsSystemAdministrator: false)));

        Assert.Equal(MfaDutyState.Due, await portal.DutyAsync(bob));
        Assert.NotNull(await portal.FindDeadlineAsync(eve.Id));
        Assert.Null(await portal.FindDeadlineAsync(uma.Id));
    }

    /// <summary>Red without the worker's look for people without a deadline: whoever was written in bulk would never have to.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Who_was_written_past_the_rule_gets_one_within_a_round(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        await portal.RemindAsync();
        var made = NewUsers.Make(portal.Now, "bulk", "Bulk", "bulk@example.test", "x", systemAdministrator: false);
        await using (var work = await portal.BeginAsync())
        {
            await work.WriteAsync([made]);
            work.Record(new AuditEvent.UsersMade(1), new Caller.Console());
            await work.CommitAsync();
        }

        await portal.RemindAsync();

        Assert.NotNull(await portal.FindDeadlineAsync(made.Id));
    }

    [Fact]
    public async Task Only_ticking_the_switch_again_renews_it_and_only_for_those_without_MFA()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob"));
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        await portal.EnrolAsync(bob);
        var first = await portal.DeadlineAsync(ann);
        portal.Advance(TimeSpan.FromDays(8));

        // The rule goes and comes again, narrower and wider: nothing is renewed.
        await portal.RequireAsync(root, MustUseMfa.Nobody);
        Assert.Equal(MfaDutyState.None, await portal.DutyAsync(ann));
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators);
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        Assert.Equal((first.DueAt, MfaDutyState.Overdue), ((await portal.DeadlineAsync(ann)).DueAt, await portal.DutyAsync(ann)));

        await portal.RequireAsync(root, MustUseMfa.Everyone, mfa: false);
        Assert.Equal(MfaDutyState.None, await portal.DutyAsync(ann));
        portal.Advance(TimeSpan.FromDays(1));
        await portal.RequireAsync(root, MustUseMfa.Everyone, mfa: true);

        Assert.Equal((portal.Now + Week, MfaDutyState.Due), ((await portal.DeadlineAsync(ann)).DueAt, await portal.DutyAsync(ann)));
        Assert.Equal(first.DueAt, (await portal.DeadlineAsync(bob)).DueAt);
    }

    /// <summary>
    /// Red without the trigger: the list would be asked through an index that does not hold the person. On SQLite red after a migration that builds
    /// the table of users anew and forgets it.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task The_index_holds_whoever_has_no_MFA_by_whichever_way_that_changed(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob", enrolled: true));
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        Assert.Equal((true, false), await OpenAsync());

        await portal.EnrolAsync(ann);
        await portal.DisableMfaAsync(bob);
        Assert.Equal((false, true), await OpenAsync());

        await using (var work = await portal.BeginAsync())
        {
            await work.Enrolments.EraseAllAsync();
            await work.CommitAsync();
        }
        Assert.Equal((true, true), await OpenAsync());

        async Task<(bool, bool)> OpenAsync() => ((await portal.DeadlineAsync(ann)).IsOpen, (await portal.DeadlineAsync(bob)).IsOpen);
    }

    /// <summary>Red when the node's clock alone decides: on a node whose clock is a week behind everything would be open again.</summary>
    [Fact]
    public async Task A_node_whose_clock_was_set_back_over_a_deadline_opens_nothing()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var root = await nodes.A.AddPersonAsync("root", enrolled: true, administrator: true);
        var ann = await nodes.A.AddPersonAsync("ann");
        await nodes.A.RequireAsync(root, MustUseMfa.Everyone);
        nodes.A.Advance(Week + TimeSpan.FromHours(1));
        await nodes.A.RemindAsync();
        await using var seat = await Seat.TakeAsync(nodes.B, ann);

        await Assert.ThrowsAsync<MfaOverdueException>(() => seat.Service<OwnRecord>().ReadAsync());
        Assert.Equal((MfaDutyState.Overdue, MfaDutyState.Overdue), (await nodes.A.DutyAsync(ann), await nodes.B.DutyAsync(ann)));
        // An extension still opens it.
        await using (var work = await nodes.B.BeginAsync())
        {
            Assert.True(await work.Duties.ExtendAsync(ann.Id, nodes.A.Now.AddDays(2)));
            await work.CommitAsync();
        }
        Assert.Equal((MfaDutyState.Due, MfaDutyState.Due), (await nodes.A.DutyAsync(ann), await nodes.B.DutyAsync(ann)));
    }

    /// <summary>The same where the only machine's clock is set back while the portal is off.</summary>
    [Fact]
    public async Task A_portal_that_starts_with_a_clock_set_back_over_a_deadline_opens_nothing()
    {
        var settings = new PortalSettings { DataFolder = Reaper.NewFolder("data") };
        TestPerson ann;
        var (portal, root) = await RequiredMfa.StartAsync(settings);
        await using (portal)
        {
            ann = await portal.AddPersonAsync("ann");
            await portal.RequireAsync(root, MustUseMfa.Everyone);
            portal.Advance(Week + TimeSpan.FromHours(1));
            await portal.RemindAsync();
        }

        await using var again = await PortalHost.StartAsync(settings);

        Assert.True((await again.DeadlineAsync(ann)).DueAt > again.Now);
        Assert.Equal(MfaDutyState.Overdue, await again.DutyAsync(ann));
    }

    /// <summary>Two administrators save rules at the same moment, while people enrol: no deadlock, and nobody is left without a deadline.</summary>
    [Fact]
    public async Task Rules_that_are_saved_while_people_set_up_MFA_wait_for_one_another()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var root = await nodes.A.AddPersonAsync("root", enrolled: true, administrator: true);
        var people = new List<TestPerson>();
        for (var i = 0; i < 12; i++) people.Add(await nodes.A.AddPersonAsync($"person{i}"));
        await nodes.A.RequireAsync(root, MustUseMfa.Everyone);

        for (var round = 0; round < 5; round++)
        {
            var days = 10 + round;
            await TestAccounts.AtOnceAsync<bool>(
            [
                .. people.Select((person, i) => new Func<Task<bool>>(async () =>
                {
                    if (round % 2 == 0) await nodes[i].EnrolAsync(person);
                    else await nodes[i].DisableMfaAsync(person);
                    return true;
                })),
                async () => { await nodes.A.SaveRuleAsync(root, MustUseMfa.Everyone, days); return true; },
                async () => { await nodes.B.RemindAsync(); return true; },
            ]);
        }

        foreach (var person in people)
            Assert.Equal(!(await nodes.A.UserAsync(person)).TwoFactorEnabled, (await nodes.A.DeadlineAsync(person)).IsOpen);
    }
}

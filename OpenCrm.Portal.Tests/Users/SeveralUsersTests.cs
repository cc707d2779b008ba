using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;
using static OpenCrm.Portal.Tests.Users.UserAdministrationFixture;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>What administrators do to several people at once, on both databases: to whom, and to whom never.</summary>
public sealed class SeveralUsersTests(PostgresCluster postgres)
{
    private static readonly HashSet<Guid> Nobody = [];

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task All_that_match_a_filter_are_exactly_those_with_an_event_and_a_mail_each(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync(mfa: false);
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        List<TestPerson> sales = [];
        for (var n = 0; n < 4; n++) sales.Add(await portal.AddPersonAsync($"sales.{n}"));
        var leftOut = await portal.AddPersonAsync("sales.out");
        var other = await portal.AddPersonAsync("other");
        await portal.AddPersonAsync("sales.boss", administrator: true);
        await portal.AddPersonAsync("sales.gone", state: AccountState.Locked);
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var page = await Seat.TakeAsync(portal, sales[0]);
        var several = admin.Service<SeveralUsers>();
        var selected = new SelectedUsers(new() { Search = "SALES." }, [leftOut.Id]);

        var plan = Assert.IsType<SeveralPlan.Ready>(await several.PlanAsync(SeveralAct.Lock, selected));
        Assert.Equal((4, "sales.0", "sales.boss"), (plan.Others, plan.FirstOther, Assert.Single(plan.Administrators).Username));
        Assert.Equal(new("sales.gone", Sparing.Locked), Assert.Single(plan.Spared.First));
        List<(int, int)> steps = [];
        var ran = Assert.IsType<SeveralOutcome.Ran>(
            await several.RunAsync(SeveralAct.Lock, selected, Nobody, (done, all) => steps.Add((done, all))));

        Assert.Equal((4, 2, 0, null), (ran.Done, ran.Left.Count, ran.NotReached, ran.Stopped));
        Assert.Equal([new("sales.boss", Sparing.Administrator), new("sales.gone", Sparing.Locked)], ran.Left.First);
        Assert.Equal((1, 6), steps[0]);
        Assert.Equal((6, 6), steps[^1]);
        foreach (var person in sales)
        {
            Assert.Equal(AccountState.Locked, (await portal.UserAsync(person)).State);
            Assert.Equal(1, await portal.EventsAsync<AuditEvent.LockedByAdministrator>(person));
            Assert.Equal(1, await MailsAsync(portal, "account-locked", person.Email));
        }
        foreach (var person in new[] { leftOut, other }) Assert.Equal(AccountState.Active, (await portal.UserAsync(person)).State);
        Assert.Equal((4, 4), (await portal.EventsAsync<AuditEvent.LockedByAdministrator>(), await MailsAsync(portal, "account-locked")));
        Assert.Equal(SessionEnd.AccountClosed, page.Page.EndedBy);
    }

    /// <summary>Red when the names are only asked for by the popup, and when a promotion between popup and action is not seen.</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task Administrators_are_among_them_only_by_name_and_never_oneself_or_the_last_one(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await OnlyAsync(portal);
        var (ann, cem, dee) = (
            await portal.AddPersonAsync("ann", administrator: true),
            await portal.AddPersonAsync("cem", administrator: true),
            await portal.AddPersonAsync("dee", administrator: true));
        var (bob, eve) = (await portal.AddPersonAsync("bob"), await portal.AddPersonAsync("eve"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        var several = admin.Service<SeveralUsers>();
        SelectedUsers selected = new(null, [ann.Id, bob.Id, cem.Id, dee.Id, eve.Id]);

        var plan = Assert.IsType<SeveralPlan.Ready>(await several.PlanAsync(SeveralAct.Deactivate, selected));
        Assert.Equal((2, "cem dee"), (plan.Others, string.Join(' ', plan.Administrators.Select(a => a.Username))));
        Assert.Equal(new("ann", Sparing.Own), Assert.Single(plan.Spared.First));
        await ChangeAsync(portal, eve, users => users.ExecuteUpdateAsync(set => set.SetProperty(u => u.IsSystemAdministrator, true)));
        var ran = Assert.IsType<SeveralOutcome.Ran>(await several.RunAsync(SeveralAct.Deactivate, selected, new HashSet<Guid> { ann.Id, cem.Id }));

        Assert.Equal(2, ran.Done);
        Assert.Equal(
            [new("ann", Sparing.Own), new("dee", Sparing.Administrator), new("eve", Sparing.Administrator)], ran.Left.First);
        foreach (var gone in new[] { bob, cem }) Assert.Equal(AccountState.Inactive, (await portal.UserAsync(gone)).State);

        // Somebody guesses and so locks the administrator, who still has this page. One of the others is then the last one who can act.
        await ChangeAsync(portal, eve, users => users.ExecuteUpdateAsync(set => set.SetProperty(u => u.IsSystemAdministrator, false)));
        await ChangeAsync(portal, ann, users => users.ExecuteUpdateAsync(set => set.SetProperty(u => u.LockoutEnd, DateTimeOffset.MaxValue)));
        SelectedUsers last = new(null, [dee.Id]);
        foreach (var act in new[] { SeveralAct.Lock, SeveralAct.Deactivate })
        {
            plan = Assert.IsType<SeveralPlan.Ready>(await several.PlanAsync(act, last));
            Assert.Equal((0, 0, Sparing.LastAdministrator), (plan.Others, plan.Administrators.Count, Assert.Single(plan.Spared.First).Why));
            ran = Assert.IsType<SeveralOutcome.Ran>(await several.RunAsync(act, last, new HashSet<Guid> { dee.Id }));
            Assert.Equal((0, new SparedUser("dee", Sparing.LastAdministrator)), (ran.Done, Assert.Single(ran.Left.First)));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Each_act_does_what_it_does_to_one_and_spares_whom_the_plan_named(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync(mfa: false);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        var (invited, off) = (await portal.AddPersonAsync("invited"), await portal.AddPersonAsync("off", state: AccountState.Inactive));
        await ChangeAsync(portal, invited, users => users.ExecuteUpdateAsync(set => set
            .SetProperty(u => u.PasswordHash, (string?)null).SetProperty(u => u.PasswordChangedAt, (DateTimeOffset?)null)));
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var page = await Seat.TakeAsync(portal, bob);
        SelectedUsers selected = new(null, [bob.Id, invited.Id, off.Id]);

        await ActAsync(SeveralAct.EndSessions, 1, ("invited", Sparing.NoSession), ("off", Sparing.NoSession));
        Assert.Equal((1, SessionEnd.EndedByAdministrator), (await portal.EventsAsync<AuditEvent.SessionsEnded>(), page.Page.EndedBy));
        await ActAsync(SeveralAct.ResetPassword, 1, ("invited", Sparing.PasswordNotChosen), ("off", Sparing.Inactive));
        Assert.Equal(
            (1, 1),
            (await portal.EventsAsync<AuditEvent.PasswordWithdrawn>(bob), await MailsAsync(portal, "forgotten-password", bob.Email)));
        await ActAsync(SeveralAct.InviteAgain, 1, ("bob", Sparing.PasswordChosen), ("off", Sparing.PasswordChosen));
        Assert.Equal((1, 1), (await MailsAsync(portal, "invitation", invited.Email), await MailsAsync(portal, "invitation")));
        await ActAsync(SeveralAct.Deactivate, 2, ("off", Sparing.Inactive));
        await ActAsync(SeveralAct.Lock, 0, ("bob", Sparing.Inactive), ("invited", Sparing.Inactive), ("off", Sparing.Inactive));

        async Task ActAsync(SeveralAct act, int done, params (string Username, Sparing Why)[] left)
        {
            var several = admin.Service<SeveralUsers>();
            var plan = Assert.IsType<SeveralPlan.Ready>(await several.PlanAsync(act, selected));
            Assert.Equal((done, left.Length), (plan.Others, plan.Spared.Count));
            Assert.Equal(left, plan.Spared.First.Select(user => (user.Username, user.Why)));
            var ran = Assert.IsType<SeveralOutcome.Ran>(await several.RunAsync(act, selected, Nobody));
            Assert.Equal((done, null), (ran.Done, ran.Stopped));
            Assert.Equal(left, ran.Left.First.Select(user => (user.Username, user.Why)));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_administrator_who_is_demoted_meanwhile_or_stops_reaches_nobody_else(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        List<Guid> people = [];
        for (var n = 0; n < 6; n++) people.Add((await portal.AddPersonAsync($"person.{n}")).Id);
        await using var admin = await Seat.TakeAsync(portal, ann);
        var several = admin.Service<SeveralUsers>();
        using var stop = new CancellationTokenSource();
        Task<SeveralOutcome> RunAsync(Action then) =>
            several.RunAsync(SeveralAct.Lock, new(null, people), Nobody, (done, _) => { if (done == 2) then(); }, stop.Token);

        var stopped = Assert.IsType<SeveralOutcome.Ran>(await RunAsync(stop.Cancel));
        Assert.Equal((2, 0, 4, SeveralStop.Asked), (stopped.Done, stopped.Left.Count, stopped.NotReached, stopped.Stopped));

        using var again = new CancellationTokenSource();
        var demoted = Assert.IsType<SeveralOutcome.Ran>(
            await several.RunAsync(SeveralAct.Deactivate, new(null, people), Nobody, (done, _) => { if (done == 1) Demote(portal); }, again.Token));
        Assert.Equal((1, 5, SeveralStop.NoRight), (demoted.Done, demoted.NotReached, demoted.Stopped));
        Assert.Equal(
            (2, 1),
            (await portal.EventsAsync<AuditEvent.LockedByAdministrator>(), await portal.EventsAsync<AuditEvent.Deactivated>()));
    }

    [Fact]
    public async Task A_fresh_proof_is_asked_for_once_however_long_it_runs()
    {
        await using var portal = await StartAsync(postgres, DatabaseKind.Sqlite);
        await portal.SetSecurityAsync(mfa: false);
        var (ann, bob, eve) = (
            await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"), await portal.AddPersonAsync("eve"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        var several = admin.Service<SeveralUsers>();
        SelectedUsers selected = new(null, [bob.Id, eve.Id]);
        portal.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        foreach (var act in Enum.GetValues<SeveralAct>())
            Assert.IsType<SeveralOutcome.StepUpNeeded>(await several.RunAsync(act, selected, Nobody));
        Assert.Equal(AccountState.Active, (await portal.UserAsync(bob)).State);

        Assert.IsType<StepUpOutcome.Proved>(await admin.Service<StepUp>().ProveAsync(StepUpFor.ActingAsAdministrator, ann.Password, null));
        var ran = Assert.IsType<SeveralOutcome.Ran>(
            await several.RunAsync(SeveralAct.Lock, selected, Nobody, (_, _) => portal.Advance(TimeSpan.FromMinutes(11))));
        Assert.Equal(2, ran.Done);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Two_who_lock_the_same_people_at_once_lock_each_of_them_once(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        var (ann, cem) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("cem", administrator: true));
        List<Guid> people = [];
        for (var n = 0; n < 8; n++) people.Add((await portal.AddPersonAsync($"person.{n}")).Id);
        await using var one = await Seat.TakeAsync(portal, ann);
        await using var other = await Seat.TakeAsync(portal, cem);

        var outcomes = await TestAccounts.AtOnceAsync<SeveralOutcome>(
        [
            () => one.Service<SeveralUsers>().RunAsync(SeveralAct.Lock, new(null, people), Nobody),
            () => other.Service<SeveralUsers>().RunAsync(SeveralAct.Lock, new(null, people), Nobody),
        ]);

        var ran = outcomes.Select(Assert.IsType<SeveralOutcome.Ran>).ToList();
        Assert.Equal((8, 8), (ran.Sum(r => r.Done), ran.Sum(r => r.Left.Count)));
        Assert.All(ran.SelectMany(r => r.Left.First), left => Assert.Equal(Sparing.Locked, left.Why));
        Assert.Equal((8, 8), (await portal.EventsAsync<AuditEvent.LockedByAdministrator>(), await MailsAsync(portal, "account-locked")));
    }

    [Fact]
    public async Task Too_many_and_whoever_is_no_system_administrator_are_refused()
    {
        await using var portal = await StartAsync(postgres, DatabaseKind.Sqlite);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var user = await Seat.TakeAsync(portal, bob);
        var few = new SeveralUsers(
            admin.Service<UnitsOfWork>(), admin.Service<CurrentCaller>(), Administration(admin), NullLogger<SeveralUsers>.Instance)
        { Limit = 2 };
        SelectedUsers everybody = new(new(), []);

        Assert.IsType<SeveralPlan.TooMany>(await few.PlanAsync(SeveralAct.Lock, everybody));
        Assert.IsType<SeveralOutcome.TooMany>(await few.RunAsync(SeveralAct.Lock, everybody, Nobody));
        Assert.IsType<SeveralPlan.Ready>(await few.PlanAsync(SeveralAct.Lock, everybody with { Picked = [bob.Id] }));
        foreach (var act in Enum.GetValues<SeveralAct>())
        {
            await Assert.ThrowsAsync<AccessRefusedException>(() => user.Service<SeveralUsers>().PlanAsync(act, everybody));
            await Assert.ThrowsAsync<AccessRefusedException>(() => user.Service<SeveralUsers>().RunAsync(act, everybody, Nobody));
        }
        Assert.Equal((0, 0), (await portal.EventsAsync<AuditEvent.LockedByAdministrator>(), await portal.EventsAsync<AuditEvent.Deactivated>()));
    }

    [Fact]
    public async Task PostgreSQL_finds_the_selected_users_by_an_index()
    {
        var settings = await postgres.NewAsync(DatabaseKind.Postgres);
        await using var portal = await UserListFixture.StartAsync(settings, made: 2_000);
        await using var work = await portal.BeginAsync();
        var ids = await work.Query<PortalUser>().OrderBy(u => u.Id).Select(u => u.Id).Take(300).ToListAsync();
        var connection = portal.Services.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>()["ConnectionStrings:Portal"]!;
        await using var source = NpgsqlDataSource.Create(connection);
        await using (var analyze = source.CreateCommand("ANALYZE \"Users\"")) await analyze.ExecuteNonQueryAsync();
        SelectedUsers[] selections =
        [
            new(null, ids), new(new() { Search = "person.01" }, [ids[0]]), new(new() { Status = AccountStatus.Locked }, []),
            new(new() { Administrators = true }, []), new(new() { Mfa = true, Status = AccountStatus.Active }, []),
        ];
        foreach (var selected in selections)
        {
            var users = (await SeveralUsers.SelectAsync(work, selected)).Take(SeveralUsers.Most + 1).Select(u => new { u.Id, u.UserName });
            await using var command = users.CreateDbCommand();
            await using var open = await source.OpenConnectionAsync();
            // As the service does for a filter (PlannerHints): the table is read only if no index can answer.
            await using (var hint = new NpgsqlCommand("SET enable_seqscan = off", open)) await hint.ExecuteNonQueryAsync();
            command.CommandText = "EXPLAIN " + command.CommandText;
            command.Connection = open;
            command.Transaction = null;
            await using var reader = await command.ExecuteReaderAsync();
            var lines = new List<string>();
            while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
            Assert.DoesNotContain("Seq Scan", string.Join('\n', lines), StringComparison.Ordinal);
        }
    }

    /// <summary>Inside the action, which calls back between two users.</summary>
    private static void Demote(PortalHost portal) => Task.Run(() => portal.DemoteAsync("ann")).GetAwaiter().GetResult();
}

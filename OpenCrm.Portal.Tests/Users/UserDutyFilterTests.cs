using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Home;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;
using static OpenCrm.Portal.Tests.Users.UserListFixture;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>The filters Due and Overdue, their counts, the CSV file and the tiles go by the one rule (docs/spec.md 12.2, 12.5).</summary>
public sealed class UserDutyFilterTests(PostgresCluster cluster)
{
    private const int Made = 120;

    public static TheoryData<DatabaseKind, MustUseMfa, int> Cases
    {
        get
        {
            var cases = new TheoryData<DatabaseKind, MustUseMfa, int>();
            foreach (var kind in Enum.GetValues<DatabaseKind>())
                foreach (var who in new[] { MustUseMfa.Everyone, MustUseMfa.SystemAdministrators })
                    // Few deadlines are found from their index, many in the order.
                    foreach (var few in new[] { 10, 5_000 }) cases.Add(kind, who, few);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task List_counts_file_and_tiles_agree_in_every_order(DatabaseKind kind, MustUseMfa who, int few)
    {
        await using var portal = await StartAsync(await cluster.NewAsync(kind), Made);
        await RuleAsync(portal, who);
        var list = await SignInAsync(portal, administrator: true, new(Sortable: few, Window: 40));
        foreach (var state in new[] { MfaDutyState.Due, MfaDutyState.Overdue })
        {
            var expected = await ExpectedAsync(portal, who, state);
            Assert.NotEmpty(expected);
            foreach (var sort in Enum.GetValues<UserColumn>())
                foreach (var descending in new[] { false, true })
                {
                    var query = new UserQuery { Duty = state, Sort = sort, Descending = descending };
                    var pages = await ForwardAsync(list, query);
                    Assert.Equal(expected, pages.SelectMany(page => page.Rows).Select(row => row.Username).Order(StringComparer.Ordinal));
                    Assert.All(pages.SelectMany(page => page.Rows), row => Assert.Equal(state, row.Duty));
                    var back = await WalkAsync(list, query.AtLast(), page => page.Previous is { } previous ? query.Before(previous) : null);
                    Assert.Equal(
                        expected, back.SelectMany(page => page.Rows).Select(row => row.Username).Distinct().Order(StringComparer.Ordinal));
                }
            var counts = await list.CountAsync(new());
            Assert.Equal(expected.Count, (state is MfaDutyState.Due ? counts.Due : counts.Overdue)!.Value.Value);
            var searched = await list.CountAsync(new() { Search = "person.0" });
            Assert.Equal(
                expected.Count(name => name.Contains("person.0", StringComparison.Ordinal)),
                (state is MfaDutyState.Due ? searched.Due : searched.Overdue)!.Value.Value);

            var (session, _) = await SessionsAsync(portal);
            await using var file = new StringWriter();
            await portal.Services.GetRequiredService<UserExport>().WriteAsync(session, null, new() { Duty = state }, () => file, default);
            Assert.Equal(
                expected,
                file.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[0])
                    .Order(StringComparer.Ordinal));

            await using var home = portal.NewCircuit();
            await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
            home.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>()
                .Switch(Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, session)));
            var tiles = (await home.ServiceProvider.GetRequiredService<HomeFigures>().ReadAsync()).MfaDuties!;
            Assert.Equal(expected.Count, (state is MfaDutyState.Due ? tiles.Due : tiles.Overdue).Value);
        }
    }

    [Fact]
    public async Task While_nobody_must_the_list_says_nothing_of_it_and_finds_nobody()
    {
        await using var portal = await StartAsync(new PortalSettings(), 20);
        await SwitchMfaAsync(portal, true);
        var list = await SignInAsync(portal, administrator: true);

        Assert.Empty((await list.ReadAsync(new() { Duty = MfaDutyState.Due })).Rows);
        var counts = await list.CountAsync(new());
        Assert.Equal((null, null), (counts.Due, counts.Overdue));
    }

    /// <summary>Red without the partial indexes: a million people with MFA would be read to find the few without.</summary>
    [Theory, MemberData(nameof(DatabaseKinds.Both), MemberType = typeof(DatabaseKinds))]
    public async Task An_index_is_behind_each_question_about_deadlines(DatabaseKind kind)
    {
        await using var portal = await StartAsync(await cluster.NewAsync(kind), Made);
        await RuleAsync(portal, MustUseMfa.Everyone);
        await using var circuit = portal.NewCircuit();
        var context = circuit.ServiceProvider.GetRequiredService<PortalDbContext>();
        var (now, deadlines) = (portal.Now, context.Set<MfaDeadline>().AsNoTracking());

        foreach (var range in new[] { deadlines.Where(d => d.IsOpen && d.DueAt <= now), deadlines.Where(d => d.IsOpen && d.DueAt > now) })
            Assert.Contains("IX_MfaDeadlines_Open", await PlanAsync(range.Take(1_001)), StringComparison.Ordinal);
        Assert.Contains(
            "IX_MfaDeadlines_NextMailAt",
            await PlanAsync(deadlines.Where(d => d.NextMailAt <= now).OrderBy(d => d.NextMailAt).Take(100)), StringComparison.Ordinal);

        async Task<string> PlanAsync<T>(IQueryable<T> query)
        {
            await context.Database.OpenConnectionAsync();
            await using var command = query.CreateDbCommand();
            if (kind is DatabaseKind.Postgres) await context.Database.ExecuteSqlRawAsync("SET enable_seqscan = off");
            command.CommandText = (kind is DatabaseKind.Postgres ? "EXPLAIN " : "EXPLAIN QUERY PLAN ") + command.CommandText;
            await using var reader = await command.ExecuteReaderAsync();
            List<string> lines = [];
            while (await reader.ReadAsync()) lines.Add($"{reader.GetValue(reader.FieldCount - 1)}");
            return string.Join('\n', lines);
        }
    }

    [Theory]
    [InlineData("?duty=due", MfaDutyState.Due)]
    [InlineData("?duty=overdue", MfaDutyState.Overdue)]
    [InlineData("?duty=none", null)]
    [InlineData("?duty=", null)]
    public void The_filter_stands_in_the_address(string address, MfaDutyState? duty)
    {
        Assert.Equal(duty, UserQuery.Parse(address).Duty);
        Assert.Equal(duty, UserQuery.Parse(UserQuery.Parse(address).ToQueryString()).Duty);
    }

    /// <summary>Who is due and who is overdue, told one by one by the rule itself.</summary>
    private static async Task<List<string>> ExpectedAsync(PortalHost portal, MustUseMfa who, MfaDutyState state)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var settings = await work.ReadSettingsAsync<SecuritySettings>();
        Assert.Equal(who, settings.WhoMustUseMfa);
        List<string> names = [];
        foreach (var user in await work.Query<PortalUser>().ToListAsync())
            if ((await work.Duties.FindAsync(user, settings)).State == state) names.Add(user.UserName!);
        return [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>Has the rule cover these people, and lets every other deadline have passed.</summary>
    private static async Task RuleAsync(PortalHost portal, MustUseMfa who)
    {
        await using var work = await portal.BeginAsync();
        await work.Query<SecuritySettings>()
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, true).SetProperty(s => s.WhoMustUseMfa, who));
        // Of an earlier rule everybody has a deadline.
        await work.Duties.CoverAsync(new MfaRule(IsAwake: true, MustUseMfa.Everyone, 7));
        var passed = await work.Query<PortalUser>().OrderBy(u => u.NormalizedUserName).Select(u => u.Id).ToListAsync();
        List<Guid> every = [.. passed.Where((_, i) => i / 2 % 2 == 0)];
        var at = portal.Now.AddDays(-1);
        await work.Query<MfaDeadline>().Where(d => every.Contains(d.UserId)).ExecuteUpdateAsync(set => set.SetProperty(d => d.DueAt, at));
        await work.CommitAsync();
        // Whoever asks must not be overdue.
        var asks = await work.Query<PortalUser>().Where(u => u.NormalizedUserName == "PERSON.000").Select(u => u.TwoFactorEnabled).SingleAsync();
        Assert.True(asks);
    }
}

using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>Spec 5.1 and 5.3 on both databases: paging, sorts, search, filters, and who may.</summary>
public sealed class UserListTests(PostgresCluster cluster)
{
    private const int Made = 120;

    public static TheoryData<DatabaseKind> Databases => DatabaseKinds.Both;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Every_sort_pages_through_everybody_exactly_once_forward_and_back(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var list = await SignInAsync(portal, administrator: true);
        var everybody = await CountAsync(portal);
        foreach (var mfaOn in new[] { false, true })
        {
            await SwitchMfaAsync(portal, mfaOn);
            foreach (var sort in Enum.GetValues<UserColumn>())
            foreach (var descending in new[] { false, true })
            {
                var query = new UserQuery { Sort = sort, Descending = descending };
                var forward = await WalkAsync(list, query, page => page.Next is { } next ? query.After(next) : null);
                var back = await WalkAsync(list, query.AtLast(), page => page.Previous is { } previous ? query.Before(previous) : null);
                Assert.Equal(everybody, forward.SelectMany(p => p.Rows).Select(r => r.Id).Distinct().Count());
                Assert.Equal(everybody, forward.Sum(p => p.Rows.Count));
                Assert.Equal(everybody, back.SelectMany(p => p.Rows).Select(r => r.Id).Distinct().Count());
                var order = forward.SelectMany(p => p.Rows).ToList();
                if (await ByNameAsync(portal, sort, descending) is { } named) Assert.Equal(named, order.Select(row => row.Id));
                Assert.Equal(order.TakeLast(UserList.PageSize), back[0].Rows);
                AssertSorted(order, sort, descending);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_fragment_in_the_middle_finds_username_name_and_email_whatever_the_case(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var list = await SignInAsync(portal, administrator: true);

        foreach (var (fragment, found) in new[] { ("rson 7", "Person 70"), ("ERSON.077", "Person 77"), ("mail099@", "Person 99"), ("üNaL", "Ünal 50") })
            Assert.Contains(found, (await list.ReadAsync(new() { Search = fragment })).Rows.Select(r => r.Name));
        // What means something to LIKE is only a character here.
        foreach (var fragment in new[] { "%", "person_0", "\\" })
            Assert.Empty((await list.ReadAsync(new() { Search = fragment })).Rows);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Filters_leave_whom_they_name_and_the_counts_agree(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var list = await SignInAsync(portal, administrator: true);
        await SwitchMfaAsync(portal, true);
        var counts = await list.CountAsync(new());

        Assert.Equal(await CountAsync(portal), counts.All.Value);
        Assert.Equal(counts.All.Value, counts.Statuses.Values.Sum(c => c.Value));
        foreach (var status in Enum.GetValues<AccountStatus>())
        {
            var query = new UserQuery { Status = status };
            var rows = (await WalkAsync(list, query, page => page.Next is { } next ? query.After(next) : null)).SelectMany(p => p.Rows).ToList();
            Assert.All(rows, row => Assert.Equal(status, row.Status));
            Assert.Equal(counts.Statuses[status].Value, rows.Count);
        }
        Assert.All((await list.ReadAsync(new() { Mfa = true })).Rows, row => Assert.True(row.MfaEnabled));
        Assert.All((await list.ReadAsync(new() { Administrators = true })).Rows, row => Assert.True(row.IsSystemAdministrator));
        Assert.Equal(counts.All.Value, counts.WithMfa.Value + counts.WithoutMfa.Value);

        await SwitchMfaAsync(portal, false);
        Assert.Equal((0, counts.All.Value), ((await list.CountAsync(new())) is var off ? (off.WithMfa.Value, off.WithoutMfa.Value) : default));
        Assert.All((await list.ReadAsync(new())).Rows, row => Assert.False(row.MfaEnabled));
    }

    /// <summary>
    /// Every filter and search in every order, forward and back, with windows so small that each way to find a page is taken: in the order, by sorting who matches, and one after
    /// the other, also where a whole stretch of the order matches nothing.
    /// </summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Who_matches_is_found_wherever_it_stands_in_the_order(DatabaseKind database)
    {
        await using var portal = await StartAsync(await cluster.NewAsync(database), made: 240);
        await using (var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync())
        {
            for (var i = 0; i < 30; i++) NewUsers.Add(work, $"zz.far{i:00}", $"Zz Far {i:00}", $"zz.far{i:00}@example.test", "x", systemAdministrator: i == 3);
            await work.CommitAsync();
        }
        await SwitchMfaAsync(portal, true);
        var list = await SignInAsync(portal, administrator: true, new(Sortable: 20, Window: 40));
        UserQuery[] queries =
        [
            new() { Mfa = true }, new() { Mfa = false }, .. Enum.GetValues<AccountStatus>().Select(status => new UserQuery { Status = status }),
            new() { Status = AccountStatus.Inactive, Mfa = true }, new() { Status = AccountStatus.Locked, Mfa = false }, new() { Administrators = true },
            new() { Administrators = true, Status = AccountStatus.Active, Mfa = true }, new() { Search = "erson", Administrators = true }, new() { Search = "z.far" },
            new() { Search = "z.far1", Status = AccountStatus.Active }, new() { Search = "erson", Status = AccountStatus.Locked }, new() { Search = "erson", Mfa = true }, new() { Search = "zz" },
            new() { Search = "nobody at all" },
        ];
        foreach (var enrolled in new bool?[] { null, false, true })
        {
            await EnrolAsync(portal, enrolled);
            foreach (var sort in Enum.GetValues<UserColumn>())
            foreach (var descending in new[] { false, true })
            {
                var all = (await ForwardAsync(list, new() { Sort = sort, Descending = descending })).SelectMany(page => page.Rows).ToList();
                foreach (var filter in enrolled is null ? queries : queries[..3])
                {
                    var query = filter with { Sort = sort, Descending = descending };
                    var expected = all.Where(row => query.Takes(row) && Finds(query, row)).ToList();
                    Assert.Equal(expected, (await ForwardAsync(list, query)).SelectMany(page => page.Rows));
                    var back = await WalkAsync(list, query.AtLast(), page => page.Previous is { } previous ? query.Before(previous) : null);
                    // The first page is a full one, also when less than a page was left before it.
                    Assert.Equal(expected, back.AsEnumerable().Reverse().SelectMany(page => page.Rows).Distinct());
                    var counts = await list.CountAsync(query);
                    Assert.Equal(expected.Count, counts.All.Value);
                    Assert.Equal(all.Count(row => (query with { Status = AccountStatus.Inactive }).Takes(row) && Finds(query, row)), counts.Statuses[AccountStatus.Inactive].Value);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_timed_lock_that_ran_out_reads_as_Active_everywhere(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var list = await SignInAsync(portal, administrator: true);
        var locked = new UserQuery { Status = AccountStatus.LockedFailedAttempts };
        var before = (await list.CountAsync(new())).Statuses[AccountStatus.LockedFailedAttempts].Value;
        Assert.Contains("Person 31", (await list.ReadAsync(locked)).Rows.Select(r => r.Name));

        portal.Advance(TimeSpan.FromMinutes(16));

        Assert.DoesNotContain("Person 31", (await list.ReadAsync(locked)).Rows.Select(r => r.Name));
        Assert.Equal(AccountStatus.Active, Assert.Single((await list.ReadAsync(new() { Search = "Person 31" })).Rows).Status);
        Assert.True((await list.CountAsync(new())).Statuses[AccountStatus.LockedFailedAttempts].Value < before);
    }

    [Fact]
    public async Task Whoever_is_no_system_administrator_is_refused()
    {
        await using var portal = await StartAsync(DatabaseKind.Sqlite);
        var list = await SignInAsync(portal, administrator: false);

        await Assert.ThrowsAsync<AccessRefusedException>(() => list.ReadAsync(new()));
        await Assert.ThrowsAsync<AccessRefusedException>(() => list.CountAsync(new()));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task The_export_is_what_is_filtered_and_is_recorded(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await SignInAsync(portal, administrator: true);
        var (administrator, user) = await SessionsAsync(portal);
        var export = portal.Services.GetRequiredService<UserExport>();
        await using var file = new StringWriter();

        await export.WriteAsync(administrator, "192.0.2.7", new() { Search = "person 1", Sort = UserColumn.Name }, () => file, CancellationToken.None);

        var lines = file.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Username,Name,Email,System administrator,Status,MFA Enabled,Last sign-in", lines[0]);
        Assert.All(lines.Skip(1), line => Assert.Contains("Person 1", line, StringComparison.Ordinal));
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var recorded = await work.Query<AuditEntry>().SingleAsync(e => e.Kind == nameof(AuditEvent.UsersExported));
        Assert.Equal(($"{{\"Count\":{lines.Length - 1}}}", "192.0.2.7"), (recorded.Details, recorded.Address));

        foreach (var session in new[] { user, Guid.NewGuid() })
            await Assert.ThrowsAsync<AccessRefusedException>(() => export.WriteAsync(session, null, new(), () => throw new InvalidOperationException("opened"), CancellationToken.None));
    }

    [Fact]
    public async Task The_export_is_refused_to_whoever_is_not_signed_in()
    {
        await using var portal = await StartAsync(DatabaseKind.Sqlite);
        using var client = portal.CreateClient();
        using var answer = await client.GetAsync(PortalUrls.UsersExport);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task PostgreSQL_reads_a_page_from_an_index_and_has_those_for_search()
    {
        var settings = await cluster.NewAsync(DatabaseKind.Postgres);
        await using var portal = await StartAsync(settings, made: 5_000);
        var connection = portal.Services.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>()["ConnectionStrings:Portal"]!;
        await using var source = NpgsqlDataSource.Create(connection);
        await using (var analyze = source.CreateCommand("ANALYZE \"Users\"")) await analyze.ExecuteNonQueryAsync();

        Assert.Equal(1L, await ScalarAsync(source, "SELECT count(*) FROM pg_indexes WHERE tablename = 'Users' AND indexdef LIKE '%gin_trgm_ops%'"));
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        foreach (var sort in Enum.GetValues<UserColumn>())
        foreach (var back in new[] { false, true })
        {
            var order = new UserOrder(new() { Sort = sort }, mfaSwitchedOn: true, work.Now);
            var cursor = new UserCursor(0, Guid.CreateVersion7(work.Now), sort switch { UserColumn.LastSignIn => null, UserColumn.Username or UserColumn.Name or UserColumn.Email => "PERSON.2500", _ => null });
            foreach (var part in order.From(work.Query<PortalUser>(), null, back).Concat(order.From(work.Query<PortalUser>(), cursor, back)))
            {
                var plan = await PlanAsync(source, part.Sort(part.Rows).Take(UserList.PageSize + 1));
                Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
            }
        }
    }

    private static async Task<string> PlanAsync(NpgsqlDataSource source, IQueryable<PortalUser> rows)
    {
        await using var command = rows.CreateDbCommand();
        command.CommandText = "EXPLAIN " + command.CommandText;
        await using var connection = await source.OpenConnectionAsync();
        command.Connection = connection;
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<List<UserPage>> WalkAsync(UserList list, UserQuery start, Func<UserPage, UserQuery?> turn)
    {
        var pages = new List<UserPage>();
        for (var query = start; query is not null; query = turn(pages[^1]))
        {
            pages.Add(await list.ReadAsync(query));
            Assert.True(pages.Count < 100, "The pages never end");
        }
        return pages;
    }

    private static Task<List<UserPage>> ForwardAsync(UserList list, UserQuery query) => WalkAsync(list, query, page => page.Next is { } next ? query.After(next) : null);

    private static bool Finds(UserQuery query, UserRow row) => $"{row.Username}\n{row.Name}\n{row.Email}".Contains(query.Search, StringComparison.OrdinalIgnoreCase);

    /// <summary>The order of names as the database sorts them; null for other columns.</summary>
    private static async Task<List<Guid>?> ByNameAsync(PortalHost portal, UserColumn sort, bool descending)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var all = work.Query<PortalUser>();
        var sorted = sort switch
        {
            UserColumn.Username => all.OrderBy(u => u.NormalizedUserName),
            UserColumn.Name => all.OrderBy(u => u.NormalizedName).ThenBy(u => u.Id),
            UserColumn.Email => all.OrderBy(u => u.NormalizedEmail),
            _ => null,
        };
        if (sorted is null) return null;
        var ids = await sorted.Select(u => u.Id).ToListAsync();
        if (descending) ids.Reverse();
        return ids;
    }

    /// <summary>Everybody, nobody, or every third again; and what the database knows of it.</summary>
    private static async Task EnrolAsync(PortalHost portal, bool? enrolled)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        if (enrolled is { } all) await work.Query<PortalUser>().ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, all));
        await work.CommitAsync();
        await using var scope = portal.NewCircuit();
        await scope.ServiceProvider.GetRequiredService<PortalDbContext>().Database.ExecuteSqlRawAsync("ANALYZE");
    }

    private static void AssertSorted(List<UserRow> rows, UserColumn sort, bool descending)
    {
        IComparable Key(UserRow row) => sort switch
        {
            UserColumn.SystemAdministrator => row.IsSystemAdministrator,
            UserColumn.Status => (int)row.Status,
            UserColumn.Mfa => row.MfaEnabled,
            UserColumn.LastSignIn => row.LastSignInAt?.UtcTicks ?? 0,
            _ => 0,
        };
        for (var i = 1; i < rows.Count; i++)
        {
            var compared = Key(rows[i - 1]).CompareTo(Key(rows[i]));
            Assert.True(descending ? compared >= 0 : compared <= 0, $"{sort} {(descending ? "descending" : "ascending")}: {rows[i - 1]} before {rows[i]}");
        }
    }

    private async Task<PortalHost> StartAsync(DatabaseKind database) => await StartAsync(await cluster.NewAsync(database), Made);

    private static async Task<PortalHost> StartAsync(PortalSettings settings, int made)
    {
        var portal = await PortalHost.StartAsync(settings);
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        for (var i = 0; i < made; i++)
        {
            var user = NewUsers.Add(work, $"person.{i:000}", i == 50 ? "Ünal 50" : $"Person {i / 2 * 2 + (i is 31 or 77 or 99 ? 1 : 0)}", $"mail{i:000}@example.test", "x", systemAdministrator: i % 10 == 0);
            user.TwoFactorEnabled = i % 3 == 0;
            // Many at the same moment, and many who never were here.
            user.LastSignInAt = i % 4 == 0 ? null : portal.Now - TimeSpan.FromHours(i % 7);
            if (i % 9 == 1) user.State = AccountState.Inactive;
            if (i % 9 == 2) user.State = AccountState.Locked;
            if (i % 9 == 4) user.LockoutEnd = i == 31 ? portal.Now + TimeSpan.FromMinutes(15) : i % 2 == 0 ? DateTimeOffset.MaxValue : portal.Now - TimeSpan.FromMinutes(1);
        }
        await work.CommitAsync();
        return portal;
    }

    private static async Task<int> CountAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await work.Query<PortalUser>().CountAsync();
    }

    private static async Task SwitchMfaAsync(PortalHost portal, bool on)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        await work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, on));
        await work.CommitAsync();
    }

    private sealed record Small(int Sortable, int Window);

    private static async Task<UserList> SignInAsync(PortalHost portal, bool administrator, Small? small = null)
    {
        var scope = portal.NewCircuit();
        var (admin, user) = await SessionsAsync(portal);
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        scope.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>()
            .Switch(Assert.IsType<SessionStanding.Stands>(await SessionCheck.JudgeAsync(work, administrator ? admin : user)));
        return small is null
            ? scope.ServiceProvider.GetRequiredService<UserList>()
            : new(scope.ServiceProvider.GetRequiredService<UnitsOfWork>(), scope.ServiceProvider.GetRequiredService<Callers>()) { Sortable = small.Sortable, Window = small.Window };
    }

    /// <summary>New sessions of an administrator, and of somebody who is none.</summary>
    private static async Task<(Guid Administrator, Guid User)> SessionsAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        var sessions = new List<Guid>();
        foreach (var name in new[] { "PERSON.000", "PERSON.003" })
        {
            var session = new PortalSession
            {
                Id = Guid.NewGuid(), UserId = await work.Query<PortalUser>().Where(u => u.NormalizedUserName == name).Select(u => u.Id).SingleAsync(),
                TokenHash = RandomNumberGenerator.GetBytes(32), CreatedAt = work.Now, ExpiresAt = work.Now + PortalSession.AbsoluteLifetime, ProvedAt = work.Now, LastSeenAt = work.Now, ProvedByCode = true,
            };
            work.Add(session);
            sessions.Add(session.Id);
        }
        await work.CommitAsync();
        return (sessions[0], sessions[1]);
    }
}

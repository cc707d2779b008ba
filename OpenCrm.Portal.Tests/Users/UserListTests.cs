using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;
using static OpenCrm.Portal.Tests.Users.UserListFixture;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>The user list on both databases: paging, sorting, search, filters, and who may read it (docs/spec.md 5.1 and 5.3).</summary>
public sealed class UserListTests(PostgresCluster cluster)
{
    private const int Made = 120;

    public static TheoryData<DatabaseKind> Databases => DatabaseKinds.Both;

    [Trait("Category", "Exhaustive")]
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

        foreach (var (fragment, found) in new[]
        {
            ("rson 7", "Person 70"), ("ERSON.077", "Person 77"), ("mail099@", "Person 99"), ("üNaL", "Ünal 50")
        })
        {
            Assert.Contains(found, (await list.ReadAsync(new() { Search = fragment })).Rows.Select(r => r.Name));
        }
        // Characters with a meaning in LIKE are ordinary characters here.
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

        await export.WriteAsync(
            administrator, "192.0.2.7", new() { Search = "person 1", Sort = UserColumn.Name },
            () => file, CancellationToken.None);

        var lines = file.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Username,Name,Email,System administrator,Status,MFA Enabled,Last sign-in", lines[0]);
        Assert.All(lines.Skip(1), line => Assert.Contains("Person 1", line, StringComparison.Ordinal));
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var recorded = await work.Query<AuditEntry>().SingleAsync(e => e.Kind == nameof(AuditEvent.UsersExported));
        Assert.Equal(($"{{\"Count\":{lines.Length - 1}}}", "192.0.2.7"), (recorded.Details, recorded.Address));

        foreach (var session in new[] { user, Guid.NewGuid() })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(
                () => export.WriteAsync(session, null, new(), () => throw new InvalidOperationException("opened"), CancellationToken.None));
        }
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
        await using var portal = await UserListFixture.StartAsync(settings, made: 5_000);
        var connection = portal.Services.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>()["ConnectionStrings:Portal"]!;
        await using var source = NpgsqlDataSource.Create(connection);
        await using (var analyze = source.CreateCommand("ANALYZE \"Users\"")) await analyze.ExecuteNonQueryAsync();

        Assert.Equal(1L, await ScalarAsync(source, "SELECT count(*) FROM pg_indexes WHERE tablename = 'Users' AND indexdef LIKE '%gin_trgm_ops%'"));
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        foreach (var sort in Enum.GetValues<UserColumn>())
            foreach (var back in new[] { false, true })
            {
                var order = new UserOrder(new() { Sort = sort }, mfaSwitchedOn: true, work.Now);
                var cursor = new UserCursor(0, Guid.CreateVersion7(work.Now), sort switch
                {
                    UserColumn.LastSignIn => null,
                    UserColumn.Username or UserColumn.Name or UserColumn.Email => "PERSON.2500",
                    _ => null
                });
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

    /// <summary>Returns the order of names as the database sorts them; null for other columns.</summary>
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
            Assert.True(
                descending ? compared >= 0 : compared <= 0,
                $"{sort} {(descending ? "descending" : "ascending")}: {rows[i - 1]} before {rows[i]}");
        }
    }

    private async Task<PortalHost> StartAsync(DatabaseKind database) => await UserListFixture.StartAsync(await cluster.NewAsync(database), Made);

    private static async Task<int> CountAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await work.Query<PortalUser>().CountAsync();
    }
}

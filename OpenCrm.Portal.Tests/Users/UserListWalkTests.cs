using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;
using static OpenCrm.Portal.Tests.Users.UserListFixture;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>Filters and searches in every order, compared with the whole list, on both databases (docs/spec.md 5.1).</summary>
public sealed class UserListWalkTests(PostgresCluster cluster)
{
    public static TheoryData<DatabaseKind> Databases => DatabaseKinds.Both;

    /// <summary>
    /// Walks through every filter and search in every order, forward and back. The windows are so small that each way to find a page is used: reading
    /// in the order, sorting all matches, and the second after the first, also where a whole segment of the order matches nothing.
    /// </summary>
    [Trait("Category", "Exhaustive")]
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Who_matches_is_found_wherever_it_stands_in_the_order(DatabaseKind database)
    {
        await using var portal = await StartAsync(await cluster.NewAsync(database), made: 240);
        await using (var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync())
        {
            for (var i = 0; i < 30; i++)
                NewUsers.Add(work, $"zz.far{i:00}", $"Zz Far {i:00}", $"zz.far{i:00}@example.test", "x", systemAdministrator: i == 3);
            await work.CommitAsync();
        }
        await SwitchMfaAsync(portal, true);
        var list = await SignInAsync(portal, administrator: true, new(Sortable: 20, Window: 40));
        UserQuery[] queries =
        [
            new() { Mfa = true }, new() { Mfa = false }, .. Enum.GetValues<AccountStatus>().Select(status => new UserQuery { Status = status }),
            new() { Status = AccountStatus.Inactive, Mfa = true }, new() { Status = AccountStatus.Locked, Mfa = false },
            new() { Administrators = true },
            new() { Administrators = true, Status = AccountStatus.Active, Mfa = true },
            new() { Search = "erson", Administrators = true }, new() { Search = "z.far" },
            new() { Search = "z.far1", Status = AccountStatus.Active }, new() { Search = "erson", Status = AccountStatus.Locked },
            new() { Search = "erson", Mfa = true }, new() { Search = "zz" },
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
                        // The first page is always full, even when fewer users than a page remained before it, so a row may be listed twice.
                        Assert.Equal(expected, back.AsEnumerable().Reverse().SelectMany(page => page.Rows).Distinct());
                        var counts = await list.CountAsync(query);
                        Assert.Equal(expected.Count, counts.All.Value);
                        Assert.Equal(
                            all.Count(row => (query with { Status = AccountStatus.Inactive }).Takes(row) && Finds(query, row)),
                            counts.Statuses[AccountStatus.Inactive].Value);
                    }
                }
        }
    }

    private static bool Finds(UserQuery query, UserRow row) =>
        $"{row.Username}\n{row.Name}\n{row.Email}".Contains(query.Search, StringComparison.OrdinalIgnoreCase);

    /// <summary>Enrols everybody, nobody, or leaves every third enrolled (null), and updates the database's statistics.</summary>
    private static async Task EnrolAsync(PortalHost portal, bool? enrolled)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        if (enrolled is { } all) await work.Query<PortalUser>().ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, all));
        await work.CommitAsync();
        await using var scope = portal.NewCircuit();
        await scope.ServiceProvider.GetRequiredService<PortalDbContext>().Database.ExecuteSqlRawAsync("ANALYZE");
    }
}

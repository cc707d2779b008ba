using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Rescue;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>A download that takes more than one query.</summary>
public sealed class UserExportTests(PostgresCluster cluster)
{
    private const int Made = 2_100;

    public static TheoryData<DatabaseKind> Databases => DatabaseKinds.Both;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Everybody_is_in_it_once_whatever_it_is_sorted_by(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var session = await SignInAsync(portal);
        foreach (var sort in Enum.GetValues<UserColumn>())
            foreach (var descending in new[] { false, true })
            {
                await using var file = new StringWriter();
                await portal.Services.GetRequiredService<UserExport>()
                    .WriteAsync(session, null, new() { Sort = sort, Descending = descending }, () => file, CancellationToken.None);
                var names = file.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[0]).ToList();
                Assert.Equal((Made + 1, Made + 1), (names.Count, names.Distinct().Count()));
            }
    }

    // Red when the right is checked only at the beginning: the download goes on to the last user.
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task It_stops_when_the_administrator_is_none_any_more(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var session = await SignInAsync(portal);
        await using var file = new Interrupted(async () =>
        {
            await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
            await work.Query<PortalUser>().Where(u => u.NormalizedUserName == "ADMIN")
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.IsSystemAdministrator, false));
            await work.CommitAsync();
        });

        await Assert.ThrowsAsync<AccessRefusedException>(
            () => portal.Services.GetRequiredService<UserExport>().WriteAsync(session, null, new(), () => file, CancellationToken.None));

        await using var reading = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var recorded = await reading.Query<AuditEntry>().SingleAsync(e => e.Kind == nameof(AuditEvent.UsersExported));
        Assert.Equal($$"""{"Count":{{file.Lines - 1}}}""", recorded.Details);
        Assert.InRange(file.Lines, 2, Made);
    }

    private async Task<PortalHost> StartAsync(DatabaseKind database)
    {
        var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await portal.Services.GetRequiredService<DemoCompany>().FillAsync(Made);
        return portal;
    }

    private static async Task<Guid> SignInAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        var session = await work.AddSessionAsync("ADMIN");
        await work.CommitAsync();
        return session;
    }

    /// <summary>Counts the lines, and runs an action after the second one.</summary>
    private sealed class Interrupted(Func<Task> happens) : TextWriter
    {
        public int Lines { get; private set; }

        public override Encoding Encoding => Encoding.UTF8;

        public override async Task WriteAsync(string? value)
        {
            if (++Lines == 2) await happens();
        }
    }
}

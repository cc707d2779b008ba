using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.AuditLog;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.AuditLog;

/// <summary>The audit trail on both databases: paging, filters, export, and who may read it (docs/spec.md 9.2).</summary>
public sealed class AuditTrailTests(PostgresCluster cluster)
{
    private static readonly DateTimeOffset Start = new(2026, 10, 5, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<DatabaseKind> Databases => DatabaseKinds.Both;

    // Red when the cursor of a page holds the time alone: events of the same moment are left out at the end of a page.
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Paging_shows_every_event_once_also_those_of_one_moment(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var trail = await SignInAsync(portal, administrator: true);
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var all = await work.Query<AuditEntry>().OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Select(e => e.Id).ToListAsync();

        var down = await WalkAsync(trail, new(), page => page.Older is { } older ? new AuditQuery().OlderThan(older) : null);
        Assert.Equal(all, down.SelectMany(page => page.Rows).Select(row => row.Id));
        var up = await WalkAsync(
            trail,
            new AuditQuery().OlderThan(down[^2].Older!),
            page => page.Newer is { } newer ? new AuditQuery().NewerThan(newer) : null);

        Assert.Equal(all.Take(AuditList.PageSize), up[^1].Rows.Select(row => row.Id));
        Assert.Null(up[^1].Newer);
        Assert.Equal(all[^down[^1].Rows.Count..], up[0].Rows.Select(row => row.Id));
        Assert.Equal(all.Count, up.SelectMany(page => page.Rows).Select(row => row.Id).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Filters_leave_the_user_the_kind_and_the_days_they_name(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var trail = await SignInAsync(portal, administrator: true);

        foreach (var typed in new[] { "jonas.weber", "JONAS.WEBER@example.test", "nas we" })
        {
            var found = await trail.ReadAsync(new() { User = typed });
            Assert.Equal(
                [nameof(AuditEvent.Unlocked), nameof(AuditEvent.WrongPassword), nameof(AuditEvent.WrongPassword), nameof(AuditEvent.SignedIn)],
                found.Rows.Select(row => row.Kind));
            Assert.All(found.Rows.Where(row => row.Kind != nameof(AuditEvent.Unlocked)), row => Assert.Equal("Jonas Weber", row.About));
        }
        // What the person did to others belongs to the person's events too, as does what others did to the person.
        Assert.Equal("Elena Rossi", (await trail.ReadAsync(new() { User = "jonas.weber", Kind = nameof(AuditEvent.Unlocked) })).Rows.Single().About);
        Assert.Equal(AuditUserMatch.Nobody, (await trail.ReadAsync(new() { User = "nobody at all" })).Match);
        Assert.Equal(AuditUserMatch.TooMany, (await trail.ReadAsync(new() { User = "many" })).Match);
        // Two people match this fragment: an event that concerns both is listed once.
        Assert.Equal(4 + 0, (await trail.ReadAsync(new() { User = "pair" })).Rows.Count);

        Assert.All(
            (await trail.ReadAsync(new() { Kind = nameof(AuditEvent.WrongPassword) })).Rows,
            row => Assert.Equal(nameof(AuditEvent.WrongPassword), row.Kind));
        var day = new AuditQuery { From = new(2026, 10, 6), To = new(2026, 10, 6), Kind = nameof(AuditEvent.SignedOut) };
        Assert.Equal([23, 12, 0], (await trail.ReadAsync(day)).Rows.Select(row => row.At.Hour));
        // In Berlin the same day began two hours earlier.
        Assert.Equal([12, 0, 23], (await trail.ReadAsync(day with { Zone = "Europe/Berlin" })).Rows.Select(row => row.At.Hour));
        Assert.Empty((await trail.ReadAsync(day with { From = new(2026, 10, 7) })).Rows);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task The_export_is_what_is_filtered_guarded_and_recorded(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await SignInAsync(portal, administrator: true);
        var (administrator, user) = await SessionsAsync(portal);
        var export = portal.Services.GetRequiredService<AuditExport>();

        var lines = await ExportAsync(export, administrator, "?user=jonas.weber");
        Assert.Equal("Time,Event,Details,By,About,From address", lines[0]);
        Assert.Equal("2026-10-05T00:02:00Z,Wrong password,At sign-in,Not signed in,Jonas Weber,198.51.100.7", lines[2]);
        Assert.Equal(5, lines.Count);
        Assert.Single(await ExportAsync(export, administrator, "?user=many"));
        var guarded = await ExportAsync(export, administrator, $"?kind={nameof(AuditEvent.MailFailed)}");
        Assert.Contains("'=1+1: refused", guarded.Single(line => line.Contains("=1+1", StringComparison.Ordinal)), StringComparison.Ordinal);
        var everything = await ExportAsync(export, administrator, "");

        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var recorded = await work.Query<AuditEntry>().Where(e => e.Kind == nameof(AuditEvent.EventsExported)).OrderBy(e => e.Id).ToListAsync();
        Assert.Equal(
            ["""{"Count":4}""", """{"Count":0}""", $$"""{"Count":{{guarded.Count - 1}}}""", $$"""{"Count":{{everything.Count - 1}}}"""],
            recorded.Select(e => e.Details));
        Assert.All(recorded, e => Assert.Equal(("192.0.2.7", "admin"), (e.Address, e.ActorName)));

        foreach (var session in new[] { user, Guid.NewGuid() })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(
                () => export.WriteAsync(new(session, null, "", () => throw new InvalidOperationException("opened")), CancellationToken.None));
        }
    }

    [Fact]
    public async Task Whoever_is_no_system_administrator_is_refused()
    {
        await using var portal = await StartAsync(DatabaseKind.Sqlite);
        var trail = await SignInAsync(portal, administrator: false);
        await Assert.ThrowsAsync<AccessRefusedException>(() => trail.ReadAsync(new()));

        using var client = portal.CreateClient();
        using var answer = await client.GetAsync(PortalUrls.AuditTrailExport);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static async Task<IReadOnlyList<string>> ExportAsync(AuditExport export, Guid session, string queryString)
    {
        await using var file = new StringWriter();
        await export.WriteAsync(new(session, "192.0.2.7", queryString, () => file), CancellationToken.None);
        return file.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<List<AuditPage>> WalkAsync(AuditList trail, AuditQuery start, Func<AuditPage, AuditQuery?> turn)
    {
        var pages = new List<AuditPage>();
        for (var query = start; query is not null; query = turn(pages[^1]))
        {
            pages.Add(await trail.ReadAsync(query));
            Assert.True(pages.Count < 50, "The pages never end");
        }
        return pages;
    }

    /// <summary>Three hundred events, eighty of them at the same moment, and those that the filters look for.</summary>
    private async Task<PortalHost> StartAsync(DatabaseKind database)
    {
        var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        PortalUser Add(string username, string name) =>
            NewUsers.Add(work, username, name, $"{username}@example.test", "x", systemAdministrator: false);
        var (jonas, elena) = (Add("jonas.weber", "Jonas Weber"), Add("elena.rossi", "Elena Rossi"));
        var (one, two) = (Add("pair.one", "One"), Add("pair.two", "Two"));
        for (var i = 0; i < 11; i++) Add($"many.{i}", "Many");
        var person = new Caller.Person(jonas.Id, jonas.Name, Guid.NewGuid(), IsSystemAdministrator: true, work.Now) { Address = "10.20.4.17" };
        var nobody = new Caller.Nobody { Address = "198.51.100.7" };
        void Happened(DateTimeOffset at, AuditEvent happened, Caller by) => work.Add(AuditTrail.Entry(happened, by, at));

        Happened(Start, new AuditEvent.SignedIn(jonas.Id, "password"), person);
        Happened(Start.AddMinutes(1), new AuditEvent.WrongPassword(jonas.Id, nameof(AskedAt.SignIn)), nobody);
        Happened(Start.AddMinutes(2), new AuditEvent.WrongPassword(jonas.Id, nameof(AskedAt.SignIn)), nobody);
        Happened(Start.AddMinutes(3), new AuditEvent.Unlocked(elena.Id), person);
        foreach (var hour in new[] { 23, 24, 36, 47 }) Happened(Start.AddHours(hour), new AuditEvent.SignedOut(elena.Id), nobody);
        Happened(Start.AddHours(1), new AuditEvent.MailFailed("=1+1", "refused"), new Caller.Portal());
        foreach (var (about, by) in new[] { (one, two), (two, one), (one, one), (two, two) })
            Happened(Start.AddHours(2), new AuditEvent.Unlocked(about.Id), person with { UserId = by.Id, Name = by.Name });
        for (var i = 0; i < 220; i++) Happened(Start.AddDays(10).AddSeconds(i), new AuditEvent.UnknownName(), nobody);
        for (var i = 0; i < 80; i++) Happened(Start.AddDays(11), new AuditEvent.AddressLimitReached(), nobody);
        await work.CommitAsync();
        return portal;
    }

    private static async Task<AuditList> SignInAsync(PortalHost portal, bool administrator)
    {
        var scope = portal.NewCircuit();
        var (admin, user) = await SessionsAsync(portal);
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        scope.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>()
            .Switch(Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, administrator ? admin : user)));
        return scope.ServiceProvider.GetRequiredService<AuditList>();
    }

    /// <summary>New sessions of an administrator and of a user who is none.</summary>
    private static Task<(Guid Administrator, Guid User)> SessionsAsync(PortalHost portal) => portal.AddSessionsAsync("ADMIN", "JONAS.WEBER");
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Rescue;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Rescue;

/// <summary>The made-up company looks like a real one, and its people are real users (docs/spec.md 8.4).</summary>
public sealed class DemoCompanyTests(PostgresCluster cluster)
{
    public static TheoryData<DatabaseKind> Databases => DatabaseKinds.Both;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Its_users_are_mixed_their_keys_open_and_their_events_are_about_them(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        var demo = portal.Services.GetRequiredService<DemoCompany>();

        var password = await demo.FillAsync(1_200);
        // A second run continues the numbering: no name is made twice.
        await demo.FillAsync(800);

        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var users = await work.Query<PortalUser>().Where(u => u.NormalizedEmail!.EndsWith("@DEMO.EXAMPLE")).ToListAsync();
        Assert.Equal(2_000, users.Count);
        Assert.Equal(Enum.GetValues<AccountStatus>(), users.Select(u => u.StatusAt(work.Now)).Distinct().Order());
        Assert.Equal(2, users.Count(u => u.IsSystemAdministrator));
        Assert.InRange(users.Count(u => u.TwoFactorEnabled), 450, 750);
        var authenticators = await work.Query<Authenticator>().ToListAsync();
        Assert.Equal(users.Where(u => u.TwoFactorEnabled).Select(u => u.EnrolmentId).Order(), authenticators.Select(a => (Guid?)a.Id).Order());
        Assert.All(authenticators, a => Assert.NotNull(AuthenticatorKeys.Open(work, a).Key));
        Assert.All(users, u => Assert.Empty(NewUsers.Evaluate(u.UserName!, u.Name, u.Email!)));
        Assert.True(users.Select(u => u.Name).Distinct().Count() > 500, "Hardly any different name");
        Assert.Contains(users, u => u.LastSignInAt is null);
        Assert.NotNull(password);
        var hashing = portal.Services.GetRequiredService<PasswordHashing>();
        Assert.True((await hashing.CheckAsync(users[0].PasswordHash, password!, new Caller.Console()))!.IsRight);
        var events = await work.Query<AuditEntry>().Where(e => e.SubjectId != null).ToListAsync();
        Assert.All(
            users.Where(u => u.LastSignInAt is not null),
            u => Assert.Contains(events, e => e.SubjectId == u.Id && e.Kind == nameof(AuditEvent.SignedIn) && e.At == u.LastSignInAt));
        Assert.Equal(2, await work.Query<AuditEntry>().CountAsync(e => e.Kind == nameof(AuditEvent.UsersMade)));
    }

    [Fact]
    public async Task With_a_seed_it_makes_the_same_people_each_time()
    {
        List<List<string>> made = [];
        for (var i = 0; i < 2; i++)
        {
            await using var portal = await PortalHost.StartAsync();
            await portal.Services.GetRequiredService<DemoCompany>().FillAsync(40, seed: 7);
            await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
            made.Add(await work.Query<PortalUser>().OrderBy(u => u.UserName)
                .Select(u => $"{u.UserName}, {u.Name}, {u.TwoFactorEnabled}").ToListAsync());
        }
        Assert.Equal(41, made[0].Count);
        Assert.Equal(made[0], made[1]);
    }

    [Fact]
    public async Task It_never_stands_in_for_set_up()
    {
        await using var portal = await PortalHost.StartAsync(new() { Administrator = null });
        Assert.Null(await portal.Services.GetRequiredService<DemoCompany>().FillAsync(10));
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>
/// What was one authenticator in the row of its user becomes the first of several (docs/spec.md 11.4), and back. Nobody is signed out, and nothing
/// that began before is lost.
/// </summary>
public sealed class SeveralAuthenticatorsMigrationTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// Red when last steps are not carried over (a used code works again), when ids are made anew (the mailed link is dead), and when rows are
    /// lost.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Enrolments_sessions_links_and_used_codes_outlive_it_both_ways(DatabaseKind kind)
    {
        var settings = (await postgres.NewAsync(kind)) with { DataFolder = Reaper.NewFolder("data"), PublicUrl = "http://localhost" };
        TestPerson ada, bob, plain;
        string token, used;
        Guid session;
        await using (var portal = await PortalHost.StartAsync(settings))
        {
            await portal.SetSecurityAsync();
            (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob", enrolled: true));
            plain = await portal.AddPersonAsync("plain");
            await using (var seat = await Seat.TakeAsync(portal, ada)) session = seat.SessionId;
            token = await portal.LinkAsync(ada);
            used = await Oathtool.CodeAsync(bob.Secret!, portal.Now);
            await using var visitor = CircuitVisitor.At(portal);
            await visitor.PasswordAsync("bob", bob.Password);
            Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(used));
        }
        var node = new StartingNode(settings.ToConfiguration(settings.DataFolder!, null));
        await BackAsync(node);

        await using var again = await PortalHost.StartAsync(settings with { FromNothing = true, Administrator = null });

        var hers = Assert.Single(await again.AuthenticatorsAsync(ada));
        Assert.Equal(("Authenticator app", (await again.UserAsync(ada)).EnrolmentId), (hers.Name, hers.Id));
        Assert.Equal(AuthenticatorKey.StartOf(hers.LastStep), hers.LastUsedAt);
        Assert.Empty(await again.AuthenticatorsAsync(plain));
        Assert.Equal(2, await again.CountAsync<Authenticator>());
        await using (var work = await again.BeginAsync())
        {
            Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, session));
            Assert.True(await work.Query<MailedLink>().AnyAsync(l => l.UserId == ada.Id && l.EnrolmentId == hers.Id && l.ConsumedAt == null));
        }
        await using (var visitor = CircuitVisitor.At(again))
        {
            Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("bob", bob.Password));
            Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync(used)));
            again.Advance(TimeSpan.FromMinutes(1));
            Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(await Oathtool.CodeAsync(bob.Secret!, again.Now)));
        }
        Assert.IsType<LostDeviceOutcome.Proved>(await again.ConfirmAsync(token, ada));
    }

    /// <summary>The triggers of the search stay as they are: red when the table of users is built anew without them.</summary>
    [Fact]
    public async Task On_SQLite_the_search_still_finds_whoever_comes_afterwards()
    {
        var settings = new PortalSettings { DataFolder = Reaper.NewFolder("data"), PublicUrl = "http://localhost" };
        await using (var portal = await PortalHost.StartAsync(settings)) await portal.AddPersonAsync(enrolled: true);
        var node = new StartingNode(settings.ToConfiguration(settings.DataFolder!, null));
        await BackAsync(node);

        await using var again = await PortalHost.StartAsync(settings with { FromNothing = true, Administrator = null });
        await again.AddPersonAsync("medlar");

        await using var context = node.Database.CreateContext();
        Assert.Equal(1, await CountAsync(context, """SELECT count(*) AS "Value" FROM "UserSearch" WHERE "UserSearch" MATCH '"MEDLAR"'"""));
        Assert.Equal(0, await CountAsync(context, """SELECT count(*) AS "Value" FROM pragma_table_info('Users') WHERE name LIKE 'Authenticator%'"""));
    }

    /// <summary>Takes the migration back, and sees that what it made went back to where it was.</summary>
    private static async Task BackAsync(StartingNode node)
    {
        await using var context = node.Database.CreateContext();
        var enrolled = await context.Set<PortalUser>().CountAsync(u => u.TwoFactorEnabled);
        var migrations = context.Database.GetMigrations().ToList();
        var before = migrations[migrations.FindIndex(name => name.EndsWith("_SeveralAuthenticators", StringComparison.Ordinal)) - 1];
        await context.GetService<IMigrator>().MigrateAsync(before);
        const string whole =
            """
            SELECT count(*) AS "Value" FROM "Users"
            WHERE "AuthenticatorId" IS NOT NULL AND "AuthenticatorKey" IS NOT NULL AND "AuthenticatorLastStep" > 0
                AND "AuthenticatorSetUpAt" IS NOT NULL AND "AuthenticatorSetUpById" IS NOT NULL
            """;
        Assert.Equal(enrolled, await CountAsync(context, whole));
    }

    private static async Task<long> CountAsync(PortalDbContext context, string sql) =>
        (await context.Database.SqlQueryRaw<long>(sql).ToListAsync()).Single();
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>What has had its time goes, each by itself.</summary>
public sealed class HousekeepingTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when all is deleted in one transaction.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_chore_that_fails_keeps_no_other_from_its_end_and_is_done_once_it_can_be(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        var ada = await host.AddPersonAsync();
        await using (var work = await host.BeginAsync())
        {
            work.Add(new PendingSignIn { Id = Guid.NewGuid(), UserId = ada.Id, SecurityStamp = "x", ExpiresAt = work.Now.AddMinutes(5) });
            work.Add(new SignInTicket { Hash = new byte[32], UserId = ada.Id, SecurityStamp = "x", BrowserHash = new byte[32], ExpiresAt = work.Now.AddSeconds(30) });
            work.Add(new MailedLinkRequest { Id = Guid.NewGuid(), ProtectedName = [1], At = work.Now, PutAsideAt = work.Now });
            await work.CommitAsync();
        }
        await ExecuteAsync(host, kind == DatabaseKind.Sqlite
            ? ["""CREATE TRIGGER "Kept" BEFORE DELETE ON "PendingSignIns" BEGIN SELECT RAISE(ABORT, 'kept'); END"""]
            : ["CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept'; END $$", """CREATE TRIGGER "Kept" BEFORE DELETE ON "PendingSignIns" FOR EACH ROW EXECUTE FUNCTION kept()"""]);
        var housekeeping = host.Services.GetServices<IHostedService>().OfType<Housekeeping>().Single();

        host.Advance(TimeSpan.FromDays(1));
        await housekeeping.CleanAsync(TestContext.Current.CancellationToken);

        Assert.Equal((1, 0, 0), (await host.CountAsync<PendingSignIn>(), await host.CountAsync<SignInTicket>(), await host.CountAsync<MailedLinkRequest>()));
        Assert.True(Standing(host).Failures > 0);

        await ExecuteAsync(host, kind == DatabaseKind.Sqlite ? ["""DROP TRIGGER "Kept" """] : ["""DROP TRIGGER "Kept" ON "PendingSignIns" """]);
        await housekeeping.CleanAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (await host.CountAsync<PendingSignIn>(), Standing(host).Failures));
    }

    private static WorkerStanding Standing(PortalHost host) => host.Services.GetRequiredService<WorkerRounds>().Standings().Single(standing => standing.Worker == "housekeeping");

    private static async Task ExecuteAsync(PortalHost host, IEnumerable<string> statements)
    {
        await using var scope = host.Services.CreateAsyncScope();
        foreach (var statement in statements) await scope.ServiceProvider.GetRequiredService<PortalDbContext>().Database.ExecuteSqlRawAsync(statement);
    }
}

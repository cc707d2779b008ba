using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>Expired rows are deleted, each kind by itself.</summary>
public sealed class HousekeepingTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when everything is deleted in one transaction.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_chore_that_fails_keeps_no_other_from_its_end_and_is_done_once_it_can_be(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        var ada = await host.AddPersonAsync();
        await using (var work = await host.BeginAsync())
        {
            work.Add(new PendingSignIn { Id = Guid.NewGuid(), UserId = ada.Id, SecurityStamp = "x", ExpiresAt = work.Now.AddMinutes(5) });
            work.Add(new SignInTicket
            {
                Hash = new byte[32],
                UserId = ada.Id,
                SecurityStamp = "x",
                BrowserHash = new byte[32],
                ExpiresAt = work.Now.AddSeconds(30)
            });
            work.Add(new MailedLinkRequest { Id = Guid.NewGuid(), ProtectedName = [1], At = work.Now, PutAsideAt = work.Now });
            await work.CommitAsync();
        }
        await ExecuteAsync(host, kind == DatabaseKind.Sqlite
            ? ["""CREATE TRIGGER "Kept" BEFORE DELETE ON "PendingSignIns" BEGIN SELECT RAISE(ABORT, 'kept'); END"""]
            : [
                "CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept'; END $$",
                """CREATE TRIGGER "Kept" BEFORE DELETE ON "PendingSignIns" FOR EACH ROW EXECUTE FUNCTION kept()"""
            ]);
        var housekeeping = host.Services.GetServices<IHostedService>().OfType<Housekeeping>().Single();

        host.Advance(TimeSpan.FromDays(1));
        await housekeeping.CleanAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            (1, 0, 0),
            (await host.CountAsync<PendingSignIn>(), await host.CountAsync<SignInTicket>(), await host.CountAsync<MailedLinkRequest>()));
        Assert.True(State(host).Failures > 0);

        await ExecuteAsync(host, kind == DatabaseKind.Sqlite ? ["""DROP TRIGGER "Kept" """] : ["""DROP TRIGGER "Kept" ON "PendingSignIns" """]);
        // A round of the worker itself may still be failing on the trigger that was dropped just now.
        await Eventually.TrueAsync(async () =>
        {
            await housekeeping.CleanAsync(TestContext.Current.CancellationToken);
            return State(host).Failures == 0;
        }, "a whole round succeeds again");
        Assert.Equal(0, await host.CountAsync<PendingSignIn>());
    }

    /// <summary>
    /// Red when everything is deleted by one statement: after a flood it exceeds the time limit of a command and is rolled back, again and again.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_flood_goes_in_batches_whatever_it_is_made_of(DatabaseKind kind)
    {
        const int flood = (3 * Housekeeping.Batch) + 7;
        var watch = new LargestDelete();
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind), replace: watch.Watch);
        await using (var work = await host.BeginAsync())
        {
            var (longAgo, all) = (work.Now.AddDays(-100), Enumerable.Range(0, flood).ToList());
            await work.WriteAsync(all.ConvertAll(n => new AddressCount { Key = $"sign-in {n}", WindowStart = longAgo, Count = 1 }));
            await work.WriteAsync(all.ConvertAll(n => new DecoyAccount { Key = Key(n), LastAttemptAt = longAgo }));
            await work.WriteAsync(
                all.ConvertAll(n => new MailedLinkRequest { Id = Guid.NewGuid(), ProtectedName = [1], At = longAgo, PutAsideAt = longAgo }));
            await work.WriteAsync(all.ConvertAll(n => Mail(longAgo, n % 2 == 0 ? OutboxState.Sent : OutboxState.Dead)));
            // Rows that have not expired stay.
            work.Add(new AddressCount { Key = "sign-in now", WindowStart = work.Now, Count = 1 });
            work.Add(Mail(work.Now, OutboxState.Sent));
            await work.CommitAsync();
        }

        await Worker(host).CleanAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            (1, 0, 0, 1),
            (await host.CountAsync<AddressCount>(), await host.CountAsync<DecoyAccount>(),
                await host.CountAsync<MailedLinkRequest>(), await host.CountAsync<OutboxEntry>()));
        Assert.Equal(Housekeeping.Batch, watch.Rows);
        Assert.Equal(0, State(host).Failures);
    }

    /// <summary>There are at most 100,000 decoys (docs/spec.md 1.6).</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Of_more_than_100_000_unknown_names_the_oldest_go(DatabaseKind kind)
    {
        var watch = new LargestDelete();
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind), replace: watch.Watch);
        await using (var work = await host.BeginAsync())
        {
            await work.WriteAsync(
                Enumerable.Range(0, 100_000 + Housekeeping.Batch + 20)
                    .Select(n => new DecoyAccount { Key = Key(n), LastAttemptAt = work.Now.AddSeconds(-n) }).ToList());
            await work.CommitAsync();
        }

        await Worker(host).CleanAsync(TestContext.Current.CancellationToken);

        Assert.Equal((100_000, Housekeeping.Batch), (await host.CountAsync<DecoyAccount>(), watch.Rows));
        var (newest, oldest) = (Key(0), Key(100_000));
        Assert.Equal(
            (1, 0),
            (await host.CountAsync<DecoyAccount>(decoys => decoys.Where(d => d.Key == newest)),
                await host.CountAsync<DecoyAccount>(decoys => decoys.Where(d => d.Key == oldest))));
    }

    /// <summary>Red when the victim of a deadlock, or another writer of the file, is taken for a database that is away.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_chore_that_meets_somebody_elses_lock_fails_alone(DatabaseKind kind)
    {
        var settings = kind == DatabaseKind.Sqlite
            ? new PortalSettings().With(
                "ConnectionStrings:Portal",
                $"Data Source={Path.Combine(Reaper.NewFolder("busy"), "portal.db")};Default Timeout=1")
            : await postgres.NewAsync(kind);
        await using var host = await PortalHost.StartAsync(settings, replace: services => services.AddFakeLogging());
        var ada = await host.AddPersonAsync();
        await using (var work = await host.BeginAsync())
        {
            var over = work.Now.AddMinutes(-10);
            work.Add(new PendingSignIn { Id = Guid.NewGuid(), UserId = ada.Id, SecurityStamp = "x", ExpiresAt = over });
            work.Add(new SignInTicket { Hash = new byte[32], UserId = ada.Id, SecurityStamp = "x", BrowserHash = new byte[32], ExpiresAt = over });
            await work.CommitAsync();
        }
        if (kind == DatabaseKind.Sqlite)
        {
            var writing = await host.BeginAsync();
            await writing.Users.HoldAsync(ada.Id);
            // On a thread of its own: SQLite blocks the thread while it waits.
            var cleaning = Task.Run(() => Worker(host).CleanAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(
                () => cleaning.IsCompleted
                    || host.Services.GetFakeLogCollector().GetSnapshot()
                        .Any(line => line.Message.Contains("pending sign-ins", StringComparison.Ordinal)),
                "the first chore gave up");
            await writing.DisposeAsync();
            await cleaning;
        }
        else
        {
            await ExecuteAsync(
                host,
                [
                    "CREATE FUNCTION crossed() RETURNS trigger LANGUAGE plpgsql AS $$ "
                        + "BEGIN RAISE EXCEPTION 'crossed' USING ERRCODE = 'deadlock_detected'; END $$",
                    """CREATE TRIGGER "Crossed" BEFORE DELETE ON "PendingSignIns" FOR EACH ROW EXECUTE FUNCTION crossed()"""
                ]);
            await Worker(host).CleanAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal((1, 0), (await host.CountAsync<PendingSignIn>(), await host.CountAsync<SignInTicket>()));
        Assert.True(State(host).Failures > 0);
    }

    private static Housekeeping Worker(PortalHost host) => host.Services.GetServices<IHostedService>().OfType<Housekeeping>().Single();

    private static byte[] Key(int n) => [.. BitConverter.GetBytes(n), .. new byte[28]];

    private static OutboxEntry Mail(DateTimeOffset at, OutboxState state) => new()
    {
        Id = Guid.NewGuid(),
        TemplateKey = "test",
        RecipientAddress = "ada@example.test",
        RecipientName = "Ada",
        ProtectedPayload = [1],
        CreatedAt = at,
        NextAttemptAt = at,
        GiveUpAt = at,
        State = state,
    };

    private static WorkerState State(PortalHost host) =>
        host.Services.GetRequiredService<WorkerRounds>().States().Single(state => state.Worker == "housekeeping");

    private static async Task ExecuteAsync(PortalHost host, IEnumerable<string> statements)
    {
        await using var scope = host.Services.CreateAsyncScope();
        foreach (var statement in statements)
            await scope.ServiceProvider.GetRequiredService<PortalDbContext>().Database.ExecuteSqlRawAsync(statement);
    }
    /// <summary>Notes the highest number of rows that one statement deleted.</summary>
    private sealed class LargestDelete : DbCommandInterceptor
    {
        public int Rows { get; private set; }

        public void Watch(IServiceCollection services)
        {
            services.ConfigureDbContext<SqlitePortalDbContext>(options => options.AddInterceptors(this));
            services.ConfigureDbContext<PostgresPortalDbContext>(options => options.AddInterceptors(this));
        }

        public override ValueTask<int> NonQueryExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.StartsWith("DELETE", StringComparison.Ordinal)) Rows = Math.Max(Rows, result);
            return base.NonQueryExecutedAsync(command, eventData, result, cancellationToken);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>What an attempt counts, for the account and for the network, wherever it is left (docs/spec.md 1.5).</summary>
public sealed class AttemptTests(PostgresCluster postgres)
{
    private static readonly Caller Nobody = new Caller.Nobody { Address = "192.0.2.1" };

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_right_answer_that_is_committed_counts_for_nobody(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        var ada = await host.AddPersonAsync();

        await using (var attempt = await SettledAsync(host, ada)) await attempt.Work.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), await CountsAsync(host, ada));
    }

    /// <summary>Red when an attempt is given back before its transaction is committed.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task An_attempt_that_is_dropped_stays_counted_for_account_and_network(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        var ada = await host.AddPersonAsync();

        await using (var attempts = await host.Services.GetRequiredService<Attempts>().ReserveAsync(Target.User(ada.Id), AskedAt.StepUp, Nobody))
            Assert.Equal((1, 1), await CountsAsync(host, ada));
        await using (await SettledAsync(host, ada)) { }

        Assert.Equal((2, 2), await CountsAsync(host, ada));
    }

    /// <summary>Red when a right answer that the account overtook is left to the network's count like a guess.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_right_answer_that_the_account_overtook_is_no_failure_of_the_network(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        var ada = await host.AddPersonAsync();

        await using (var attempt = await SettledAsync(host, ada)) Assert.IsType<Refusal.Changed>(attempt.RefuseChanged());

        Assert.Equal((1, 0), await CountsAsync(host, ada));
    }

    [Fact]
    public async Task Only_a_right_answer_is_settled_and_only_a_settled_one_has_something_to_commit()
    {
        await using var host = await PortalHost.StartAsync(new());
        var ada = await host.AddPersonAsync();
        await using var attempt = await host.Services.GetRequiredService<Attempts>().ReserveAsync(Target.User(ada.Id), AskedAt.StepUp, Nobody);

        await Assert.ThrowsAsync<InvalidOperationException>(() => attempt.SettleAsync());
        Assert.IsType<Refusal.Wrong>(await attempt.CheckPasswordAsync("not the pass phrase"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => attempt.SettleAsync());
        Assert.Throws<InvalidOperationException>(() => attempt.Work);
    }

    /// <summary>Red when the half-done sign-in is forgotten before its last transaction is committed.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_code_on_which_the_database_failed_can_be_sent_again(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        await host.SetSecurityAsync();
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var visitor = CircuitVisitor.At(host);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));
        var code = await Oathtool.CodeAsync(ada.Secret!, host.Now);
        await ExecuteAsync(host, kind == DatabaseKind.Sqlite
            ? ["""CREATE TRIGGER "Refused" BEFORE INSERT ON "SignInTickets" BEGIN SELECT RAISE(ABORT, 'refused'); END"""]
            :
            [
                "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$",
                """CREATE TRIGGER "Refused" BEFORE INSERT ON "SignInTickets" FOR EACH ROW EXECUTE FUNCTION refused()""",
            ]);

        await Assert.ThrowsAsync<DbUpdateException>(() => visitor.CodeAsync(code));
        await ExecuteAsync(host, [kind == DatabaseKind.Sqlite ? """DROP TRIGGER "Refused" """ : """DROP TRIGGER "Refused" ON "SignInTickets" """]);

        Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(code));
    }

    private static async Task<Attempt> SettledAsync(PortalHost host, TestPerson person)
    {
        var attempt = await host.Services.GetRequiredService<Attempts>().ReserveAsync(Target.User(person.Id), AskedAt.StepUp, Nobody);
        Assert.Null(await attempt.CheckPasswordAsync(person.Password) ?? await attempt.SettleAsync());
        return attempt;
    }

    private static async Task<(int Account, int Network)> CountsAsync(PortalHost host, TestPerson person)
    {
        await using var work = await host.BeginAsync();
        var network = await work.Query<AddressCount>().Select(count => (int?)count.Count).SingleOrDefaultAsync();
        return ((await host.UserAsync(person)).AccessFailedCount, network ?? 0);
    }

    private static async Task ExecuteAsync(PortalHost host, IEnumerable<string> statements)
    {
        await using var scope = host.Services.CreateAsyncScope();
        foreach (var statement in statements)
            await scope.ServiceProvider.GetRequiredService<PortalDbContext>().Database.ExecuteSqlRawAsync(statement);
    }
}

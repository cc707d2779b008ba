using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Setup;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>Many browsers set the portal up at the same time, on two nodes with one PostgreSQL (docs/spec.md 8.1).</summary>
public sealed class SetUpRaceTests(PostgresCluster postgres)
{
    [Fact]
    public async Task Racing_set_up_visitors_make_one_administrator()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres, setUp: false);
        var code = (await nodes.A.Services.GetRequiredService<PortalSetUp>().CreateCodeAsync())!;

        var outcomes = await TestAccounts.AtOnceAsync(Enumerable.Range(0, 10).Select(n => (Func<Task<SetUpOutcome>>)(() =>
            nodes[n].Services.GetRequiredService<PortalSetUp>().SetUpWithCodeAsync(
                code, new("Example", null, $"first{n}", $"first{n}@example.test", TestAccounts.Password), "192.0.2.1"))));

        Assert.Single(outcomes, outcome => outcome is SetUpOutcome.Done);
        Assert.Equal(9, outcomes.Count(outcome => outcome is SetUpOutcome.DoneAlready));
        Assert.Equal(1, await nodes.A.CountAsync<PortalUser>());
        Assert.Equal(1, await nodes.A.CountAsync<PortalUser>(users => users.Where(u => u.IsSystemAdministrator)));
        Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.PortalSetUp>());
        Assert.Equal(0, await nodes.A.CountAsync<SetupCode>());
        Assert.Null(await nodes.B.Services.GetRequiredService<PortalSetUp>().CreateCodeAsync());
    }

    /// <summary>
    /// Red when the old code is deleted while the row of the settings is not held: both nodes insert a code, and one of them does not start.
    /// </summary>
    [Fact]
    public async Task Nodes_that_start_at_once_before_set_up_print_codes_of_which_one_is_good()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres, setUp: false);
        for (var round = 0; round < 10; round++)
        {
            var codes = await TestAccounts.AtOnceAsync(Enumerable.Range(0, 6).Select(n => (Func<Task<string?>>)(() =>
                nodes[n].Services.GetRequiredService<PortalSetUp>().CreateCodeAsync())));

            var hashes = codes.Select(code => SetupCode.HashOf(code!)).ToList();
            Assert.Equal(1, await nodes.A.CountAsync<SetupCode>());
            Assert.Equal(1, await nodes.A.CountAsync<SetupCode>(stored => stored.Where(c => hashes.Contains(c.Hash))));
        }
    }

    [Fact]
    public async Task Guesses_of_the_set_up_code_are_ten_a_minute_for_all_visitors_together()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres, setUp: false);
        var code = (await nodes.B.Services.GetRequiredService<PortalSetUp>().CreateCodeAsync())!;

        var guesses = await TestAccounts.AtOnceAsync(
            Enumerable.Range(0, 30).Select(n => (Func<Task<SetUpOutcome>>)(() => TryAsync(nodes[n], SetupCode.Generate()))));

        Assert.Equal(10, guesses.Count(outcome => outcome is SetUpOutcome.WrongCode));
        Assert.Equal(20, guesses.Count(outcome => outcome is SetUpOutcome.TooManyTries));
        Assert.IsType<SetUpOutcome.TooManyTries>(await TryAsync(nodes.A, code));
        nodes.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<SetUpOutcome.Done>(await TryAsync(nodes.A, code.ToLowerInvariant().Replace('-', ' ')));

        static Task<SetUpOutcome> TryAsync(PortalHost host, string code) => host.Services.GetRequiredService<PortalSetUp>().SetUpWithCodeAsync(
            code, new("Example", null, "first", "first@example.test", TestAccounts.Password), "192.0.2.1");
    }
}

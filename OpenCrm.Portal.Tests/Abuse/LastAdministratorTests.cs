using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>
/// Case A05 of docs/threats.md: two administrators demote, lock or deactivate each other at the same moment, on two nodes with one PostgreSQL.
/// </summary>
public sealed class LastAdministratorTests(PostgresCluster postgres, ITestOutputHelper output)
{
    /// <summary>Red when the administrators' rows are not held before the change: both are gone in the first round.</summary>
    [Fact]
    public async Task Of_two_administrators_who_take_each_other_away_at_once_one_remains_and_the_other_is_told()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("PORTAL_RACE_ROUNDS") ?? "20", CultureInfo.InvariantCulture);
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var (ann, cem) = (await nodes.A.AddPersonAsync("ann"), await nodes.A.AddPersonAsync("cem"));
        var lost = new Dictionary<string, int>();
        for (var round = 0; round < rounds; round++)
        {
            await OnlyTheseAsync(nodes.A, ann, cem);
            await using var a = await Seat.TakeAsync(nodes.A, ann);
            await using var b = await Seat.TakeAsync(nodes.B, cem);
            var (first, second) = (Act(round % 3, a, await nodes.A.UserAsync(cem)), Act(round / 3 % 3, b, await nodes.A.UserAsync(ann)));
            var events = await TakenAsync(nodes.A);

            var outcomes = await TestAccounts.AtOnceAsync([first, second]);

            Assert.True(outcomes.Count(outcome => outcome == "Done") == 1, $"Round {round}: {string.Join(" and ", outcomes)}");
            Assert.Equal(
                1,
                await nodes.A.CountAsync<PortalUser>(users => users.Where(u => u.IsSystemAdministrator && u.State == AccountState.Active)));
            Assert.Equal(events + 1, await TakenAsync(nodes.A));
            var loser = outcomes.Single(outcome => outcome != "Done");
            lost[loser] = lost.GetValueOrDefault(loser) + 1;
        }
        output.WriteLine($"{rounds} rounds, the loser was told: {string.Join(", ", lost.Select(l => $"{l.Key} {l.Value}"))}");
        Assert.All(lost.Keys, told => Assert.True(told is nameof(UserOutcome.LastAdministrator) or nameof(AccessRefusedException), told));
    }

    /// <summary>
    /// With a third administrator nobody is the last one. Even so, an administrator who was just demoted, locked or deactivated must not do the same
    /// to another one. Red when the right is not checked again once the row is held.
    /// </summary>
    [Fact]
    public async Task An_administrator_who_was_taken_away_first_takes_nobody_along()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var (ann, cem) = (await nodes.A.AddPersonAsync("ann"), await nodes.A.AddPersonAsync("cem"));
        await nodes.A.AddPersonAsync("zoe", administrator: true);
        for (var round = 0; round < 9; round++)
        {
            await OnlyTheseAsync(nodes.A, ann, cem);
            await using var a = await Seat.TakeAsync(nodes.A, ann);
            await using var b = await Seat.TakeAsync(nodes.B, cem);
            var outcomes = await TestAccounts.AtOnceAsync(
                [Act(round % 3, a, await nodes.A.UserAsync(cem)), Act(round / 3 % 3, b, await nodes.A.UserAsync(ann))]);
            Assert.Single(outcomes, "Done");
        }
    }

    private static Func<Task<string>> Act(int kind, Seat seat, PortalUser other) => async () =>
    {
        var administration = seat.Service<UserAdministration>();
        try
        {
            object outcome = kind switch
            {
                0 => await seat.Service<UserDetails>().SaveAsync(
                    other.Id,
                    other.ConcurrencyStamp!,
                    new(other.UserName!, other.Name, other.Email!, IsSystemAdministrator: false)),
                1 => await administration.LockAsync(other.Id),
                _ => await administration.DeactivateAsync(other.Id),
            };
            return outcome is UserOutcome.Done or DetailsOutcome.Saved ? "Done" : outcome.GetType().Name;
        }
        catch (AccessRefusedException)
        {
            // The other one was faster, and not just by the race: this session has ended or is no longer an administrator's, and the page says so.
            return nameof(AccessRefusedException);
        }
    };

    private static Task<int> TakenAsync(PortalHost host)
    {
        string[] kinds = [nameof(AuditEvent.UserChanged), nameof(AuditEvent.LockedByAdministrator), nameof(AuditEvent.Deactivated)];
        return host.CountAsync<AuditEntry>(entries => entries.Where(e => kinds.Contains(e.Kind)));
    }

    private static async Task OnlyTheseAsync(PortalHost host, params TestPerson[] administrators)
    {
        var ids = administrators.Select(a => a.Id).ToList();
        await using var work = await host.BeginAsync();
        await work.Query<PortalUser>().Where(u => u.UserName == PortalSettings.FirstAdministrator.Username)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.IsSystemAdministrator, false));
        await work.Query<PortalUser>().Where(u => ids.Contains(u.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.IsSystemAdministrator, true).SetProperty(u => u.State, AccountState.Active));
        await work.CommitAsync();
    }
}

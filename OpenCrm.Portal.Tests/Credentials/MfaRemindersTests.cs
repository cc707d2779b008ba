using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>Mails about the deadline: at the beginning, 7, 3 and 1 days before, each once, from one node (docs/spec.md 12.5).</summary>
public sealed class MfaRemindersTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Somebody_with_ten_days_is_mailed_at_the_beginning_and_seven_three_and_one_day_before(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann");
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 10);

        List<int> mails = [];
        for (var day = 0; day <= 12; day++)
        {
            // An hour more, because on PostgreSQL the database's clock wrote the deadline.
            if (day == 0) portal.Advance(TimeSpan.FromHours(1));
            await portal.RemindAsync();
            await portal.RemindAsync();
            mails.Add(await portal.RemindersOfAsync(ann));
            portal.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal([1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4], mails);
        Assert.Equal(0, await portal.RemindersOfAsync(root));
    }

    /// <summary>Red when a row is read and written in two statements: both nodes would write the same mail.</summary>
    [Fact]
    public async Task Two_nodes_write_each_mail_once()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var root = await nodes.A.AddPersonAsync("root", enrolled: true, administrator: true);
        var people = new List<TestPerson>();
        for (var i = 0; i < MfaReminders.Batch + 20; i++) people.Add(await nodes.A.AddPersonAsync($"person{i}"));
        await nodes.A.RequireAsync(root, MustUseMfa.Everyone);
        nodes.Advance(TimeSpan.FromSeconds(70));

        await TestAccounts.AtOnceAsync(Enumerable.Range(0, 6).Select(i => new Func<Task<bool>>(async () =>
        {
            await nodes[i].RemindAsync();
            return true;
        })));
        // What one node held, the other left to it.
        await nodes.A.RemindAsync();

        var written = await WrittenAsync(nodes.A);
        Assert.Equal(people.Count + 1, written.Count);
        Assert.Equal(written.Count, written.Distinct().Count());
    }

    [Fact]
    public async Task While_the_rule_sleeps_nobody_is_reminded_and_afterwards_everybody_anew()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann");
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        await portal.RemindAsync();
        Assert.Equal(1, await portal.RemindersOfAsync(ann));

        await portal.RequireAsync(root, MustUseMfa.Everyone, mfa: false);
        portal.Advance(TimeSpan.FromDays(5));
        await portal.RemindAsync();
        Assert.Equal(1, await portal.RemindersOfAsync(ann));

        await portal.RequireAsync(root, MustUseMfa.Everyone, mfa: true);
        await portal.RemindAsync();
        Assert.Equal(2, await portal.RemindersOfAsync(ann));
    }

    /// <summary>A portal that was down over several reminders sends one, and none once the deadline has passed.</summary>
    [Fact]
    public async Task After_a_pause_one_mail_says_what_is_left_and_after_the_deadline_none()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob"));
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 10);
        await portal.RemindAsync();
        portal.Clock.AdjustTime(portal.Now.AddDays(8));
        await portal.RemindAsync();
        await portal.RemindAsync();
        Assert.Equal(2, await portal.RemindersOfAsync(ann));

        await portal.MoveDeadlineAsync(bob, portal.Now.AddMinutes(-5));
        portal.Clock.AdjustTime(portal.Now.AddHours(30));
        await portal.RemindAsync();
        Assert.Equal((3, 2), (await portal.RemindersOfAsync(ann), await portal.RemindersOfAsync(bob)));
    }

    [Fact]
    public async Task Who_has_MFA_by_then_and_who_is_inactive_gets_none()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var (ann, bob, eve) = (
            await portal.AddPersonAsync("ann"),
            await portal.AddPersonAsync("bob", state: AccountState.Inactive),
            await portal.AddPersonAsync("eve", state: AccountState.Locked));
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        await portal.EnrolAsync(ann);

        await portal.RemindAsync();
        Assert.Equal(
            (0, 0, 1), (await portal.RemindersOfAsync(ann), await portal.RemindersOfAsync(bob), await portal.RemindersOfAsync(eve)));

        // Disabled again before the deadline: the reminders that are left come.
        await portal.DisableMfaAsync(ann);
        portal.Advance(TimeSpan.FromDays(5));
        await portal.RemindAsync();
        Assert.Equal(1, await portal.RemindersOfAsync(ann));
    }

    /// <summary>Red when one row that fails holds up those behind it.</summary>
    [Fact]
    public async Task A_row_that_fails_is_put_aside_and_the_others_are_mailed()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob"));
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        await using (var work = await portal.BeginAsync())
        {
            // The mail of Ann alone cannot be written.
            await work.ExecuteAsync(
                $"""
                CREATE TRIGGER "NotAnn" BEFORE INSERT ON "Outbox" WHEN new."RecipientAddress" = 'ann@example.test'
                BEGIN SELECT RAISE(ABORT, 'not Ann'); END
                """);
            await work.CommitAsync();
        }

        await portal.RemindAsync();

        Assert.Equal((0, 1), (await portal.RemindersOfAsync(ann), await portal.RemindersOfAsync(bob)));
        Assert.Null((await portal.DeadlineAsync(ann)).NextMailAt);
    }

    /// <summary>A company's mails do not stand before a link that somebody waits for: they leave over the whole minute.</summary>
    [Fact]
    public async Task The_mails_of_a_round_leave_one_after_the_other()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        for (var i = 0; i < 10; i++) await portal.AddPersonAsync($"person{i}");
        await portal.RequireAsync(root, MustUseMfa.Everyone);

        await portal.RemindAsync();

        await using var work = await portal.BeginAsync();
        var times = await work.Query<OutboxEntry>().Where(e => e.TemplateKey == "mfa-due").OrderBy(e => e.GiveUpAt)
            .Select(e => e.GiveUpAt).ToListAsync();
        Assert.Equal(times.Count, times.Distinct().Count());
        Assert.True(times[^1] - times[0] < TimeSpan.FromMinutes(1));
    }

    private static async Task<List<string>> WrittenAsync(PortalHost portal)
    {
        await using var work = await portal.BeginAsync();
        return await work.Query<OutboxEntry>().Where(e => e.TemplateKey == "mfa-due").Select(e => e.RecipientAddress).ToListAsync();
    }
}

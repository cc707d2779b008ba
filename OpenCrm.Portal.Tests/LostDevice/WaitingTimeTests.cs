using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;
using static OpenCrm.Portal.Tests.LostDevice.LostDeviceFixture;

namespace OpenCrm.Portal.Tests.LostDevice;

/// <summary>A lost-device link under a waiting time: what it schedules, and that it happens once (docs/spec.md 11.7).</summary>
public sealed class WaitingTimeTests(PostgresCluster postgres)
{
    private const string Waiting = "mfa-removal-waiting", Ended = "mfa-removal-ended";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Wait = TimeSpan.FromHours(20);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when the flow goes on to sign in, when it resets the counter, and when the worker does not look at the time.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task The_confirmed_link_signs_nobody_in_and_MFA_goes_at_its_time_once_with_its_mails(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.WaitAsync(20);
        var boss = await portal.AddPersonAsync("boss", administrator: true);
        var ada = await portal.AddPersonAsync(enrolled: true, administrator: true);
        await using var elsewhere = CircuitVisitor.At(portal, "198.51.100.9");
        await SignInByCodeAsync(portal, elsewhere, ada);
        await using var guessing = CircuitVisitor.At(portal, "198.51.100.10");
        await guessing.PasswordAsync(ada.Username, "Not the pass phrase at all");
        var token = await portal.LinkAsync(ada);
        Assert.Equal("20", Assert.Single(await portal.MailsAsync(LostDeviceFixture.Mail, ada.Email))["wait_hours"]);

        var waiting = Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(token, ada));

        Assert.Equal(portal.Now + Wait, waiting.Due);
        Assert.True(await portal.UserAsync(ada) is { TwoFactorEnabled: true, AccessFailedCount: 1 });
        Assert.Null(Assert.Single(await portal.RowsAsync<PortalSession>()).EndedAt);
        Assert.Equal(0, await portal.CountAsync<SignInTicket>(tickets => tickets.Where(t => t.SessionId == null)));
        var told = await portal.MailsAsync(Waiting);
        Assert.Equal(3, told.Count);
        Assert.All(told, mail => Assert.Equal((ada.Username, "192.0.2.1"), (mail["username"], mail["from_address"])));
        Assert.Equal("person", Assert.Single(await portal.MailsAsync(Waiting, ada.Email))["reader"]);
        Assert.Equal("administrator", Assert.Single(await portal.MailsAsync(Waiting, boss.Email))["reader"]);
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.MfaRemovalScheduled>(ada));
        Assert.IsType<LostDeviceOutcome.LinkEnded>(await portal.ConfirmAsync(token, ada));

        portal.Advance(Wait - Second);
        Assert.Equal(0, await portal.Worker().RemoveDueAsync(CancellationToken.None));
        Assert.True((await portal.UserAsync(ada)).TwoFactorEnabled);

        portal.Advance(TimeSpan.FromSeconds(10));
        await portal.RemovedAsync(ada);
        Assert.Null((await portal.UserAsync(ada)).EnrolmentId);
        Assert.Equal(SessionEnd.MfaChanged, Assert.Single(await portal.RowsAsync<PortalSession>()).EndedBy);
        Assert.Equal("lost-device", Assert.Single(await portal.MailsAsync("mfa-removed", ada.Email))["how"]);
        Assert.All(await portal.MailsAsync("mfa-disabled"), mail => Assert.Equal(("lost-device", "192.0.2.1"), (mail["how"], mail["from_address"])));
        Assert.Equal(3, (await portal.MailsAsync("mfa-disabled")).Count);
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.MfaDisabled>(ada));
        Assert.Empty(await portal.MailsAsync(Ended));
        Assert.Equal(0, await portal.CountAsync<MfaRemoval>());
        await using var next = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.Proved>(await next.PasswordAsync(ada.Username, ada.Password));
    }

    /// <summary>Red when a second confirmation writes its own time.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_second_link_neither_hurries_nor_delays_the_removal_and_mails_nobody_again(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.WaitAsync(72);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var first = Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada)).Due;
        portal.Advance(TimeSpan.FromHours(2));
        await portal.WaitAsync(1);

        Assert.Equal(first, Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada)).Due);

        Assert.Single(await portal.MailsAsync(Waiting, ada.Email));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.MfaRemovalScheduled>(ada));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Without_a_waiting_time_MFA_goes_at_once_also_if_a_removal_waits(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.WaitAsync(72);
        var ada = await portal.AddPersonAsync(enrolled: true);
        Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));
        portal.Advance(Second);
        await portal.WaitAsync(0);

        Assert.IsType<LostDeviceOutcome.Proved>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));

        Assert.False((await portal.UserAsync(ada)).TwoFactorEnabled);
        Assert.Equal(0, await portal.CountAsync<MfaRemoval>());
        Assert.Empty(await portal.MailsAsync(Ended));
    }

    /// <summary>Red with two events when the row is looked at and deleted afterwards.</summary>
    [Fact]
    public async Task Of_two_nodes_one_removes()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        await nodes.A.WaitAsync(1);
        List<TestPerson> people = [];
        for (var n = 0; n < 6; n++)
        {
            people.Add(await nodes.A.AddPersonAsync($"person{n}", enrolled: true));
            Assert.IsType<LostDeviceOutcome.Waiting>(await nodes[n].ConfirmAsync(await nodes.A.LinkAsync(people[n]), people[n]));
        }

        nodes.Advance(TimeSpan.FromHours(1) + Second);
        await TestAccounts.AtOnceAsync(Enumerable.Range(0, 4).Select(n => (Func<Task<int>>)(
            () => nodes[n].Worker().RemoveDueAsync(CancellationToken.None))));

        foreach (var person in people)
        {
            await nodes.A.RemovedAsync(person);
            Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.MfaDisabled>(person));
            Assert.Single(await nodes.A.MailsAsync("mfa-removed", person.Email));
        }
        Assert.Equal(people.Count, (await nodes.A.MailsAsync("mfa-disabled")).Count);
        Assert.Empty(await nodes.A.MailsAsync(Ended));
    }

    /// <summary>Red when only a timer of the node that scheduled it removes MFA.</summary>
    [Fact]
    public async Task What_came_due_while_both_nodes_were_down_is_removed_once_when_they_are_up_again()
    {
        Needs.Postgres();
        var settings = TwoNodes.Raised(PortalSettings.OnPostgres(await postgres.CreateDatabaseAsync()) with
        {
            PublicUrl = "http://localhost",
            DataFolder = Reaper.NewFolder("data"),
        });
        TestPerson ada;
        DateTimeOffset due;
        await using (var before = await PortalHost.StartAsync(settings))
        {
            await before.SetSecurityAsync();
            await before.WaitAsync(24);
            ada = await before.AddPersonAsync(enrolled: true);
            due = Assert.IsType<LostDeviceOutcome.Waiting>(await before.ConfirmAsync(await before.LinkAsync(ada), ada)).Due;
        }

        var later = new FakeTimeProvider(due + TimeSpan.FromHours(5));
        void ADayLater(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(later));
        await using var a = await PortalHost.StartAsync(settings with { Administrator = null }, replace: ADayLater);
        await using var b = await PortalHost.StartAsync(TwoNodes.BesideSettings(a, settings), replace: ADayLater);
        await a.RemovedAsync(ada);
        await TestAccounts.AtOnceAsync(new[] { a, b }.Select(node => (Func<Task<int>>)(() => node.Worker().RemoveDueAsync(CancellationToken.None))));

        Assert.Equal(1, await a.EventsAsync<AuditEvent.MfaDisabled>(ada));
        Assert.Single(await a.MailsAsync("mfa-removed", ada.Email));
        Assert.Single(await a.MailsAsync("mfa-disabled"));
        Assert.Equal(0, await b.CountAsync<MfaRemoval>());
    }

    /// <summary>Never-rule 13. Red when the worker's round ends with the first row that fails, and when such a row is given up.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_removal_that_fails_holds_up_no_other_and_is_done_once_its_cause_is_gone(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.WaitAsync(1);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob", enrolled: true));
        foreach (var person in new[] { ada, bob })
            Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(person), person));
        Task SetEmailAsync(string? email) => ChangeAsync(portal, work =>
            work.Query<PortalUser>().Where(u => u.Id == ada.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.Email, email)));
        // Nobody can write to this person: the mail of the removal cannot be made.
        await SetEmailAsync(null);

        portal.Advance(TimeSpan.FromHours(1) + Second);
        await portal.Worker().RemoveDueAsync(CancellationToken.None);

        await portal.RemovedAsync(bob);
        var failed = await Eventually.FoundAsync(
            async () => (await portal.RowsAsync<MfaRemoval>()).SingleOrDefault(r => r.Attempts > 0), "the other one failed");
        Assert.Equal((ada.Id, nameof(ArgumentException)), (failed.UserId, failed.Failure));
        Assert.True(failed.NextAttemptAt > portal.Now);
        Assert.True((await portal.UserAsync(ada)).TwoFactorEnabled);

        for (var n = 0; n < MfaRemovalWorker.TellsAfter + 4; n++)
        {
            portal.Advance(TimeSpan.FromMinutes(13));
            await portal.Worker().RemoveDueAsync(CancellationToken.None);
        }
        await SetEmailAsync(ada.Email);
        portal.Advance(TimeSpan.FromMinutes(13));
        await portal.Worker().RemoveDueAsync(CancellationToken.None);
        await portal.RemovedAsync(ada);
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.MfaDisabled>(ada));
    }
}

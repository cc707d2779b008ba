using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Outbox;
using OpenCrm.Portal.Rescue;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>What ends the hold after a recovery before its time (docs/spec.md 11.3).</summary>
public sealed class RecoveryHoldEndTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when a code does not end it, and when its page keeps the note.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Six_digits_of_an_authenticator_that_was_there_before_end_it_in_every_page(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true, administrator: true);
        portal.Advance(TimeSpan.FromMinutes(1));
        await portal.HoldAsync(ada);
        await using var page = await Seat.OpenTabAsync(portal, (await Seat.TakeAsync(portal, ada)).SessionId);
        Assert.True(await page.ShowsHoldAsync());
        await using var visitor = CircuitVisitor.At(portal);

        await LostDeviceFixture.SignInByCodeAsync(portal, visitor, ada);

        Assert.Equal(0, await portal.CountAsync<RecoveryHold>());
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.RecoveryHoldEnded>(ada));
        await Eventually.TrueAsync(async () => !await page.ShowsHoldAsync(), "the note is gone from the open page");
        Assert.NotEmpty(await page.Service<OutboxList>().SendTestAsync());
    }

    /// <summary>
    /// Whoever recovered may add an authenticator; its codes prove nothing about the time before. Red when any authenticator's code ends the hold.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Six_digits_of_an_authenticator_that_was_added_during_the_hold_do_not_end_it(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var bob = await portal.AddPersonAsync("bob");
        await portal.HoldAsync(bob);
        portal.Advance(TimeSpan.FromMinutes(1));
        var secret = await EnrolAsync(portal, bob);
        portal.Advance(TimeSpan.FromMinutes(1));
        await using var visitor = CircuitVisitor.At(portal);

        await LostDeviceFixture.SignInByCodeAsync(portal, visitor, bob with { Secret = secret });

        Assert.Equal(1, await portal.CountAsync<RecoveryHold>());
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.RecoveryHoldEnded>());
    }

    /// <summary>Red when no reason, no proof or one's own account is accepted, and when the mails are left out.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Another_system_administrator_lifts_it_with_a_reason_that_everybody_concerned_reads(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var boss = await portal.AddPersonAsync("boss", administrator: true);
        var ada = await portal.AddPersonAsync(administrator: true);
        await using var admin = await Seat.TakeAsync(portal, boss);
        await using var page = await Seat.TakeAsync(portal, ada);
        Assert.IsType<UserOutcome.NothingToDo>(await admin.Service<UserAdministration>().LiftHoldAsync(ada.Id, "Called back"));
        await portal.HoldAsync(ada);
        await Eventually.TrueAsync(page.ShowsHoldAsync, "the note is shown");

        var administration = admin.Service<UserAdministration>();
        foreach (var reason in new[] { "", "  ", "two\nlines", new string('x', RecoveryHolds.ReasonLength + 1) })
            Assert.IsType<UserOutcome.ReasonInvalid>(await administration.LiftHoldAsync(ada.Id, reason));
        await Assert.ThrowsAsync<RecoveryHoldException>(() => page.Service<UserAdministration>().LiftHoldAsync(ada.Id, "It is me"));
        portal.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<UserOutcome.StepUpNeeded>(await administration.LiftHoldAsync(ada.Id, "Called back"));
        Assert.IsType<StepUpOutcome.Proved>(await admin.Service<StepUp>().ProveAsync(StepUpFor.ActingAsAdministrator, boss.Password, null));
        Assert.IsType<UserOutcome.Done>(await administration.LiftHoldAsync(ada.Id, " Called back on the known number "));

        Assert.Equal(0, await portal.CountAsync<RecoveryHold>());
        var told = await portal.MailsAsync("hold-lifted");
        Assert.Equal((3, 1), (told.Count, told.Count(mail => mail["reader"] == "person")));
        Assert.All(told, mail => Assert.Equal(("Called back on the known number", "boss"), (mail["reason"], mail["administrator_name"])));
        var lifted = Assert.Single(
            await portal.RowsAsync<AuditEntry>(entries => entries.Where(e => e.Kind == nameof(AuditEvent.RecoveryHoldLifted))));
        Assert.Equal((ada.Id, boss.Id), (lifted.SubjectId, lifted.ActorId));
        Assert.Contains("Called back on the known number", lifted.Details, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => !await page.ShowsHoldAsync(), "the note is gone");
        Assert.NotEmpty(await page.Service<OutboxList>().SendTestAsync());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_rescue_command_lifts_it_for_the_last_administrator(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(administrator: true);
        await portal.HoldAsync(ada);
        var rescue = portal.Services.GetRequiredService<RescueAccounts>();

        Assert.IsType<UserOutcome.NoSuchUser>(await rescue.LiftHoldAsync(new(), "nobody"));
        Assert.IsType<UserOutcome.Done>(await rescue.LiftHoldAsync(new(), ada.Email));
        Assert.IsType<UserOutcome.NothingToDo>(await rescue.LiftHoldAsync(new(), ada.Username));

        Assert.Equal(0, await portal.CountAsync<RecoveryHold>());
        Assert.Equal(("", ""), Assert.Single(await portal.MailsAsync("hold-lifted", ada.Email)) is var mail
            ? (mail["reason"], mail["administrator_name"]) : ("none", "none"));
    }

    private static async Task<string> EnrolAsync(PortalHost portal, TestPerson person)
    {
        await using var page = await Seat.TakeAsync(portal, person);
        var enrolment = page.Service<OpenCrm.Portal.Enrolment.MfaEnrolment>();
        var begun = Assert.IsType<OpenCrm.Portal.Enrolment.EnrolmentOutcome.Begun>(await enrolment.BeginAsync());
        var secret = string.Concat(begun.ManualKey);
        Assert.IsType<OpenCrm.Portal.Enrolment.EnrolmentOutcome.Saved>(await enrolment.SaveAsync(await Oathtool.CodeAsync(secret, portal.Now)));
        return secret;
    }
}

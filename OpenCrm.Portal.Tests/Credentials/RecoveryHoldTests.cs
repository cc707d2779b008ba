using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.EmailTemplates;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Outbox;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;
using OpenCrm.Portal.Users.Import;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>What a recovery puts on hold, for whom and for how long, asked in the services behind the pages (docs/spec.md 11.3).</summary>
public sealed class RecoveryHoldTests(PostgresCluster postgres)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when the hold is not started with the link, and when it belongs to one session.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_lost_device_link_holds_every_session_of_the_person_for_72_hours(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true, administrator: true);

        var proved = Assert.IsType<LostDeviceOutcome.Proved>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));
        Assert.NotEmpty(proved.Ticket);
        await using var one = await Seat.TakeAsync(portal, ada);
        await using var other = await Seat.TakeAsync(portal, ada);

        Assert.Equal(portal.Now.AddHours(72), await portal.HeldUntilAsync(one));
        Assert.Equal(portal.Now.AddHours(72), await portal.HeldUntilAsync(other));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.RecoveryHoldStarted>(ada));
        Assert.Equal(RecoveryKind.LostDevice, Assert.Single(await portal.RowsAsync<SignInTicket>()).RecoveredBy);
    }

    /// <summary>With a waiting time the hold begins when the link takes effect. Red when only the page's flow starts it.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task After_a_waiting_time_the_hold_begins_with_the_removal(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        await portal.WaitAsync(5);
        var ada = await portal.AddPersonAsync(enrolled: true);
        Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));
        Assert.Equal(0, await portal.CountAsync<RecoveryHold>());

        portal.Advance(TimeSpan.FromHours(5));
        await portal.RemovedAsync(ada);
        Assert.Equal(portal.Now.AddHours(72), Assert.Single(await portal.RowsAsync<RecoveryHold>()).Until);
    }

    /// <summary>Red, case by case, when the service that refuses asks only the page.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Every_write_under_Settings_is_refused_in_a_page_that_was_open_before_and_reading_goes_on(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true, administrator: true);
        var (bob, held) = (await portal.AddPersonAsync("bob", enrolled: true), await portal.AddPersonAsync("held", enrolled: true));
        var newcomer = await portal.AddPersonAsync("newcomer");
        await portal.HoldAsync(held);
        await using var page = await Seat.TakeAsync(portal, ada);
        var record = (await page.Service<UserDetails>().ReadAsync(bob.Id))!;
        var wizard = Assert.IsType<EnrolmentOutcome.Begun>(await page.Service<MfaEnrolment>().BeginAsync(newcomer.Id));
        Assert.False(await page.ShowsHoldAsync());

        await portal.HoldAsync(ada);

        await Eventually.TrueAsync(page.ShowsHoldAsync, "the open page shows the note");
        var administration = page.Service<UserAdministration>();
        var settings = await page.Service<AdditionalSettings>().ReadAsync();
        var template = TemplateCatalogue.Test;
        Dictionary<string, Func<Task>> writes = new()
        {
            ["general"] = () => page.Service<AdditionalSettings>().SaveAsync(new BlockEdit<GeneralSettings>(
                settings.General.Version, new Dictionary<string, string> { [nameof(GeneralSettings.CompanyName)] = "Other" })),
            ["password policy"] = () => page.Service<AdditionalSettings>().SaveAsync(new BlockEdit<PasswordPolicySettings>(
                settings.PasswordPolicy.Version, new Dictionary<string, string> { [nameof(PasswordPolicySettings.MinimumLength)] = "20" })),
            ["mail"] = () => page.Service<AdditionalSettings>().SaveAsync(
                new MailEdit(settings.Mail.Version, new Dictionary<string, string> { [nameof(MailSettings.Host)] = "mail.northwind.test" })),
            ["mail test"] = () => page.Service<MailTest>().SendAsync(
                new MailEdit(settings.Mail.Version, new Dictionary<string, string> { [nameof(MailSettings.Host)] = "mail.northwind.test" })),
            ["security"] = () => page.Service<MfaSwitch>().SaveAsync(new(
                new(settings.Security.Version, new Dictionary<string, string> { [nameof(SecuritySettings.RecoveryHoldHours)] = "0" }), true)),
            ["MFA switch"] = () => page.Service<MfaSwitch>().SaveAsync(new(
                new(settings.Security.Version, new Dictionary<string, string>()), false), new MfaSwitchAnswer()),
            ["template"] = () => page.Service<TemplateEditor>().SaveAsync(template, TemplateText.Default(template), 0),
            ["template reset"] = () => page.Service<TemplateEditor>().ResetAsync(template, 0),
            ["template test"] = () => page.Service<TemplateEditor>().SendTestAsync(template, TemplateText.Default(template)),
            ["send again"] = () => page.Service<OutboxList>().SendAgainAsync(Guid.NewGuid()),
            ["test mail"] = () => page.Service<OutboxList>().SendTestAsync(),
            ["create"] = () => page.Service<UserDetails>().CreateAsync(new("carl", "Carl", "carl@example.test", false)),
            ["edit"] = () => page.Service<UserDetails>().SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { Name = "Robert" }),
            ["lock"] = () => administration.LockAsync(bob.Id),
            ["unlock"] = () => administration.UnlockAsync(bob.Id),
            ["deactivate"] = () => administration.DeactivateAsync(bob.Id),
            ["activate"] = () => administration.ActivateAsync(bob.Id),
            ["reset password"] = () => administration.ResetPasswordAsync(bob.Id),
            ["invite again"] = () => administration.InviteAgainAsync(bob.Id),
            ["end sessions"] = () => administration.EndSessionsAsync(bob.Id),
            ["disable MFA"] = () => administration.DisableMfaAsync(bob.Id),
            ["stop removal"] = () => administration.StopMfaRemovalAsync(bob.Id),
            ["lift hold"] = () => administration.LiftHoldAsync(held.Id, "Called back"),
            ["several"] = () => page.Service<SeveralUsers>().RunAsync(SeveralAct.Lock, new(null, [bob.Id]), new HashSet<Guid>()),
            ["import"] = () => page.Service<UserImports>().CheckAsync(new MemoryStream("username\n"u8.ToArray()), "people.csv"),
            ["import start"] = () => page.Service<UserImports>().StartAsync(Guid.NewGuid()),
            ["enrolling another"] = () => page.Service<MfaEnrolment>().BeginAsync(newcomer.Id),
        };
        foreach (var (what, act) in writes)
            Assert.True(await Record.ExceptionAsync(act) is RecoveryHoldException, $"{what} is not on hold");

        // A wizard for somebody else that was open before saves nothing either.
        await using (var before = await Seat.OpenTabAsync(portal, page.SessionId))
            await Assert.ThrowsAsync<RecoveryHoldException>(() => before.Service<MfaEnrolment>().BeginAsync(newcomer.Id));
        Assert.NotEmpty(wizard.ManualKey);
        Assert.False((await portal.UserAsync(newcomer)).TwoFactorEnabled);
        Assert.Equal(AccountState.Active, (await portal.UserAsync(bob)).State);
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.SettingChanged>());
        // Reading goes on.
        Assert.NotNull(await page.Service<UserDetails>().ReadAsync(bob.Id));
        Assert.NotEmpty(await page.Service<TemplateEditor>().ListAsync());
        Assert.NotNull(await page.Service<OutboxList>().ReadAsync(new()));
    }

    /// <summary>Red, each, when <see cref="Caller.Person.RequireNotHeld"/> is not asked there.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task The_own_address_and_the_own_factor_are_on_hold_and_the_password_is_not(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true);
        await using var page = await Seat.TakeAsync(portal, ada);
        await portal.HoldAsync(ada);

        await Assert.ThrowsAsync<RecoveryHoldException>(() => page.Service<OwnCredentials>().ChangeEmailAsync("ada@elsewhere.test"));
        await Assert.ThrowsAsync<RecoveryHoldException>(() => page.Service<OwnRecord>().DisableMfaAsync());
        var replace = new SetUpChoice.Replace((await portal.AuthenticatorsAsync(ada))[0].Id);
        await Assert.ThrowsAsync<RecoveryHoldException>(() => page.Service<MfaEnrolment>().BeginAsync(choice: replace));
        await Assert.ThrowsAsync<RecoveryHoldException>(() => page.Service<OwnAuthenticators>().RemoveAsync(replace.AuthenticatorId));
        Assert.IsType<OwnOutcome.Done>(await page.Service<OwnCredentials>().ChangePasswordAsync(ada.Password, "Quite another pass phrase"));
        Assert.IsType<OwnOutcome.NothingToDo>(await page.Service<OwnCredentials>().EndOtherSessionsAsync());

        Assert.True(await portal.UserAsync(ada) is { TwoFactorEnabled: true, Email: "ada@example.test" });
    }

    /// <summary>A wizard that replaces an authenticator was open before the hold. Red when only its beginning asks.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_replacement_that_was_begun_before_is_not_saved_and_a_first_authenticator_is(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob"));
        await using var adas = await Seat.TakeAsync(portal, ada);
        await using var bobs = await Seat.TakeAsync(portal, bob);
        var replacing = Assert.IsType<EnrolmentOutcome.Begun>(await adas.Service<MfaEnrolment>().BeginAsync(
            choice: new SetUpChoice.Replace((await portal.AuthenticatorsAsync(ada))[0].Id)));
        await portal.HoldAsync(ada);
        await portal.HoldAsync(bob, RecoveryKind.LostDevice);

        await Assert.ThrowsAsync<RecoveryHoldException>(async () => await adas.Service<MfaEnrolment>().SaveAsync(
            await Oathtool.CodeAsync(string.Concat(replacing.ManualKey), portal.Now)));
        var first = Assert.IsType<EnrolmentOutcome.Begun>(await bobs.Service<MfaEnrolment>().BeginAsync());
        Assert.IsType<EnrolmentOutcome.Saved>(await bobs.Service<MfaEnrolment>().SaveAsync(
            await Oathtool.CodeAsync(string.Concat(first.ManualKey), portal.Now)));

        Assert.True((await portal.UserAsync(bob)).TwoFactorEnabled);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task It_ends_by_itself_at_its_time_and_not_a_second_earlier(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        await portal.SetHoldAsync(2);
        var ada = await portal.AddPersonAsync(administrator: true);
        await portal.HoldAsync(ada);

        portal.Advance(TimeSpan.FromHours(2) - Second);
        await using (var page = await Seat.TakeAsync(portal, ada))
            await Assert.ThrowsAsync<RecoveryHoldException>(() => page.Service<OutboxList>().SendTestAsync());
        portal.Advance(Second);
        await using (var page = await Seat.TakeAsync(portal, ada))
        {
            Assert.False(await page.ShowsHoldAsync());
            Assert.NotEmpty(await page.Service<OutboxList>().SendTestAsync());
        }
    }

    /// <summary>Red when a second recovery moves the beginning, or shortens the hold.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_second_recovery_makes_the_hold_longer_and_leaves_its_beginning(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync();
        var begun = portal.Now;
        await portal.HoldAsync(ada);
        portal.Advance(TimeSpan.FromHours(10));
        await portal.HoldAsync(ada, RecoveryKind.TemporaryCode);
        var longer = Assert.Single(await portal.RowsAsync<RecoveryHold>());
        Assert.Equal((begun, portal.Now.AddHours(72), RecoveryKind.TemporaryCode), (longer.StartedAt, longer.Until, longer.Recovery));

        await portal.SetHoldAsync(1);
        await portal.HoldAsync(ada);
        Assert.Equal(longer.Until, Assert.Single(await portal.RowsAsync<RecoveryHold>()).Until);

        portal.Advance(TimeSpan.FromHours(100));
        await portal.HoldAsync(ada);
        Assert.Equal(portal.Now, Assert.Single(await portal.RowsAsync<RecoveryHold>()).StartedAt);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Set_to_0_nothing_is_on_hold(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        await portal.SetHoldAsync(0);
        var ada = await portal.AddPersonAsync(enrolled: true, administrator: true);
        Assert.IsType<LostDeviceOutcome.Proved>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));

        await using var page = await Seat.TakeAsync(portal, ada);
        Assert.Null(await portal.HeldUntilAsync(page));
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.RecoveryHoldStarted>());
    }

    /// <summary>
    /// Whoever comes in with a recovery has no device: for an hour the password alone lets them add one, in that session only. Red when the hour is
    /// not looked at, and when every session of the person counts.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task For_an_hour_after_such_a_sign_in_adding_an_authenticator_asks_for_the_password_alone(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true);
        await using var recovered = await Seat.TakeAsync(portal, ada);
        await using var other = await Seat.TakeAsync(portal, ada);
        await LostDeviceFixture.ChangeAsync(portal, work => work.Query<PortalSession>().Where(s => s.Id == recovered.SessionId)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RecoveredAt, work.Now).SetProperty(s => s.RecoveredBy, RecoveryKind.TemporaryCode)));
        Assert.IsType<StepUpNeed.Nothing>(await NeedAsync(recovered, StepUpFor.AddingOwnAuthenticator));
        await KeepAwakeAsync(portal, TimeSpan.FromMinutes(20));

        Assert.IsType<StepUpNeed.Password>(await NeedAsync(recovered, StepUpFor.AddingOwnAuthenticator));
        Assert.IsType<StepUpNeed.PasswordAndCode>(await NeedAsync(other, StepUpFor.AddingOwnAuthenticator));
        Assert.IsType<StepUpNeed.PasswordAndCode>(await NeedAsync(recovered, StepUpFor.ChangingOwnAuthenticator));
        Assert.IsType<StepUpOutcome.Refused>(await recovered.Service<StepUp>().ProveAsync(StepUpFor.AddingOwnAuthenticator, "Not this one", null));
        Assert.IsType<StepUpOutcome.Proved>(await recovered.Service<StepUp>().ProveAsync(StepUpFor.AddingOwnAuthenticator, ada.Password, null));
        Assert.IsType<StepUpNeed.Nothing>(await NeedAsync(recovered, StepUpFor.AddingOwnAuthenticator));
        // That proof is good for nothing else.
        Assert.IsType<StepUpNeed.PasswordAndCode>(await NeedAsync(recovered, StepUpFor.ChangingOwnEmail));

        await KeepAwakeAsync(portal, TimeSpan.FromMinutes(40) + Second);
        Assert.IsType<StepUpNeed.PasswordAndCode>(await NeedAsync(recovered, StepUpFor.AddingOwnAuthenticator));
    }

    private static Task<StepUpNeed> NeedAsync(Seat seat, StepUpFor act) => seat.Service<StepUp>().EvaluateNeedAsync(act);

    /// <summary>Turns the clock while people do something, so that no session becomes idle.</summary>
    private static async Task KeepAwakeAsync(PortalHost portal, TimeSpan time)
    {
        portal.Advance(time);
        await LostDeviceFixture.ChangeAsync(portal, work => work.Query<PortalSession>()
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, work.Now)));
    }
}

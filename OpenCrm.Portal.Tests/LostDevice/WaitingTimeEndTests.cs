using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;
using static OpenCrm.Portal.Tests.LostDevice.LostDeviceFixture;

namespace OpenCrm.Portal.Tests.LostDevice;

/// <summary>What ends the waiting time of a lost-device link, and what does not (docs/spec.md 11.7).</summary>
public sealed class WaitingTimeEndTests(PostgresCluster postgres)
{
    private const string Another = "Quite another pass phrase";

    public static TheoryData<DatabaseKind, Veto> Vetoes =>
        [.. Enum.GetValues<DatabaseKind>().SelectMany(_ => Enum.GetValues<Veto>(), (database, veto) => (database, veto))];

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    public enum Veto
    {
        SignInWithACode,
        StepUpWithACode,
        OwnNewPassword,
        PasswordByLink,
        PasswordReset,
        OwnNewEmail,
        EmailByAnAdministrator,
        LockByAnAdministrator,
        Deactivation,
        NewEnrolment,
        Administrator,
    }

    /// <summary>Red, each case, when the call of <see cref="MfaRemovals.EndAsync"/> in its place is left out.</summary>
    [Theory, MemberData(nameof(Vetoes))]
    public async Task It_ends_the_wait_for_good_and_everybody_concerned_is_told_once(DatabaseKind database, Veto veto)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.WaitAsync(24);
        var boss = await portal.AddPersonAsync("boss", administrator: true);
        var ada = await portal.AddPersonAsync(enrolled: true);
        Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));
        var before = (await portal.UserAsync(ada)).EnrolmentId;

        var why = await DoAsync(portal, veto, ada, boss);

        Assert.Equal(0, await portal.CountAsync<MfaRemoval>());
        portal.Advance(TimeSpan.FromHours(25));
        await portal.Worker().RemoveDueAsync(CancellationToken.None);
        Assert.True((await portal.UserAsync(ada)).TwoFactorEnabled);
        Assert.Equal(veto is not Veto.NewEnrolment, (await portal.UserAsync(ada)).EnrolmentId == before);
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.MfaDisabled>(ada));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.MfaRemovalEnded>(ada));
        var told = await portal.MailsAsync("mfa-removal-ended");
        // The person, the administrator of the set-up and the other one.
        Assert.Equal((3, 1), (told.Count, told.Count(mail => mail["reader"] == "person")));
        Assert.All(told, mail => Assert.Equal(why, mail["why"]));
        Assert.Empty(await portal.MailsAsync("mfa-disabled"));
    }

    /// <summary>Somebody who guesses must not be able to keep the owner out. Red when every lock ends the wait.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_lock_after_failed_attempts_does_not_end_it(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.WaitAsync(2);
        var ada = await portal.AddPersonAsync(enrolled: true);
        Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));
        await using var stranger = CircuitVisitor.At(portal, "198.51.100.9");
        for (var n = 0; n < 5; n++) await stranger.PasswordAsync(ada.Username, "Not the pass phrase at all");
        Assert.Equal(AccountStatus.LockedFailedAttempts, (await portal.UserAsync(ada)).StatusAt(portal.Now));

        portal.Advance(TimeSpan.FromHours(2));
        await portal.RemovedAsync(ada);
    }

    /// <summary>Red when a wrong or used code ends it, which an attacker with the password alone could type.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task The_password_alone_and_a_wrong_code_do_not_end_it(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.WaitAsync(2);
        var ada = await portal.AddPersonAsync(enrolled: true);
        Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));
        await using var visitor = CircuitVisitor.At(portal, "198.51.100.9");
        await visitor.PasswordAsync(ada.Username, ada.Password);
        await visitor.CodeAsync("000000");

        Assert.Equal(1, await portal.CountAsync<MfaRemoval>());
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.MfaRemovalEnded>());
    }

    /// <summary>Nobody gets a mail from the switch (docs/spec.md 3.4). Red when switching on again revives the removal.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task The_MFA_switch_ends_every_wait_without_a_mail(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.WaitAsync(2);
        var ada = await portal.AddPersonAsync(enrolled: true);
        Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));

        await ChangeAsync(portal, work => MfaSwitch.SwitchOffAsync(
            work, new Caller.Person(ada.Id, "", Guid.Empty, true, work.Now), erase: false, CancellationToken.None));
        await portal.SetSecurityAsync(mfa: true);
        portal.Advance(TimeSpan.FromHours(3));
        await portal.Worker().RemoveDueAsync(CancellationToken.None);

        Assert.Equal(0, await portal.CountAsync<MfaRemoval>());
        Assert.True((await portal.UserAsync(ada)).TwoFactorEnabled);
        Assert.Empty(await portal.MailsAsync("mfa-removal-ended"));
    }

    /// <summary>
    /// A way of changing the account that does not know of the wait must not lead to a removal either. Red when the worker does not compare the
    /// stamp.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_removal_of_an_account_that_changed_unnoticed_ends_at_its_time_and_says_so(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.WaitAsync(2);
        var ada = await portal.AddPersonAsync(enrolled: true);
        Assert.IsType<LostDeviceOutcome.Waiting>(await portal.ConfirmAsync(await portal.LinkAsync(ada), ada));
        await ChangeAsync(portal, work => work.Query<PortalUser>().Where(u => u.Id == ada.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.SecurityStamp, "another stamp")));

        portal.Advance(TimeSpan.FromHours(2));
        await portal.Worker().RemoveDueAsync(CancellationToken.None);

        await Eventually.TrueAsync(async () => await portal.CountAsync<MfaRemoval>() == 0, "the removal is over");
        Assert.True((await portal.UserAsync(ada)).TwoFactorEnabled);
        Assert.Equal("change", Assert.Single(await portal.MailsAsync("mfa-removal-ended", ada.Email))["why"]);
    }

    /// <summary>
    /// Elsewhere a second factor that hangs on the e-mail address vanished with it (docs/threats.md). Here no change of the address touches MFA, and
    /// an account without an address cannot be made.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Neither_another_address_nor_the_try_to_remove_it_takes_the_factor_away(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        var boss = await portal.AddPersonAsync("boss", administrator: true);
        var ada = await portal.AddPersonAsync(enrolled: true);
        await using var page = await Seat.TakeAsync(portal, ada);
        await using var admin = await Seat.TakeAsync(portal, boss);

        Assert.IsType<OwnOutcome.EmailRefused>(await page.Service<OwnCredentials>().ChangeEmailAsync(" "));
        Assert.IsType<DetailsOutcome.Invalid>(await SaveEmailAsync(admin, ada, ""));
        Assert.IsType<OwnOutcome.Done>(await page.Service<OwnCredentials>().ChangeEmailAsync("ada@elsewhere.test"));
        Assert.IsType<DetailsOutcome.Saved>(await SaveEmailAsync(admin, ada, "ada@third.test"));

        Assert.True(await portal.UserAsync(ada) is { TwoFactorEnabled: true, EnrolmentId: not null });
        await using var visitor = CircuitVisitor.At(portal);
        await SignInByCodeAsync(portal, visitor, ada);
    }

    private static async Task<DetailsOutcome> SaveEmailAsync(Seat admin, TestPerson person, string email)
    {
        var record = (await admin.Service<UserDetails>().ReadAsync(person.Id))!;
        return await admin.Service<UserDetails>().SaveAsync(person.Id, record.Version, UserEdit.Of(record) with { Email = email });
    }

    /// <returns>Why the wait ended, as the mail says it.</returns>
    private static async Task<string> DoAsync(PortalHost portal, Veto veto, TestPerson ada, TestPerson boss)
    {
        await using var visitor = CircuitVisitor.At(portal, "198.51.100.9");
        await using var page = await Seat.TakeAsync(portal, ada);
        await using var admin = await Seat.TakeAsync(portal, boss);
        var administration = admin.Service<UserAdministration>();
        switch (veto)
        {
            case Veto.SignInWithACode:
                await SignInByCodeAsync(portal, visitor, ada);
                return "code";
            case Veto.StepUpWithACode:
                Assert.IsType<StepUpOutcome.Proved>(await page.Service<StepUp>().ProveAsync(
                    StepUpFor.ChangingOwnEmail, ada.Password, await Oathtool.CodeAsync(ada.Secret!, portal.Now)));
                return "code";
            case Veto.OwnNewPassword:
                Assert.IsType<OwnOutcome.Done>(await page.Service<OwnCredentials>().ChangePasswordAsync(ada.Password, Another));
                return "password";
            case Veto.PasswordByLink:
                string token;
                await using (var work = await portal.BeginAsync())
                {
                    (token, _) = await MailedLinks.CreateAsync(
                        work, (await work.Users.FindAsync(ada.Id))!, MailedLinkKind.ForgottenPassword, new Caller.Console());
                    await work.CommitAsync();
                }
                Assert.IsType<NewPasswordOutcome.Done>(await portal.Services.GetRequiredService<PasswordLinks>()
                    .SetPasswordAsync(MailedLinkKind.ForgottenPassword, token, Another, new Caller.Nobody()));
                return "password";
            case Veto.PasswordReset:
                Assert.IsType<UserOutcome.Done>(await administration.ResetPasswordAsync(ada.Id));
                return "password";
            case Veto.OwnNewEmail:
                Assert.IsType<OwnOutcome.Done>(await page.Service<OwnCredentials>().ChangeEmailAsync("ada@elsewhere.test"));
                return "email";
            case Veto.EmailByAnAdministrator:
                Assert.IsType<DetailsOutcome.Saved>(await SaveEmailAsync(admin, ada, "ada@elsewhere.test"));
                return "email";
            case Veto.LockByAnAdministrator:
                Assert.IsType<UserOutcome.Done>(await administration.LockAsync(ada.Id));
                return "lock";
            case Veto.Deactivation:
                Assert.IsType<UserOutcome.Done>(await administration.DeactivateAsync(ada.Id));
                return "deactivation";
            case Veto.NewEnrolment:
                await EnrolAgainAsync(portal, page);
                return "enrolment";
            case Veto.Administrator:
                Assert.IsType<UserOutcome.Done>(await administration.StopMfaRemovalAsync(ada.Id));
                return "administrator";
            default:
                throw new ArgumentOutOfRangeException(nameof(veto));
        }
    }

    private static async Task EnrolAgainAsync(PortalHost portal, Seat page)
    {
        var enrolment = page.Service<OpenCrm.Portal.Enrolment.MfaEnrolment>();
        var asked = Assert.IsType<OpenCrm.Portal.Enrolment.EnrolmentOutcome.ChoiceNeeded>(await enrolment.BeginAsync());
        var begun = Assert.IsType<OpenCrm.Portal.Enrolment.EnrolmentOutcome.Begun>(
            await enrolment.BeginAsync(choice: new OpenCrm.Portal.Enrolment.SetUpChoice.Replace(asked.Authenticators[0].Id)));
        Assert.IsType<OpenCrm.Portal.Enrolment.EnrolmentOutcome.Saved>(
            await enrolment.SaveAsync(await Oathtool.CodeAsync(string.Concat(begun.ManualKey), portal.Now)));
    }
}

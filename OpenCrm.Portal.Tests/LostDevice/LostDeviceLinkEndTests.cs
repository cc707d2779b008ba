using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;
using static OpenCrm.Portal.Tests.LostDevice.LostDeviceFixture;

namespace OpenCrm.Portal.Tests.LostDevice;

/// <summary>What ends a lost-device link, on both databases (docs/spec.md 3.2).</summary>
public sealed class LostDeviceLinkEndTests(PostgresCluster postgres)
{
    private const string Wrong = "Not the pass phrase at all";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    public static TheoryData<DatabaseKind, Killer> Killers =>
        [.. Enum.GetValues<DatabaseKind>().SelectMany(_ => Enum.GetValues<Killer>(), (database, killer) => (database, killer))];

    public enum Killer
    {
        NewerRequest,
        SignInWithACode,
        NewPassword,
        NewEmail,
        NewEnrolmentAfterTheEnd,
        EnrolmentReplaced,
        LockAfterFailures,
        LockByAnAdministrator,
        Deactivation,
        MfaSwitchedOffAndOn,
    }

    /// <summary>
    /// Red, each case by a defect of its own: when the link is not consumed by a newer request, by a sign-in, by a lock or by the switch; when the
    /// stamp is not compared; when the enrolment is not compared; and when the account's status is not checked (an administrator's lock).
    /// </summary>
    [Theory, MemberData(nameof(Killers))]
    public async Task What_changes_the_account_ends_the_link_for_good(DatabaseKind database, Killer killer)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        await portal.AddPersonAsync("another", administrator: true);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var token = await portal.LinkAsync(ada);

        var now = await KillAsync(portal, ada, killer);

        Assert.IsType<LostDeviceOutcome.LinkEnded>(await portal.ConfirmAsync(token, now));
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.MfaDisabled>(ada));
        Assert.Empty(await portal.MailsAsync("mfa-disabled"));
        Assert.NotNull((await portal.UserAsync(ada)).EnrolmentId);
    }

    /// <summary>Red when the switch is not checked.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task While_the_switch_is_off_a_link_is_dead_and_none_is_mailed(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var token = await portal.LinkAsync(ada);
        await portal.SetSecurityAsync(mfa: false);

        Assert.IsType<LostDeviceOutcome.LinkEnded>(await portal.ConfirmAsync(token, ada));
        Assert.True(await portal.AskAsync(ada.Username));
        await portal.AnsweredAsync();

        Assert.True((await portal.UserAsync(ada)).TwoFactorEnabled);
        Assert.Single(await portal.RowsAsync<OutboxEntry>());
        Assert.Single(await portal.LinksAsync(ada));
    }

    /// <returns>The person, with the password as it is afterwards.</returns>
    private static async Task<TestPerson> KillAsync(PortalHost portal, TestPerson ada, Killer killer)
    {
        await using var visitor = CircuitVisitor.At(portal, "198.51.100.9");
        switch (killer)
        {
            case Killer.NewerRequest:
                portal.Advance(Second);
                await portal.LinkAsync(ada);
                return ada;
            case Killer.SignInWithACode:
                await SignInByCodeAsync(portal, visitor, ada);
                return ada;
            case Killer.NewPassword:
                await ChangeAsync(portal, async work =>
                {
                    var hash = await portal.Services.GetRequiredService<PasswordHashing>().HashAsync("Quite another pass phrase");
                    Assert.True(await work.Users.SetPasswordAsync((await work.Users.FindAsync(ada.Id))!, hash, work.Now));
                });
                return ada with { Password = "Quite another pass phrase" };
            case Killer.NewEmail:
                // A change of the address always changes the stamp as well.
                await ChangeAsync(portal, work => Row(work, ada).ExecuteUpdateAsync(set => set
                    .SetProperty(u => u.Email, "ada@elsewhere.test")
                    .SetProperty(u => u.NormalizedEmail, "ADA@ELSEWHERE.TEST")
                    .SetProperty(u => u.SecurityStamp, "another stamp")));
                return ada;
            case Killer.NewEnrolmentAfterTheEnd:
                await ChangeAsync(portal, async work => Assert.True(await work.Enrolments.DisableAsync(ada.Id)));
                await ChangeAsync(portal, work => EnrolAsync(work, ada, replaces: null));
                return ada;
            case Killer.EnrolmentReplaced:
                var replaced = Assert.Single(await portal.AuthenticatorsAsync(ada)).Id;
                await ChangeAsync(portal, work => EnrolAsync(work, ada, replaced));
                return ada;
            case Killer.LockAfterFailures:
                for (var n = 0; n < 5; n++) await visitor.PasswordAsync(ada.Username, Wrong);
                await UnlockAsync(portal, ada);
                return ada;
            case Killer.LockByAnAdministrator:
                await ChangeAsync(portal, work => Row(work, ada).ExecuteUpdateAsync(set => set.SetProperty(u => u.State, AccountState.Locked)));
                return ada;
            case Killer.Deactivation:
                await ChangeAsync(portal, work => Row(work, ada).ExecuteUpdateAsync(set => set.SetProperty(u => u.State, AccountState.Inactive)));
                return ada;
            case Killer.MfaSwitchedOffAndOn:
                await ChangeAsync(
                    portal,
                    work => MfaSwitch.SwitchOffAsync(
                        work, new Caller.Person(ada.Id, "", Guid.Empty, true, work.Now), erase: false, CancellationToken.None));
                return ada;
            default:
                throw new ArgumentOutOfRangeException(nameof(killer));
        }
    }

    private static async Task EnrolAsync(UnitOfWork work, TestPerson ada, Guid? replaces)
    {
        var user = (await work.Users.FindAsync(ada.Id))!;
        var run = new PendingEnrolment { Issuer = "", Account = "", EnrolmentId = user.EnrolmentId, Replaces = replaces };
        var authenticator = TestAccounts.NewAuthenticator(work, ada.Id, AuthenticatorKey.Generate());
        Assert.Equal(EnrolOutcome.Enrolled, await work.Enrolments.EnrolAsync(user, authenticator, run, work.Now));
    }

    private static IQueryable<PortalUser> Row(UnitOfWork work, TestPerson person) => work.Query<PortalUser>().Where(u => u.Id == person.Id);
}

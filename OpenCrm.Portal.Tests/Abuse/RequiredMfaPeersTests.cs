using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>How the same rule fails elsewhere. Each test names what happened there, and what is right.</summary>
public sealed class RequiredMfaPeersTests(PostgresCluster postgres)
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// ChurchCRM: the grace began anew whenever MFA was disabled, so that whoever set it up and disabled it each week never had to use it. Right: the
    /// deadline is the one of the first day, whoever disabled it and how often.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Disabling_MFA_renews_nothing(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann");
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        var due = (await portal.DeadlineAsync(ann)).DueAt;

        portal.Advance(TimeSpan.FromDays(6));
        await portal.EnrolAsync(ann);
        await using (var seat = await Seat.TakeAsync(portal, ann))
            Assert.IsType<DisableMfaOutcome.Done>(await seat.Service<OwnRecord>().DisableMfaAsync());
        Assert.Equal((due, MfaDutyState.Due), ((await portal.DeadlineAsync(ann)).DueAt, await portal.DutyAsync(ann)));

        portal.Advance(TimeSpan.FromDays(2));
        Assert.Equal(MfaDutyState.Overdue, await portal.DutyAsync(ann));
        // By an administrator and by the rescue command it is the same.
        await portal.EnrolAsync(ann);
        await using (var roots = await Seat.TakeAsync(portal, root))
            Assert.IsType<UserOutcome.Done>(await roots.Service<UserAdministration>().DisableMfaAsync(ann.Id));
        await portal.EnrolAsync(ann);
        await portal.DisableMfaAsync(ann);
        Assert.Equal((due, MfaDutyState.Overdue), ((await portal.DeadlineAsync(ann)).DueAt, await portal.DutyAsync(ann)));
    }

    /// <summary>
    /// A reset password, an account that was inactive for a while, and a role that was taken and given again count as new people elsewhere. Right:
    /// the person is the same, and so is the deadline.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_reset_a_reactivation_and_a_role_that_comes_back_renew_nothing(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators);
        var due = (await portal.DeadlineAsync(ann)).DueAt;
        portal.Advance(Week + TimeSpan.FromHours(1));
        await using var seat = await Seat.TakeAsync(portal, root);
        var (administration, details) = (seat.Service<UserAdministration>(), seat.Service<UserDetails>());

        Assert.IsType<UserOutcome.Done>(await administration.ResetPasswordAsync(ann.Id));
        Assert.IsType<UserOutcome.Done>(await administration.LockAsync(ann.Id));
        Assert.IsType<UserOutcome.Done>(await administration.UnlockAsync(ann.Id));
        Assert.IsType<UserOutcome.Done>(await administration.DeactivateAsync(ann.Id));
        Assert.IsType<UserOutcome.Done>(await administration.ActivateAsync(ann.Id));
        await RoleAsync(false);
        Assert.Equal(MfaDutyState.None, await portal.DutyAsync(ann));
        await RoleAsync(true);

        Assert.Equal((due, MfaDutyState.Overdue), ((await portal.DeadlineAsync(ann)).DueAt, await portal.DutyAsync(ann)));

        async Task RoleAsync(bool administrator) => Assert.IsType<DetailsOutcome.Saved>(await details.SaveAsync(
            ann.Id, (await portal.UserAsync(ann)).ConcurrencyStamp!, new("ann", "ann", ann.Email, administrator)));
    }

    /// <summary>
    /// GitLab: somebody in two groups had the shorter grace of both, counted from the wrong day, and was shut out early. Right: one deadline, from
    /// the day on which the first of the rules covered the person; a second rule that covers them too changes nothing.
    /// </summary>
    [Fact]
    public async Task Whom_two_rules_cover_has_the_whole_time_of_the_first()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators, days: 10);
        var due = portal.Now.AddDays(10);
        portal.Advance(TimeSpan.FromDays(4));

        // Now also as one of everybody, and then as an administrator alone again.
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 10);
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators, days: 10);

        Assert.Equal(due, (await portal.DeadlineAsync(ann)).DueAt);
        portal.Advance(TimeSpan.FromDays(5.9));
        Assert.Equal(MfaDutyState.Due, await portal.DutyAsync(ann));
        portal.Advance(TimeSpan.FromDays(0.2));
        Assert.Equal(MfaDutyState.Overdue, await portal.DutyAsync(ann));
    }

    /// <summary>
    /// GitLab: a shorter grace counted only from the next sign-in, so that whoever stayed signed in had as long as they liked. Right: it counts at
    /// once, in open sessions too, and for people who never sign in.
    /// </summary>
    [Fact]
    public async Task A_shorter_grace_waits_for_no_sign_in()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob"));
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 30);
        portal.Advance(TimeSpan.FromDays(5));
        await using var seat = await Seat.TakeAsync(portal, ann);
        Assert.NotNull(await seat.Service<OwnRecord>().ReadAsync());

        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 5);

        await Assert.ThrowsAsync<MfaOverdueException>(() => seat.Service<OwnRecord>().ReadAsync());
        Assert.Equal((MfaDutyState.Overdue, MfaDutyState.Overdue), (await portal.DutyAsync(ann), await portal.DutyAsync(bob)));
    }

    /// <summary>
    /// ChurchCRM: the pages demanded MFA, and an interface and an export behind them went on answering. Right: the rights themselves end, so that
    /// nothing that asks who calls answers; <see cref="Sessions.MfaGateTests"/> shows it for every service. Here: a download that is under way.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_download_that_is_under_way_stops_at_the_deadline(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators);
        await using var seat = await Seat.TakeAsync(portal, ann);
        var export = portal.Services.GetRequiredService<UserExport>();
        await using var file = new StringWriter();
        await export.WriteAsync(seat.SessionId, null, new(), () => file, default);
        Assert.Contains("ann@example.test", file.ToString(), StringComparison.Ordinal);

        await portal.MoveDeadlineAsync(ann, portal.Now);

        var opened = false;
        await Assert.ThrowsAnyAsync<AccessRefusedException>(() => export.WriteAsync(seat.SessionId, null, new(), () =>
        {
            opened = true;
            return new StringWriter();
        }, default));
        Assert.False(opened);
    }

    /// <summary>
    /// Nextcloud and Frappe: an administrator without a second factor switched the demand on, and nobody could get in to switch it off. Right:
    /// refused, with the reason; and even if every administrator loses MFA later, the wizard is the way in.
    /// </summary>
    [Fact]
    public async Task Nobody_demands_of_others_what_they_have_not_themselves_and_the_last_administrator_gets_in()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        await portal.DemoteAsync(PortalSettings.FirstAdministrator.Username);
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        Assert.IsType<SettingsOutcome.RollOutRefused>(await portal.SaveRuleAsync(ann, MustUseMfa.Everyone));
        await portal.DemoteAsync("ann");

        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 0);
        await portal.DisableMfaAsync(root);
        Assert.Equal(MfaDutyState.Overdue, await portal.DutyAsync(root));

        await using var seat = await Seat.TakeAsync(portal, root);
        await Assert.ThrowsAsync<MfaOverdueException>(() => seat.Service<AdditionalSettings>().ReadAsync());
        var enrolment = seat.Service<OpenCrm.Portal.Enrolment.MfaEnrolment>();
        var begun = Assert.IsType<OpenCrm.Portal.Enrolment.EnrolmentOutcome.Begun>(await enrolment.BeginAsync());
        var code = await Oathtool.CodeAsync(string.Concat(begun.ManualKey), portal.Now);
        Assert.IsType<OpenCrm.Portal.Enrolment.EnrolmentOutcome.Saved>(await enrolment.SaveAsync(code));
        Assert.NotNull(await seat.Service<AdditionalSettings>().ReadAsync());
    }

    /// <summary>
    /// The lost-device link takes MFA away for whoever knows the password and reads the mail. Right: it lets in as before, and where MFA is demanded
    /// it lets in no further than to the wizard.
    /// </summary>
    [Fact]
    public async Task A_lost_device_leads_no_further_than_to_the_wizard()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann", enrolled: true);
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 0);
        Assert.Equal(MfaDutyState.None, await portal.DutyAsync(ann));
        string token;
        await using (var work = await portal.BeginAsync())
        {
            var made = await MailedLinks.CreateAsync(
                work, (await work.Users.FindAsync(ann.Id))!, MailedLinkKind.LostDevice, new Caller.Nobody());
            token = made.Token;
            await work.CommitAsync();
        }
        await using var visitor = CircuitVisitor.At(portal);
        var flow = visitor.Services.GetRequiredService<OpenCrm.Portal.LostDevice.LostDeviceFlow>();

        var confirmed = await flow.ConfirmAsync(token, ann.Username, ann.Password);

        Assert.False((await portal.UserAsync(ann)).TwoFactorEnabled, $"{confirmed}");
        Assert.Equal(MfaDutyState.Overdue, await portal.DutyAsync(ann));
    }
}

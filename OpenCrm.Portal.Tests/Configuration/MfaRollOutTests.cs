using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>What is shown before a rule about who must use MFA is saved, and what stands against it (docs/spec.md 12.4).</summary>
public sealed class MfaRollOutTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Saving_shows_first_whom_it_touches_and_the_mail_that_they_get(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        await portal.AddPersonAsync("ann", administrator: true);
        await portal.AddPersonAsync("bob", enrolled: true);
        await portal.AddPersonAsync("eve");
        await portal.AddPersonAsync("old", state: AccountState.Inactive);

        var shown = Assert.IsType<SettingsOutcome.RollOutShown>(await portal.SaveRuleAsync(root, MustUseMfa.Everyone, seen: false)).Preview;

        // The administrators are root, ann and the one of the set-up; nobody has signed in by a browser.
        Assert.Equal((5, 2, 2, 5), (shown.Covered, shown.Enrolled, shown.AdministratorsWithout, shown.NeverSignedIn));
        Assert.Equal((portal.Now.AddDays(7), false, true), (shown.FirstDeadline, shown.HasPassed, shown.ToFolder));
        Assert.Equal("7 days left to set up multi-factor authentication", shown.MailSubject);
        Assert.Contains("Set it up by", shown.MailText, StringComparison.Ordinal);
        Assert.Null(await portal.FindDeadlineAsync(root.Id));

        var few = Assert.IsType<SettingsOutcome.RollOutShown>(
            await portal.SaveRuleAsync(root, MustUseMfa.SystemAdministrators, days: 3, seen: false)).Preview;
        Assert.Equal((3, 1, 2, 3), (few.Covered, few.Enrolled, few.AdministratorsWithout, few.NeverSignedIn));

        Assert.IsType<SettingsOutcome.Saved>(await portal.SaveRuleAsync(root, MustUseMfa.SystemAdministrators, days: 3));
        Assert.Equal(2, await portal.EventsAsync<AuditEvent.SettingChanged>());
    }

    [Fact]
    public async Task The_first_deadline_is_the_one_that_there_will_be()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        await portal.AddPersonAsync("ann");
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 20);
        var since = portal.Now;
        portal.Advance(TimeSpan.FromDays(6));

        Assert.Equal((since.AddDays(10), false), await FirstAsync(10));
        Assert.Equal((since.AddDays(40), false), await FirstAsync(40));
        // It is told before that people would be shut out at once.
        Assert.Equal((since.AddDays(5), true), await FirstAsync(5));

        async Task<(DateTimeOffset?, bool)> FirstAsync(int days)
        {
            var shown = Assert.IsType<SettingsOutcome.RollOutShown>(await portal.SaveRuleAsync(root, MustUseMfa.Everyone, days, seen: false));
            return (shown.Preview.FirstDeadline, shown.Preview.HasPassed);
        }
    }

    /// <summary>Red when only the popup asks: the service would save for whoever says that they have seen it.</summary>
    [Fact]
    public async Task Who_has_no_MFA_cannot_demand_it_of_others_nor_switch_on_a_rule_that_sleeps()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann", administrator: true);

        foreach (var seen in new[] { false, true })
        {
            Assert.Equal(
                MfaRollOutObstacle.NotEnrolled,
                Assert.IsType<SettingsOutcome.RollOutRefused>(
                    await portal.SaveRuleAsync(ann, MustUseMfa.SystemAdministrators, seen: seen)).Obstacle);
        }

        await portal.RequireAsync(root, MustUseMfa.Nobody, mfa: false);
        Assert.IsType<SettingsOutcome.RollOutRefused>(await portal.SaveRuleAsync(ann, MustUseMfa.Everyone));
        Assert.IsType<SettingsOutcome.RollOutRefused>(await portal.SaveRuleAsync(ann, MustUseMfa.Everyone, mfa: true));
        Assert.Equal(0, await portal.CountAsync<MfaDeadline>());
        Assert.IsType<SettingsOutcome.Saved>(await portal.SaveRuleAsync(ann, MustUseMfa.Nobody, mfa: true));
    }

    /// <summary>Red when ticking counts as a new rule: nobody can set up MFA while the switch is off, so it could never be ticked again.</summary>
    [Fact]
    public async Task The_switch_can_be_ticked_again_over_a_rule_that_slept_also_after_all_enrolments_were_erased()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators);
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators, mfa: false, erase: true);

        Assert.IsType<SettingsOutcome.Saved>(await portal.SaveRuleAsync(root with { Secret = null }, MustUseMfa.SystemAdministrators, mfa: true));
        Assert.True((await portal.DeadlineAsync(root)).DueAt >= portal.Now.AddDays(7).AddMinutes(-1));
    }

    [Fact]
    public async Task Who_has_no_recovery_code_left_cannot_demand_MFA_of_others()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        await using (var work = await portal.BeginAsync())
        {
            await work.RecoveryCodes.EndAsync(root.Id);
            await work.CommitAsync();
        }

        Assert.Equal(
            MfaRollOutObstacle.NoRecoveryCodes,
            Assert.IsType<SettingsOutcome.RollOutRefused>(await portal.SaveRuleAsync(root, MustUseMfa.SystemAdministrators)).Obstacle);
        Assert.Equal(0, await portal.CountAsync<MfaDeadline>());
    }

    [Fact]
    public async Task A_rule_for_everyone_waits_for_a_test_mail_that_was_delivered()
    {
        var (portal, root) = await RequiredMfa.StartAsync(
            new PortalSettings().With("Mail:Smtp:Host", "127.0.0.1").With("Mail:Smtp:Port", $"{FreePort.Next()}"));
        await using var _ = portal;

        Assert.Equal(
            MfaRollOutObstacle.NoTestMail,
            Assert.IsType<SettingsOutcome.RollOutRefused>(await portal.SaveRuleAsync(root, MustUseMfa.Everyone)).Obstacle);
        Assert.IsType<SettingsOutcome.Saved>(await portal.SaveRuleAsync(root, MustUseMfa.SystemAdministrators));

        await TestAsync(accepted: false);
        Assert.IsType<SettingsOutcome.RollOutRefused>(await portal.SaveRuleAsync(root, MustUseMfa.Everyone));
        await TestAsync(accepted: true);
        Assert.IsType<SettingsOutcome.Saved>(await portal.SaveRuleAsync(root, MustUseMfa.Everyone));

        async Task TestAsync(bool accepted)
        {
            await using var work = await portal.BeginAsync();
            work.Record(new AuditEvent.MailServerTested("127.0.0.1:25", accepted), new Caller.Console());
            await work.CommitAsync();
        }
    }

    [Fact]
    public async Task A_proof_that_is_too_old_saves_nothing()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        await using var seat = await Seat.TakeAsync(portal, root);
        portal.Clock.AdjustTime(portal.Now + Caller.StepUpAfter + TimeSpan.FromMinutes(1));
        var edit = new SecurityEdit(new(0, new Dictionary<string, string> { [nameof(SecuritySettings.WhoMustUseMfa)] = "Everyone" }), true);

        Assert.IsType<SettingsOutcome.StepUpNeeded>(await seat.Service<MfaSwitch>().SaveAsync(edit, rollOutSeen: true));

        await using var work = await portal.BeginAsync();
        Assert.Equal(MustUseMfa.Nobody, (await work.Query<SecuritySettings>().SingleAsync()).WhoMustUseMfa);
    }
}

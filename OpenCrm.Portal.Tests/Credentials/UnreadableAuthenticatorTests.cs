using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Configuration;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>
/// An enrolment may be broken in several ways (docs/threats.md I5). Wherever its code is asked for, the portal refuses with an explanation, writes an
/// event, and logs a line that tells the operator what to do.
/// </summary>
public sealed class UnreadableAuthenticatorTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind, UnreadableBecause> Ways =>
        new(from kind in Enum.GetValues<DatabaseKind>() from why in Enum.GetValues<UnreadableBecause>() select (kind, why));

    public static TheoryData<UnreadableBecause> Faults => [.. Enum.GetValues<UnreadableBecause>()];

    /// <summary>With MFA off for a user there is no own enrolment to prove.</summary>
    public static TheoryData<UnreadableBecause> FaultsOfAnOwnEnrolment =>
        [.. Enum.GetValues<UnreadableBecause>().Where(why => why != UnreadableBecause.NotSwitchedOn)];

    /// <summary>Red when only a key that cannot be decrypted is noted, and when the event is written without the log line.</summary>
    [Theory, MemberData(nameof(Ways))]
    public async Task A_sign_in_is_refused_and_the_operator_reads_which_command_helps(DatabaseKind kind, UnreadableBecause why)
    {
        await using var host = await StartAsync(await postgres.NewAsync(kind));
        var ada = await host.AddPersonAsync(enrolled: true);
        await BreakAsync(host, ada, why);
        await using var visitor = CircuitVisitor.At(host);

        var outcome = await visitor.PasswordAsync("ada", ada.Password);
        if (outcome is SignInOutcome.CodeRequired) outcome = await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now));

        Assert.IsType<Refusal.Unreadable>(Refused.For(outcome));
        Assert.Equal((0, 0), (await host.CountAsync<SignInTicket>(), (await host.UserAsync(ada)).AccessFailedCount));
        await AssertOperatorKnowsAsync(host, ada, why);
        using var client = host.CreateClient();
        using var ready = await client.GetAsync(PortalUrls.Ready);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        // Anybody may read this answer. A number in it would show something about a name to people who know its password or ask for a link.
        Assert.DoesNotContain("unreadable", await ready.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Red when every refusal writes an event and a line, when the metric counts only those that do, and when the network gets its attempt back for
    /// them.
    /// </summary>
    [Theory, InlineData(UnreadableBecause.KeyMissing), InlineData(UnreadableBecause.KeyNotDecryptable)]
    public async Task Whoever_goes_on_trying_fills_neither_trail_nor_log_and_reaches_the_networks_limit(UnreadableBecause why)
    {
        await using var host = await StartAsync(new PortalSettings().With("Limits:SignInFailures", "6"));
        using var metric = new MetricCollector<long>(
            host.Services.GetRequiredService<IMeterFactory>(),
            "OpenCrm.Portal",
            "portal.authenticators.unreadable");
        var ada = await host.AddPersonAsync(enrolled: true);
        await BreakAsync(host, ada, why);

        for (var tries = 0; tries < 6; tries++) Assert.IsType<Refusal.Unreadable>(Refused.For(await TryAsync()));

        Assert.IsType<Refusal.TooManyFromHere>(Refused.For(await TryAsync()));
        Assert.Equal(0, (await host.UserAsync(ada)).AccessFailedCount);
        await AssertOperatorKnowsAsync(host, ada, why);
        Assert.Equal(6, metric.GetMeasurementSnapshot().Count);
        // Reported again after an hour, because the first report may have been overlooked.
        host.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        for (var tries = 0; tries < 2; tries++) Assert.IsType<Refusal.Unreadable>(Refused.For(await TryAsync()));
        Assert.Equal(2, await host.EventsAsync<AuditEvent.AuthenticatorUnreadable>(ada));

        async Task<SignInOutcome> TryAsync()
        {
            await using var visitor = CircuitVisitor.At(host);
            var outcome = await visitor.PasswordAsync("ada", ada.Password);
            return outcome is SignInOutcome.CodeRequired ? await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now)) : outcome;
        }
    }

    /// <summary>Red when each of several parallel sign-ins is reported.</summary>
    [Fact]
    public async Task Of_many_who_are_refused_at_once_one_is_told_of()
    {
        Needs.Postgres();
        await using var host = await StartAsync(TwoNodes.Raised(await postgres.NewAsync(DatabaseKind.Postgres)));
        var ada = await host.AddPersonAsync(enrolled: true);
        await BreakAsync(host, ada, UnreadableBecause.KeyMissing);

        var outcomes = await TestAccounts.AtOnceAsync(Enumerable.Repeat(async () =>
        {
            await using var visitor = CircuitVisitor.At(host);
            return await visitor.PasswordAsync("ada", ada.Password);
        }, 5));

        Assert.All(outcomes, outcome => Assert.IsType<Refusal.Unreadable>(Refused.For(outcome)));
        await AssertOperatorKnowsAsync(host, ada, UnreadableBecause.KeyMissing);
    }

    /// <summary>Red when half an enrolment asks for the password alone, and when the answer to an unreadable key is "try again later".</summary>
    [Theory, MemberData(nameof(Faults))]
    public async Task A_step_up_is_refused_and_told(UnreadableBecause why)
    {
        await using var host = await StartAsync(new());
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var circuit = await host.SignedInAsync(ada);
        host.Advance(Caller.StepUpAfter + TimeSpan.FromSeconds(1));
        await BreakAsync(host, ada, why);

        var outcome = await circuit.ServiceProvider.GetRequiredService<StepUp>().ProveAsync(
            StepUpFor.ChangingOwnEmail, ada.Password, await Oathtool.CodeAsync(ada.Secret!, host.Now));

        Assert.IsType<Refusal.Unreadable>(Refused.For(outcome));
        Assert.Equal(Texts.Refusal_Unreadable, StepUpForm.Describe(outcome, host.Now));
        Assert.Equal(host.Now - Caller.StepUpAfter - TimeSpan.FromSeconds(1), (await SessionAsync(host)).ProvedAt);
        await AssertOperatorKnowsAsync(host, ada, why);
    }

    /// <summary>Disabling MFA is possible all the same, and this proof allows nothing else.</summary>
    [Fact]
    public async Task Somebody_whose_key_is_gone_disables_MFA_with_the_password_and_has_proved_nothing_more()
    {
        await using var host = await StartAsync(new());
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var circuit = await host.SignedInAsync(ada);
        var before = (await SessionAsync(host)).ProvedAt;
        host.Advance(Caller.StepUpAfter + TimeSpan.FromSeconds(1));
        await BreakAsync(host, ada, UnreadableBecause.KeyMissing);

        Assert.IsType<StepUpOutcome.Proved>(
            await circuit.ServiceProvider.GetRequiredService<StepUp>().ProveAsync(StepUpFor.DisablingOwnMfa, ada.Password, null));

        var session = await SessionAsync(host);
        Assert.Equal((before, host.Now), (session.ProvedAt, session.ProvedInPartAt));
    }

    /// <summary>Red when the sign-in is refused before the password is checked and nobody is informed.</summary>
    [Theory, MemberData(nameof(Faults))]
    public async Task Signing_in_again_is_refused_and_told(UnreadableBecause why)
    {
        await using var host = await StartAsync(new());
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var visitor = CircuitVisitor.At(host);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));
        var ticket = Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now))).Ticket;
        Assert.Equal(HttpStatusCode.NoContent, await visitor.RedeemAsync(ticket));
        visitor.Services.GetRequiredService<PortalAuthenticationStateProvider>()
            .Switch((await host.Services.GetRequiredService<SignInTickets>().FindRedeemedAsync(ticket))!);
        host.Advance(TimeSpan.FromMinutes(31));
        await BreakAsync(host, ada, why);

        var outcome = await visitor.Services.GetRequiredService<SignInAgain>().ProveAsync(
            ada.Password,
            await Oathtool.CodeAsync(ada.Secret!, host.Now));

        Assert.IsType<Refusal.Unreadable>(Refused.For(outcome));
        await AssertOperatorKnowsAsync(host, ada, why);
    }

    /// <summary>Red when the switch answers "try again later" and informs nobody.</summary>
    [Theory, MemberData(nameof(FaultsOfAnOwnEnrolment))]
    public async Task Switching_MFA_on_with_an_own_enrolment_that_cannot_be_read_is_refused_and_told(UnreadableBecause why)
    {
        await using var host = await StartAsync(new());
        await host.SetSecurityAsync(mfa: false);
        var ada = await host.AddPersonAsync(enrolled: true, administrator: true);
        await using var circuit = await host.SignedInAsync(ada);
        await BreakAsync(host, ada, why);
        SecuritySettings stored;
        await using (var work = await host.BeginAsync()) stored = await work.Query<SecuritySettings>().SingleAsync();
        var edit = new SecurityFields(
            stored.Version, MfaEnabled: true, stored.AttemptsBeforeLock, stored.LockMinutes,
            stored.SessionTimeoutMinutes, stored.LostDeviceLinkMinutes);

        var outcome = await SettingsDesk.In(circuit.ServiceProvider).SaveAsync(
            edit,
            new MfaSwitchAnswer(Password: null, Code: await Oathtool.CodeAsync(ada.Secret!, host.Now)));

        Assert.IsType<Refusal.Unreadable>(Refused.For(Assert.IsType<SettingsOutcome.NotProved>(outcome).Proof));
        await AssertOperatorKnowsAsync(host, ada, why);
    }

    /// <summary>Red when half an enrolment counts as none.</summary>
    [Theory]
    [InlineData(UnreadableBecause.KeyMissing)]
    [InlineData(UnreadableBecause.NotSwitchedOn)]
    public async Task A_lost_device_link_for_half_an_enrolment_cannot_be_made_and_the_operator_is_told(UnreadableBecause half)
    {
        await using var host = await StartAsync(new());
        var ada = await host.AddPersonAsync(enrolled: true);
        await BreakAsync(host, ada, half);

        Assert.True(
            await host.Services.GetRequiredService<MailedLinkRequests>()
                .AddAsync(MailedLinkKind.LostDevice, "ada", new Caller.Nobody { Address = "192.0.2.1" }));
        await Eventually.TrueAsync(
            async () => await host.CountAsync<MailedLinkRequest>(requests => requests.Where(r => r.AnsweredAt == null)) == 0,
            "the request is answered");

        Assert.Equal(0, await host.CountAsync<OutboxEntry>());
        await AssertOperatorKnowsAsync(host, ada, half);
    }

    private static async Task<PortalHost> StartAsync(PortalSettings settings)
    {
        var host = await PortalHost.StartAsync(settings, replace: services => services.AddFakeLogging());
        await host.SetSecurityAsync();
        return host;
    }

    private static async Task BreakAsync(PortalHost host, TestPerson person, UnreadableBecause why)
    {
        await using var work = await host.BeginAsync();
        var user = await work.Tracked<PortalUser>().SingleAsync(u => u.Id == person.Id);
        switch (why)
        {
            case UnreadableBecause.KeyMissing:
                user.EnrolmentId = null;
                break;
            case UnreadableBecause.NotSwitchedOn:
                user.TwoFactorEnabled = false;
                break;
            default:
                byte[] key = why switch
                {
                    UnreadableBecause.KeyEmpty => [],
                    UnreadableBecause.KeyNotDecryptable => AuthenticatorKeys.Protect(work, Guid.NewGuid(), AuthenticatorKey.Generate()),
                    _ => work.Encryption.Protect($"Authenticator key of {person.Id}", new byte[AuthenticatorKey.Length - 1]),
                };
                await work.Query<Authenticator>().Where(a => a.UserId == person.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(a => a.ProtectedKey, key));
                break;
        }
        await work.CommitAsync();
    }

    private static async Task AssertOperatorKnowsAsync(PortalHost host, TestPerson person, UnreadableBecause why)
    {
        await using (var work = await host.BeginAsync())
        {
            var entry = Assert.Single(await work.Query<AuditEntry>().Where(e => e.Kind == nameof(AuditEvent.AuthenticatorUnreadable)).ToListAsync());
            Assert.Equal(person.Id, entry.SubjectId);
            Assert.Equal(Texts.ResourceManager.GetString($"Audit_Fault_{why}", null), AuditWording.Details(entry.Kind, entry.Details, at => $"{at}"));
        }
        // The line follows the commit, which a worker makes at its own time.
        await Eventually.TrueAsync(() => Lines().Any(), "the operator's line");
        var line = Assert.Single(Lines());
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Contains($"disable-mfa {person.Username}", line.Message, StringComparison.Ordinal);
        if (why == UnreadableBecause.KeyNotDecryptable) Assert.Contains("KeyRing:CertificatePath", line.Message, StringComparison.Ordinal);

        IEnumerable<FakeLogRecord> Lines() => host.Services.GetFakeLogCollector().GetSnapshot()
            .Where(line => line.Category!.EndsWith(nameof(UnreadableAuthenticators), StringComparison.Ordinal));
    }

    private static async Task<PortalSession> SessionAsync(PortalHost host)
    {
        await using var work = await host.BeginAsync();
        return await work.Query<PortalSession>().SingleAsync();
    }
}

using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.AuditLog;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.EmailTemplates;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Help;
using OpenCrm.Portal.Home;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Outbox;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;
using OpenCrm.Portal.Users.Import;

namespace OpenCrm.Portal.Tests.Sessions;

/// <summary>After the deadline only the wizard, the help and signing out answer (docs/spec.md 12.2).</summary>
public sealed partial class MfaGateTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// Every service that knows its caller knows it from the gate. A service method that answered also while MFA is overdue would have to be written
    /// into this test: red with <c>RequirePersonEvenOverdueAsync</c> anywhere else, and with a session evaluated past <see cref="CurrentCaller"/>.
    /// </summary>
    [Fact]
    public void No_service_can_forget_the_gate_because_it_learns_from_it_who_calls()
    {
        var root = Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal");
        var sources = Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToDictionary(file => Path.GetRelativePath(root, file).Replace('\\', '/'), File.ReadAllText);

        Assert.Equal(
            ["Credentials/StepUp.cs", "Enrolment/MfaEnrolment.cs", "Help/ArticleRatings.cs", "Sessions/CurrentCaller.cs"],
            sources.Where(file => file.Value.Contains("EvenOverdueAsync(", StringComparison.Ordinal)).Select(file => file.Key)
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            ["Credentials/SignInAgain.cs"],
            sources.Where(file => !file.Key.StartsWith("Sessions/", StringComparison.Ordinal) && Evaluates().IsMatch(file.Value))
                .Select(file => file.Key));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Nothing_answers_an_administrator_who_is_overdue_but_wizard_help_and_signing_out(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        var bob = await portal.AddPersonAsync("bob");
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators);
        await using var seat = await Seat.TakeAsync(portal, ann);
        Assert.NotNull(await seat.Service<UserDetails>().ReadAsync(bob.Id));
        await portal.MoveDeadlineAsync(ann, portal.Now);

        Func<Task>[] calls =
        [
            () => seat.Service<OwnRecord>().ReadAsync(),
            () => seat.Service<OwnRecord>().DisableMfaAsync(),
            () => seat.Service<OwnCredentials>().ReadRulesAsync(),
            () => seat.Service<OwnCredentials>().ChangePasswordAsync("x", TestAccounts.Password + " 2"),
            () => seat.Service<OwnCredentials>().ChangeEmailAsync("new@example.test"),
            () => seat.Service<OwnCredentials>().EndOtherSessionsAsync(),
            () => seat.Service<OwnLanguage>().ChooseAsync("de"),
            () => seat.Service<OwnSecurity>().ReadAsync(),
            () => seat.Service<HomeFigures>().ReadAsync(),
            () => seat.Service<FirstSteps>().ReadAsync(),
            () => seat.Service<UserList>().ReadAsync(new()),
            () => seat.Service<UserList>().CountAsync(new()),
            () => seat.Service<UserDetails>().ReadAsync(bob.Id),
            () => seat.Service<UserDetails>().CreateAsync(new("eve", "Eve", "eve@example.test", false)),
            () => seat.Service<UserAdministration>().LockAsync(bob.Id),
            () => seat.Service<UserAdministration>().DisableMfaAsync(root.Id),
            () => seat.Service<MfaExtension>().ExtendAsync(bob.Id, portal.Now.AddDays(9), "why"),
            () => seat.Service<SeveralUsers>().RunAsync(SeveralAct.Lock, new(null, [bob.Id]), new HashSet<Guid>()),
            () => seat.Service<MfaEnrolment>().BeginAsync(bob.Id),
            () => seat.Service<StepUp>().ProveAsync(StepUpFor.ActingAsAdministrator, ann.Password, null),
            () => seat.Service<StepUp>().EvaluateNeedAsync(StepUpFor.EndingOwnSessions),
            () => seat.Service<AdditionalSettings>().ReadAsync(),
            () => seat.Service<MfaSwitch>().CountEnrolmentsAsync(),
            () => seat.Service<MfaSwitch>().SaveAsync(new(new(0, new Dictionary<string, string>()), MfaEnabled: false), new(Erase: true)),
            () => seat.Service<AuditList>().ReadAsync(new()),
            () => seat.Service<OutboxList>().ReadAsync(new()),
            () => seat.Service<TemplateEditor>().ReadHistoryAsync(TemplateCatalogue.Test),
            () => seat.Service<ArticleRatings>().ReadAllAsync(new CommentTurn.Newest()),
            () => portal.Services.GetRequiredService<UserExport>().WriteAsync(seat.SessionId, null, new(), () => new StringWriter(), default),
            () => portal.Services.GetRequiredService<ImportSample>().WriteAsync(seat.SessionId, () => new StringWriter(), default),
        ];
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<AccessRefusedException>(call);

        Assert.Null(await seat.Service<ArticleRatings>().ReadOwnAsync());
        Assert.IsType<RatingOutcome.Stored>(await seat.Service<ArticleRatings>().RateAsync(5, null));
        Assert.IsType<StepUpOutcome.Proved>(await seat.Service<StepUp>().ProveAsync(StepUpFor.ChangingOwnAuthenticator, ann.Password, null));
        Assert.IsType<EnrolmentOutcome.Begun>(await seat.Service<MfaEnrolment>().BeginAsync());
        // Nothing of it happened.
        Assert.Equal(AccountState.Active, (await portal.UserAsync(bob)).State);
    }

    /// <summary>Red when only pages or only services are closed: the address alone would give the whole list.</summary>
    [Fact]
    public async Task Addresses_answer_403_and_the_page_says_what_to_do()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 0);
        await using var visitor = CircuitVisitor.At(portal);
        var proved = Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(ann.Username, ann.Password));
        Assert.Equal(HttpStatusCode.NoContent, await visitor.RedeemAsync(proved.Ticket));

        foreach (var address in new[] { PortalUrls.Home, PortalUrls.Account, PortalUrls.Users, PortalUrls.AdditionalSettings, PortalUrls.Outbox })
        {
            using var answer = await visitor.GetAsync(address);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains(Texts.Enrolment_DemandTitle, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        }
        foreach (var address in new[] { PortalUrls.UsersExport, PortalUrls.AuditTrailExport, PortalUrls.UsersImportSample })
        {
            using var answer = await visitor.GetAsync(address);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.DoesNotContain("admin@example.test", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        foreach (var address in new[] { PortalUrls.AccountSetupMfa, PortalUrls.HelpMfa })
        {
            using var answer = await visitor.GetAsync(address);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public void Every_page_but_the_wizard_and_those_for_everybody_asks_for_a_policy_that_refuses_who_is_overdue() =>
        Assert.Equal(
            ["SetupMfaPage"],
            typeof(PortalUrls).Assembly.GetTypes()
                .Where(page => page.GetCustomAttributes(typeof(AuthorizeAttribute), inherit: true).Cast<AuthorizeAttribute>()
                    .Any(rule => rule.Policy is PortalPolicies.SignedInEvenOverdue))
                .Select(page => page.Name));

    /// <summary>Red when the session's clock only knows when a session becomes idle: the page would stay as it is until the next click.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task An_open_page_changes_over_when_the_deadline_passes_and_goes_on_when_it_is_extended(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        await portal.RequireAsync(root, MustUseMfa.SystemAdministrators);
        await portal.MoveDeadlineAsync(ann, portal.Now.AddMinutes(5));
        await using var seat = await Seat.TakeAsync(portal, ann);
        portal.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await seat.AdministersAsync());

        portal.Advance(TimeSpan.FromMinutes(6));
        await Eventually.TrueAsync(() => IsOverdueAsync(seat), "the page gives way");
        Assert.False(await seat.AdministersAsync());

        await using (var roots = await Seat.TakeAsync(portal, root))
        {
            Assert.IsType<ExtensionOutcome.Done>(
                await roots.Service<MfaExtension>().ExtendAsync(ann.Id, portal.Now.AddDays(3), "On a journey without the phone"));
        }
        await Eventually.TrueAsync(async () => await seat.AdministersAsync() is true, "the page goes on");
    }

    /// <summary>Red without the notice: on the other node the page would stay until its session is looked at again, half an hour later.</summary>
    [Fact]
    public async Task A_rule_that_applies_at_once_reaches_open_pages_on_every_node()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var root = await nodes.A.AddPersonAsync("root", enrolled: true, administrator: true);
        var (ann, bob) = (await nodes.A.AddPersonAsync("ann"), await nodes.A.AddPersonAsync("bob"));
        await using var here = await Seat.TakeAsync(nodes.A, ann);
        await using var there = await Seat.TakeAsync(nodes.B, bob);
        nodes.Advance(TimeSpan.FromSeconds(5));

        await nodes.A.RequireAsync(root, MustUseMfa.Everyone, days: 0);

        foreach (var seat in new[] { here, there })
        {
            await Eventually.TrueAsync(async () =>
            {
                // The database's clock wrote the deadline, and the tests' own stands still.
                nodes.Advance(TimeSpan.FromSeconds(2));
                return await IsOverdueAsync(seat);
            }, "the page gives way");
        }
    }

    /// <summary>Whoever sets up MFA goes on where they are: in this page, and in every other tab of the session.</summary>
    [Fact]
    public async Task Setting_up_MFA_opens_every_tab_again()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann");
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 0);
        await using var seat = await Seat.TakeAsync(portal, ann);
        await using var tab = await Seat.OpenTabAsync(portal, seat.SessionId);
        Assert.True(await IsOverdueAsync(tab));
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await seat.Service<MfaEnrolment>().BeginAsync());
        var code = await Oathtool.CodeAsync(string.Concat(begun.ManualKey), portal.Now);

        Assert.IsType<EnrolmentOutcome.Saved>(await seat.Service<MfaEnrolment>().SaveAsync(code));

        await Eventually.TrueAsync(async () => !await IsOverdueAsync(tab), "the other tab goes on");
        Assert.NotNull(await seat.Service<OwnRecord>().ReadAsync());
    }

    [Fact]
    public async Task After_signing_in_the_person_reads_how_long_is_left_once()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann");
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 3);
        await using var seat = await portal.SignedInAsync(ann);
        var page = seat.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>();

        Assert.Equal(portal.Now.AddDays(3), page.ReminderOfMfa);
        page.DropReminder();
        Assert.Null(page.ReminderOfMfa);
        page.SwitchToNobody(SessionEnd.SignedOut);
        await using var roots = await portal.SignedInAsync(root);
        Assert.Null(roots.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>().ReminderOfMfa);
    }

    private static async Task<bool> IsOverdueAsync(Seat seat) =>
        (await seat.Page.GetAuthenticationStateAsync()).User.HasClaim(claim => claim.Type == PortalClaims.MfaOverdue);

    [GeneratedRegex(@"SessionCheck\.EvaluateAsync")]
    private static partial Regex Evaluates();
}

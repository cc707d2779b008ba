using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Sessions;

/// <summary>
/// Sessions that are idle and sessions that are over, on both databases (docs/spec.md 4.5; ASVS 7.2.4 and 7.3). The timeout is 30 minutes.
/// </summary>
public sealed class SessionTimeoutTests(PostgresCluster postgres)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(30), Second = TimeSpan.FromSeconds(1);

    private readonly Dictionary<CircuitVisitor, Guid> _sessions = [];

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task An_idle_session_opens_no_page_no_download_and_no_service_in_any_circuit(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var ada = await host.AddPersonAsync(administrator: true);
        await using var tab = await SignInAsync(host, ada);
        await using var other = await NewTabAsync(host, tab);
        Assert.Contains(ada.Email, await tab.ReadPageAsync(PortalUrls.Account), StringComparison.Ordinal);

        host.Advance(Timeout - Second);
        Assert.Equal(ada.Id, (await ActAsync(other)).UserId);
        host.Advance(Second);

        await Assert.ThrowsAsync<SessionIdleException>(() => ActAsync(tab));
        await Assert.ThrowsAsync<SessionIdleException>(() => ActAsync(other));
        foreach (var page in new[] { PortalUrls.Account, PortalUrls.Home, PortalUrls.Users })
        {
            var html = await tab.ReadPageAsync(page);
            Assert.DoesNotContain(ada.Email, html, StringComparison.Ordinal);
            Assert.DoesNotContain("Account menu", html, StringComparison.Ordinal);
            Assert.Contains("Sign in again to go on", html, StringComparison.Ordinal);
        }
        using var export = await tab.GetAsync(PortalUrls.UsersExport);
        Assert.Equal(HttpStatusCode.Forbidden, export.StatusCode);
        Assert.Null((await SessionAsync(host, tab)).EndedAt);
        Assert.All(new[] { tab, other }, each => Assert.True(Authentication(each).Idle is { OverPage: true }));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_event_in_another_tab_keeps_the_session_and_none_wakes_an_idle_one(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await using var tab = await SignInAsync(host, await host.AddPersonAsync());
        await using var other = await NewTabAsync(host, tab);

        host.Advance(Timeout - Second);
        await NoteAsync(other);
        host.Advance(Timeout - Second);
        await ActAsync(tab);
        host.Advance(Second);

        await NoteAsync(tab);
        await NoteAsync(other);
        await tab.ReadPageAsync(PortalUrls.Home);
        await Assert.ThrowsAsync<SessionIdleException>(() => ActAsync(tab));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_page_load_is_an_event_and_the_circuit_s_own_requests_are_none(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await using var tab = await SignInAsync(host, await host.AddPersonAsync());
        host.Advance(TimeSpan.FromMinutes(20));
        await tab.ReadPageAsync(PortalUrls.Home);
        Assert.Equal(host.Now, (await SessionAsync(host, tab)).LastSeenAt);

        host.Advance(TimeSpan.FromMinutes(20));
        using var antiforgery = await tab.GetAsync(PortalUrls.SessionAntiforgery);
        using var negotiation = await tab.GetAsync("/_blazor/initializers");
        using var missing = await tab.GetAsync("/no-such.png");
        host.Advance(TimeSpan.FromMinutes(10));
        await Assert.ThrowsAsync<SessionIdleException>(() => ActAsync(tab));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Events_are_written_at_most_once_in_a_tenth_of_the_timeout(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await using var tab = await SignInAsync(host, await host.AddPersonAsync());
        await using var other = await NewTabAsync(host, tab);
        HashSet<DateTimeOffset> written = [];
        for (var seconds = 0; seconds < 30 * 60; seconds += 15)
        {
            await NoteAsync(tab);
            await NoteAsync(other);
            written.Add((await SessionAsync(host, tab)).LastSeenAt);
            host.Advance(TimeSpan.FromSeconds(15));
        }
        var order = written.Order().ToList();
        Assert.InRange(order.Count, 8, 10);
        Assert.All(order.Zip(order.Skip(1)), pair => Assert.True(pair.Second - pair.First >= Timeout / 10));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Signing_in_again_keeps_row_and_id_and_gives_a_new_token(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var ada = await host.AddPersonAsync();
        await using var tab = await SignInAsync(host, ada);
        await using var other = await NewTabAsync(host, tab);
        await using var elsewhere = await SignInAsync(host, ada);
        var (before, oldCookie) = (await SessionAsync(host, tab), tab.Session);
        var untouched = await SessionAsync(host, elsewhere);
        host.Advance(Timeout + Second);
        await Assert.ThrowsAsync<SessionIdleException>(() => ActAsync(tab));
        await AdvanceAsync(host, Second, () => Authentication(other).Idle is not null, "the other tab asks, too");

        var question = await tab.Services.GetRequiredService<SignInAgain>().ReadQuestionAsync();
        var ticket = Assert.IsType<SignInAgainOutcome.Proved>(await ProveAsync(tab, ada.Password)).Ticket;
        Assert.Equal(HttpStatusCode.NoContent, await tab.RedeemAsync(ticket));

        var after = await SessionAsync(host, tab);
        Assert.Equal(new SignInAgainQuestion("ada", 30, AskCode: false), question);
        Assert.Equal((before.Id, before.CreatedAt, before.ExpiresAt), (after.Id, after.CreatedAt, after.ExpiresAt));
        Assert.NotEqual(before.TokenHash, after.TokenHash);
        Assert.Equal((host.Now, host.Now), (after.ProvedAt, after.LastSeenAt));
        Assert.All(new[] { tab, other }, each => Assert.Null(Authentication(each).Idle));
        Assert.Equal(ada.Id, (await ActAsync(other)).UserId);
        Assert.Contains(ada.Email, await tab.ReadPageAsync(PortalUrls.Account), StringComparison.Ordinal);
        Assert.DoesNotContain(ada.Email, await other.ReadPageAsync(PortalUrls.Account), StringComparison.Ordinal);
        Assert.NotEqual(oldCookie, tab.Session);
        Assert.Equal(1, await host.EventsAsync<AuditEvent.SignedInAgain>(ada));
        Assert.Equivalent(untouched, await SessionAsync(host, elsewhere));
        // The ticket works once, and only in this browser.
        Assert.Equal(HttpStatusCode.Forbidden, await tab.RedeemAsync(ticket));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_ticket_to_go_on_is_worth_nothing_in_another_browser(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var ada = await host.AddPersonAsync();
        await using var tab = await SignInAsync(host, ada);
        await using var thief = CircuitVisitor.At(host);
        host.Advance(Timeout);

        var ticket = Assert.IsType<SignInAgainOutcome.Proved>(await ProveAsync(tab, ada.Password)).Ticket;

        Assert.Equal(HttpStatusCode.Forbidden, await thief.RedeemAsync(ticket));
        Assert.Null(thief.Session);
        await Assert.ThrowsAsync<SessionIdleException>(() => ActAsync(tab));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Whoever_is_enrolled_needs_the_code_too_and_a_used_one_does_not_do(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var tab = await SignInAsync(host, ada);
        host.Advance(Timeout + Second);
        await host.LinkAsync(ada);

        Assert.Equal(new SignInAgainOutcome.Incomplete(AskCode: true), await ProveAsync(tab, ada.Password));
        Assert.IsType<Refusal.Wrong>(Refused.For(await ProveAsync(tab, ada.Password, await Oathtool.WrongCodeAsync(ada.Secret!, host.Now))));
        var code = await Oathtool.CodeAsync(ada.Secret!, host.Now);
        var proved = Assert.IsType<SignInAgainOutcome.Proved>(await ProveAsync(tab, ada.Password, code));
        Assert.IsType<Refusal.Wrong>(Refused.For(await ProveAsync(tab, ada.Password, code)));

        Assert.Equal(HttpStatusCode.NoContent, await tab.RedeemAsync(proved.Ticket));
        Assert.True((await SessionAsync(host, tab)).ProvedByCode);
        Assert.Equal(ada.Id, (await ActAsync(tab)).UserId);
        // A code ends an open lost-device link, as it does at sign-in.
        Assert.NotNull(Assert.Single(await host.LinksAsync(ada)).ConsumedAt);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Wrong_passwords_in_the_dialog_lock_like_any_others_and_end_this_session_only(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var ada = await host.AddPersonAsync();
        await using var tab = await SignInAsync(host, ada);
        await using var elsewhere = await SignInAsync(host, ada);
        await SessionAsync(host, tab);
        host.Advance(Timeout);

        // Two of the five at the sign-in page: it is the same counter.
        await using var door = CircuitVisitor.At(host);
        for (var tries = 0; tries < 2; tries++) await door.PasswordAsync("ada", "wrong");
        for (var tries = 0; tries < 2; tries++) Assert.IsType<Refusal.Wrong>(Refused.For(await ProveAsync(tab, "wrong")));
        Assert.IsType<Refusal.LockedOut>(Refused.For(await ProveAsync(tab, "wrong")));

        Assert.Equal(SessionEnd.FailedAttempts, (await SessionAsync(host, tab)).EndedBy);
        Assert.Equal(SessionEnd.FailedAttempts, Authentication(tab).EndedBy);
        Assert.Null((await SessionAsync(host, elsewhere)).EndedAt);
        Assert.IsType<Refusal.LockedOut>(Refused.For(await ProveAsync(elsewhere, ada.Password)));
        Assert.Null((await SessionAsync(host, elsewhere)).EndedAt);
        Assert.Equal(1, await host.EventsAsync<AuditEvent.LockedAfterFailures>(ada));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Pages_ask_and_leave_by_themselves_when_time_is_up(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await using var tab = await SignInAsync(host, await host.AddPersonAsync());
        await Eventually.TrueAsync(() => Authentication(tab).SessionId is not null, "the session is open");

        await AdvanceAsync(host, Timeout, () => Authentication(tab).Idle is not null, "the page asks to sign in again");
        Assert.Null(Authentication(tab).EndedBy);
        await AdvanceAsync(
            host, SessionTimes.AbsoluteLifetime - Timeout,
            () => Authentication(tab).EndedBy == SessionEnd.Expired, "the page leaves after a day");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task After_a_day_the_session_is_over_however_busy_it_is(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await using var tab = await SignInAsync(host, await host.AddPersonAsync());
        await using (var work = await host.BeginAsync())
        {
            await work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.SessionTimeoutMinutes, 1440));
            await work.CommitAsync();
        }
        host.Advance(TimeSpan.FromHours(23));
        await NoteAsync(tab);
        host.Advance(TimeSpan.FromMinutes(59));
        await ActAsync(tab);

        await AdvanceAsync(host, TimeSpan.FromMinutes(1), () => Authentication(tab).EndedBy == SessionEnd.Expired, "the page leaves after a day");
        await Assert.ThrowsAsync<AccessRefusedException>(() => ActAsync(tab));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Signing_out_ends_an_idle_session_from_the_circuit_and_by_the_cookie(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var ada = await host.AddPersonAsync();
        await using var tab = await SignInAsync(host, ada);
        await SessionAsync(host, tab);
        host.Advance(Timeout);

        using var answer = await tab.PostAsync(PortalUrls.SessionEnd);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(SessionEnd.SignedOut, (await SessionAsync(host, tab)).EndedBy);
        Assert.Equal(1, await host.EventsAsync<AuditEvent.SignedOut>(ada));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Signing_in_anew_in_the_same_browser_ends_the_idle_session(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var (ada, bob) = (await host.AddPersonAsync(), await host.AddPersonAsync("bob"));
        await using var tab = await SignInAsync(host, ada);
        var idle = await SessionAsync(host, tab);
        host.Advance(Timeout);

        var proved = Assert.IsType<SignInOutcome.Proved>(await tab.PasswordAsync("bob", bob.Password));
        Assert.Equal(HttpStatusCode.NoContent, await tab.RedeemAsync(proved.Ticket));

        await using var work = await host.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        Assert.Equal(SessionEnd.SignedInAgain, (await work.Query<PortalSession>().SingleAsync(s => s.Id == idle.Id)).EndedBy);
        Assert.Equal(SessionEnd.SignedInAgain, Authentication(tab).EndedBy);
    }

    [Fact]
    public async Task What_happens_on_one_node_counts_on_the_other_and_so_does_signing_in_again()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var ada = await nodes.A.AddPersonAsync();
        await using var here = await SignInAsync(nodes.A, ada);
        await using var there = await NewTabAsync(nodes.B, here);
        nodes.Advance(Timeout - Second);
        await NoteAsync(there);
        nodes.Advance(Timeout - Second);
        await ActAsync(here);
        nodes.Advance(Second);
        await Eventually.TrueAsync(() =>
        {
            nodes.Advance(Second);
            return Authentication(here).Idle is not null && Authentication(there).Idle is not null;
        }, "both pages ask");

        var ticket = Assert.IsType<SignInAgainOutcome.Proved>(await ProveAsync(here, ada.Password)).Ticket;
        Assert.Equal(HttpStatusCode.NoContent, await here.RedeemAsync(ticket));

        await Eventually.TrueAsync(() => Authentication(there).Idle is null, "the page of the other node goes on");
        Assert.Equal(ada.Id, (await ActAsync(there)).UserId);
    }

    private async Task<PortalHost> StartAsync(DatabaseKind kind)
    {
        var host = await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(kind)));
        await host.SetSecurityAsync();
        return host;
    }

    /// <summary>Opens a browser in which this person is signed in, with its circuit.</summary>
    private static async Task<CircuitVisitor> SignInAsync(PortalHost host, TestPerson person)
    {
        var visitor = CircuitVisitor.At(host);
        var outcome = await visitor.PasswordAsync(person.Username, person.Password);
        if (outcome is SignInOutcome.CodeRequired) outcome = await visitor.CodeAsync(await Oathtool.CodeAsync(person.Secret!, host.Now));
        var ticket = Assert.IsType<SignInOutcome.Proved>(outcome).Ticket;
        Assert.Equal(HttpStatusCode.NoContent, await visitor.RedeemAsync(ticket));
        Authentication(visitor).Switch((await host.Services.GetRequiredService<SignInTickets>().FindRedeemedAsync(ticket))!);
        return visitor;
    }

    /// <summary>Opens another circuit of the same session, with the current cookie.</summary>
    private static async Task<CircuitVisitor> NewTabAsync(PortalHost host, CircuitVisitor tab)
    {
        var other = tab.MovedTo(host);
        await using var work = await host.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        Authentication(other).Switch(
            Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, Authentication(tab).SessionId!.Value)));
        return other;
    }

    private static PortalAuthenticationStateProvider Authentication(CircuitVisitor tab) =>
        tab.Services.GetRequiredService<PortalAuthenticationStateProvider>();

    private static Task NoteAsync(CircuitVisitor tab) => tab.Services.GetRequiredService<SessionActivity>().NoteAsync();

    private static Task<SignInAgainOutcome> ProveAsync(CircuitVisitor tab, string password, string? code = null) =>
        tab.Services.GetRequiredService<SignInAgain>().ProveAsync(password, code);

    /// <summary>Does what every service does first.</summary>
    private static async Task<Caller.Person> ActAsync(CircuitVisitor tab)
    {
        await using var work = await tab.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await tab.Services.GetRequiredService<CurrentCaller>().RequirePersonAsync(work);
    }

    private async Task<PortalSession> SessionAsync(PortalHost host, CircuitVisitor tab)
    {
        // Remembered here, because a circuit whose session has ended no longer knows it.
        if (Authentication(tab).SessionId is { } id) _sessions[tab] = id;
        var session = _sessions[tab];
        await using var work = await host.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await work.Query<PortalSession>().SingleAsync(s => s.Id == session);
    }

    /// <summary>Advances the clock by that time, then second by second, as often as the node looks, until the condition holds.</summary>
    private static async Task AdvanceAsync(PortalHost host, TimeSpan time, Func<bool> condition, string what)
    {
        host.Advance(time);
        await Eventually.TrueAsync(() =>
        {
            if (!condition()) host.Advance(Second);
            return condition();
        }, what);
    }
}

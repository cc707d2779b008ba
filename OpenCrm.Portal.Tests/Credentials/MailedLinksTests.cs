using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>
/// Passwords set by mailed links (docs/spec.md 1.8), on both databases: cases A08 (link scanner), A09 (race), A10 (tokens), A12 (Host header), A13
/// (which names exist) and A14 (flood) of docs/threats.md.
/// </summary>
public sealed class MailedLinksTests(PostgresCluster postgres)
{
    private const string New = "Quite another pass phrase";
    private static readonly Caller.Nobody Somebody = new() { Address = "192.0.2.1" };

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_link_sets_the_password_ends_what_the_old_one_proved_and_leaves_MFA_as_it_is(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await portal.SetSecurityAsync(mfa: false);
        var ada = await portal.AddPersonAsync(enrolled: true);
        await using var signedIn = CircuitVisitor.At(portal);
        await signedIn.RedeemAsync(Assert.IsType<SignInOutcome.Proved>(await signedIn.PasswordAsync(ada.Username, ada.Password)).Ticket);
        await portal.SetSecurityAsync();
        await using var halfDone = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await halfDone.PasswordAsync(ada.Username, ada.Password));
        var before = await portal.UserAsync(ada);

        var token = await AskedTokenAsync(portal, ada, ada.Email.ToUpperInvariant());
        var link = Assert.Single(await RowsAsync<MailedLink>(portal));
        Assert.Equal(SecretToken.Hash(token), link.TokenHash);
        portal.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<NewPasswordOutcome.Done>(await SetAsync(portal, token));

        var after = await portal.UserAsync(ada);
        Assert.NotEqual(before.PasswordHash, after.PasswordHash);
        Assert.NotEqual(before.SecurityStamp, after.SecurityStamp);
        Assert.Equal(portal.Now, after.PasswordChangedAt);
        Assert.True(after is { TwoFactorEnabled: true, EnrolmentId: not null });
        Assert.Equal(SessionEnd.PasswordChanged, Assert.Single(await RowsAsync<PortalSession>(portal)).EndedBy);
        Assert.Equal(0, await portal.CountAsync<PendingSignIn>());
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.PasswordReset>(ada));
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await SetAsync(portal, token));
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync(ada.Username, ada.Password)));
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(ada.Username, New));
    }

    /// <summary>
    /// Red on PostgreSQL when the password is set without the condition on the stamp and the link is consumed without the condition that it is open.
    /// Either condition alone lets only one win.
    /// </summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task One_of_ten_who_use_a_link_at_once_sets_the_password(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var ada = await portal.AddPersonAsync();
        var token = await AskedTokenAsync(portal, ada);

        var outcomes = await TestAccounts.AtOnceAsync(Enumerable.Range(0, 10).Select(n =>
            (Func<Task<(int N, NewPasswordOutcome Outcome)>>)(async () => (n, await SetAsync(portal, token, $"{New} {n}")))));

        var winner = Assert.Single(outcomes, o => o.Outcome is NewPasswordOutcome.Done).N;
        Assert.Equal(9, outcomes.Count(o => o.Outcome is NewPasswordOutcome.LinkEnded));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.PasswordReset>(ada));
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(ada.Username, $"{New} {winner}"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_the_newest_link_works_and_only_for_half_an_hour(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var ada = await portal.AddPersonAsync();
        var older = await AskedTokenAsync(portal, ada);
        var newest = await AskedTokenAsync(portal, ada, count: 2);

        Assert.IsType<NewPasswordOutcome.LinkEnded>(await SetAsync(portal, older));
        portal.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1));
        // A password that the policy refuses does not use the link up.
        var invalid = Assert.IsType<NewPasswordOutcome.Invalid>(await SetAsync(portal, newest, "ada.1"));
        Assert.Contains(PasswordFault.TooShort, invalid.Faults);
        portal.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await SetAsync(portal, newest));
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.PasswordReset>(ada));

        var fresh = await AskedTokenAsync(portal, ada, count: 3);
        Assert.IsType<NewPasswordOutcome.Done>(await SetAsync(portal, fresh));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_invitation_sets_the_first_password_within_seven_days(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var (ada, bob) = (await portal.AddPersonAsync(), await portal.AddPersonAsync("bob"));
        var invitation = await InviteAsync(portal, ada);
        var late = await InviteAsync(portal, bob);

        portal.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.IsType<NewPasswordOutcome.Done>(await SetAsync(portal, invitation, kind: MailedLinkKind.Invitation));
        portal.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await SetAsync(portal, late, kind: MailedLinkKind.Invitation));
    }

    /// <summary>Every wrong token gets the same answer, and each counts for the network.</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_token_that_is_not_exactly_the_one_changes_nothing(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var ada = await portal.AddPersonAsync();
        var token = await AskedTokenAsync(portal, ada);
        var invitation = await InviteAsync(portal, ada);
        var before = await portal.UserAsync(ada);

        string[] bad =
        [
            token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), token[..^1], token + token, token + " ", invitation, "", new string('x', 1_000_000)
        ];
        foreach (var one in bad) Assert.IsType<NewPasswordOutcome.LinkEnded>(await SetAsync(portal, one));
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await SetAsync(portal, token, kind: MailedLinkKind.Invitation));

        Assert.Equal(before.PasswordHash, (await portal.UserAsync(ada)).PasswordHash);
        Assert.Equal(
            bad.Length + 1,
            Assert.Single(await RowsAsync<AddressCount>(portal), count => count.Key.StartsWith("sign-in", StringComparison.Ordinal)).Count);
        Assert.IsType<NewPasswordOutcome.Done>(await SetAsync(portal, token));
        // The new password ended the other link too: it was made for the account as it was before.
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await SetAsync(portal, invitation, kind: MailedLinkKind.Invitation));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_locked_person_gets_that_news_instead_of_a_link_and_an_older_link_does_not_unlock(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await portal.AddPersonAsync("another", administrator: true);
        var ada = await portal.AddPersonAsync();
        var token = await AskedTokenAsync(portal, ada);
        await using var guesser = CircuitVisitor.At(portal, "198.51.100.9");
        for (var n = 0; n < 5; n++) await guesser.PasswordAsync(ada.Username, "Not the pass phrase");
        var closed = await portal.AddPersonAsync("closed", state: AccountState.Locked);

        foreach (var name in new[] { ada.Username, closed.Username }) Assert.True(await AskAsync(portal, name));
        await AnsweredAsync(portal);

        Assert.Single(await MailsAsync(portal, ada, "forgotten-password"));
        // One from the lock, one from this request.
        Assert.Equal(2, (await MailsAsync(portal, ada, "account-locked")).Count);
        Assert.Single(await MailsAsync(portal, closed, "account-locked"));
        Assert.Empty(await MailsAsync(portal, closed, "forgotten-password"));
        Assert.IsType<Refusal.LockedOut>(Refused.For(await SetAsync(portal, token)));
        Assert.Equal(AccountStatus.LockedFailedAttempts, (await portal.UserAsync(ada)).StatusAt(portal.Now));
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.PasswordReset>(ada));

        // The lock ended the link for good; an unlock does not revive it.
        await using (var work = await portal.BeginAsync())
        {
            Assert.True(await work.Locks.UnlockAsync(ada.Id, work.Now));
            await work.CommitAsync();
        }
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await SetAsync(portal, token));
    }

    /// <summary>
    /// A request writes one row of the same shape for every name, so it does not show which names exist. What follows happens out of sight.
    /// </summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_request_writes_the_same_row_for_every_name_and_only_a_known_one_gets_mail(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var ada = await portal.AddPersonAsync();
        await portal.AddPersonAsync("gone", state: AccountState.Inactive);

        foreach (var name in new[] { " ADA ", "nobody", "gone", "nobody@example.test", new string('x', 5000) })
            Assert.True(await AskAsync(portal, name));
        await AnsweredAsync(portal);

        var rows = await RowsAsync<MailedLinkRequest>(portal);
        Assert.Equal(5, rows.Count);
        Assert.All(rows, row => Assert.Empty(row.ProtectedName));
        Assert.Equal(ada.Id, Assert.Single(rows, row => row.MailedTo is not null).MailedTo);
        Assert.Equal(ada.Email, Assert.Single(await RowsAsync<OutboxEntry>(portal)).RecipientAddress);
    }

    /// <summary>A flood of requests for one account.</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_account_gets_three_mails_an_hour_and_whoever_asks_sees_no_difference(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var ada = await portal.AddPersonAsync();

        Assert.All(
            await TestAccounts.AtOnceAsync(
                Enumerable.Range(0, 8).Select(n => (Func<Task<bool>>)(() => AskAsync(portal, n % 2 == 0 ? ada.Username : ada.Email)))),
            Assert.True);
        await AnsweredAsync(portal);
        Assert.Equal(3, (await MailsAsync(portal, ada, "forgotten-password")).Count);

        portal.Advance(TimeSpan.FromHours(1));
        Assert.True(await AskAsync(portal, ada.Username));
        await AnsweredAsync(portal);
        Assert.Equal(4, (await MailsAsync(portal, ada, "forgotten-password")).Count);
    }

    /// <summary>
    /// Red when a worker does not hold the user's row while it counts, and when it answers without the condition that nobody has answered yet.
    /// </summary>
    [Fact]
    public async Task Two_nodes_that_answer_at_once_mail_three_together()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        for (var round = 0; round < 5; round++)
        {
            var person = await nodes.A.AddPersonAsync($"person{round}");

            await TestAccounts.AtOnceAsync(Enumerable.Range(0, 6).Select(n =>
                (Func<Task<bool>>)(() => AskAsync(nodes[n], person.Username, new Caller.Nobody { Address = $"192.0.2.{n}" }))));
            await AnsweredAsync(nodes.A);

            Assert.Equal(3, (await MailsAsync(nodes.B, person, "forgotten-password")).Count);
            Assert.Equal(1, await nodes.A.CountAsync<MailedLink>(links => links.Where(l => l.UserId == person.Id && l.ConsumedAt == null)));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_network_asks_as_often_as_its_limit_allows_for_whatever_name(DatabaseKind database)
    {
        await using var portal = await StartAsync(database, settings => settings.With("Limits:MailedLinks", "4"));
        var ada = await portal.AddPersonAsync();
        Caller.Nobody At(string address) => new() { Address = address };

        for (var n = 0; n < 4; n++) Assert.True(await AskAsync(portal, $"nobody{n}", At($"2001:db8::{n}")));
        Assert.False(await AskAsync(portal, "nobody", At("2001:db8::9")));
        Assert.False(await AskAsync(portal, ada.Username, At("2001:db8::9")));
        Assert.True(await AskAsync(portal, ada.Username, At("2001:db8:0:1::9")));
        portal.Advance(TimeSpan.FromHours(1));
        Assert.True(await AskAsync(portal, ada.Username, At("2001:db8::9")));
    }

    /// <summary>An attacker may choose the Host of a request; links begin with the configured address all the same.</summary>
    [Fact]
    public async Task A_link_begins_with_the_public_address_whatever_Host_is_asked_for()
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings { PublicUrl = "https://portal.northwind.test" });
        var ada = await portal.AddPersonAsync();
        using var client = portal.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, PortalUrls.ForgottenPassword);
        request.Headers.Host = "evil.test";
        request.Headers.Add("X-Forwarded-Host", "evil.test");
        using var page = await client.SendAsync(request);

        await AskAsync(portal, ada.Username);
        var mail = await new Mailbox(portal.PickupFolder).WaitForAsync(ada.Email, "forgotten-password");

        Assert.StartsWith("https://portal.northwind.test/reset-password#", Mailbox.Link(mail).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("evil.test", mail.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_had_its_time_is_deleted(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var ada = await portal.AddPersonAsync();
        await AskedTokenAsync(portal, ada);
        await InviteAsync(portal, ada);

        portal.Advance(TimeSpan.FromHours(1));
        await Eventually.TrueAsync(
            async () => await portal.CountAsync<MailedLinkRequest>() == 0 && await portal.CountAsync<MailedLink>() == 1,
            "request and link are deleted");
    }

    private async Task<PortalHost> StartAsync(DatabaseKind database, Func<PortalSettings, PortalSettings>? with = null)
    {
        var settings = await postgres.NewAsync(database);
        return await PortalHost.StartAsync(with?.Invoke(settings) ?? settings);
    }

    private static MailedLinkRequests Requests(PortalHost portal) => portal.Services.GetRequiredService<MailedLinkRequests>();

    private static PasswordLinks Links(PortalHost portal) => portal.Services.GetRequiredService<PasswordLinks>();

    private static Task<bool> AskAsync(PortalHost portal, string name, Caller? by = null) =>
        Requests(portal).AddAsync(MailedLinkKind.ForgottenPassword, name, by ?? Somebody);

    private static Task<NewPasswordOutcome> SetAsync(
        PortalHost portal, string token, string password = New, MailedLinkKind kind = MailedLinkKind.ForgottenPassword) =>
        Links(portal).SetPasswordAsync(kind, token, password, Somebody);

    private static Task AnsweredAsync(PortalHost portal) =>
        Eventually.TrueAsync(
            async () => await portal.CountAsync<MailedLinkRequest>(requests => requests.Where(r => r.AnsweredAt == null)) == 0,
            "all requests are answered");

    /// <summary>Returns the token of the <paramref name="count"/>th link that the person has requested.</summary>
    private static async Task<string> AskedTokenAsync(PortalHost portal, TestPerson person, string? name = null, int count = 1)
    {
        Assert.True(await AskAsync(portal, name ?? person.Username));
        await AnsweredAsync(portal);
        var mails = await MailsAsync(portal, person, "forgotten-password");
        Assert.Equal(count, mails.Count);
        return Token(mails[^1]);
    }

    private static async Task<string> InviteAsync(PortalHost portal, TestPerson person)
    {
        await using (var work = await portal.BeginAsync())
        {
            await PasswordLinks.InviteAsync(work, (await work.Users.FindAsync(person.Id))!, new Caller.Console());
            await work.CommitAsync();
        }
        return Token((await MailsAsync(portal, person, "invitation"))[^1]);
    }

    private static string Token(IReadOnlyDictionary<string, string> mail) => mail["link"].Split('#')[1];

    /// <summary>Returns the values of the mails made from that template for the person, oldest first.</summary>
    private static async Task<List<IReadOnlyDictionary<string, string>>> MailsAsync(PortalHost portal, TestPerson to, string template)
    {
        await using var work = await portal.BeginAsync();
        var entries = await work.Query<OutboxEntry>().Where(e => e.RecipientAddress == to.Email && e.TemplateKey == template).ToListAsync();
        // The clock stands still, so links may have the same time; which one is open tells them apart.
        var open = (await work.Query<MailedLink>().ToListAsync()).ToDictionary(l => Convert.ToHexString(l.TokenHash), l => l.ConsumedAt is null);
        return
        [
            .. entries.Select(e => work.Values(e))
                .OrderBy(v => v.TryGetValue("link", out var link)
                    && open.GetValueOrDefault(Convert.ToHexString(SecretToken.Hash(link.Split('#')[1]))))
        ];
    }

    private static async Task<List<T>> RowsAsync<T>(PortalHost portal) where T : class
    {
        await using var work = await portal.BeginAsync();
        return await work.Query<T>().ToListAsync();
    }
}

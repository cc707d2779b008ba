using System.Net;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>
/// Guesses one after another, on both databases: cases A01 (wrong codes and passwords), A03 (replay) and A06 (odd input) of docs/threats.md.
/// </summary>
public sealed class LockoutTests(PostgresCluster postgres)
{
    private const string Wrong = "Not the pass phrase at all";

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task An_unknown_name_locks_after_as_many_tries_as_a_real_one_and_reads_the_same(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.AddPersonAsync();

        var real = await GuessAsync(host, Enumerable.Repeat("ada", 7));
        var unknown = await GuessAsync(host, ["nobody", " NOBODY", "Nobody ", "nobody", "nobody", "nobody", "nobody"]);

        Assert.Equal(real, unknown);
        Assert.All(real[..4], outcome => Assert.IsType<Refusal.Wrong>(Refused.For(outcome)));
        Assert.All(real[4..], outcome => Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)), outcome));
        Assert.Equal(1, await host.CountAsync<DecoyAccount>());
        Assert.Equal(5, await host.EventsAsync<AuditEvent.UnknownName>());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_inactive_account_behaves_as_an_unknown_name_also_with_the_right_password(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var ada = await host.AddPersonAsync(state: AccountState.Inactive);

        var outcomes = await GuessAsync(host, Enumerable.Repeat("ada", 6), ada.Password);

        Assert.All(outcomes[..4], outcome => Assert.IsType<Refusal.Wrong>(Refused.For(outcome)));
        Assert.All(outcomes[4..], outcome => Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)), outcome));
        Assert.Equal(5, await host.EventsAsync<AuditEvent.UnknownName>());
        Assert.Equal((0, null), ((await host.UserAsync(ada)).AccessFailedCount, (await host.UserAsync(ada)).LockoutEnd));
        Assert.Equal(0, await host.CountAsync<SignInTicket>());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Case_spaces_and_the_e_mail_address_are_one_counter(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var person = await host.AddPersonAsync("Ünal");

        var outcomes = await GuessAsync(host, ["Ünal", " ÜNAL ", "u\u0308nal", "Ünal@example.test", "\tüNAL@EXAMPLE.TEST "]);

        Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)), outcomes[^1]);
        Assert.Equal(5, (await host.UserAsync(person)).AccessFailedCount);
        Assert.Equal(0, await host.CountAsync<DecoyAccount>());
    }

    [Trait("Category", "Exhaustive")]
    [Theory, MemberData(nameof(Both))]
    public async Task Timed_locks_double_up_to_a_day_and_the_hundredth_failure_locks_for_good_for_real_and_unknown_names_alike(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync(lockMinutes: 10);
        var ada = await host.AddPersonAsync();
        List<TimeSpan?> locks = [];
        while (locks.Count < 20)
        {
            var real = await GuessAsync(host, Enumerable.Repeat("ada", 5));
            Assert.Equal(real, await GuessAsync(host, Enumerable.Repeat("nobody", 5)));
            Assert.All(real[..4], outcome => Assert.IsType<Refusal.Wrong>(Refused.For(outcome)));
            var until = Assert.IsType<Refusal.LockedOut>(Refused.For(real[4])).Until;
            locks.Add(until - host.Now);
            if (until is null) break;
            host.Advance(until.Value - host.Now - TimeSpan.FromSeconds(1));
            Assert.Equal(until, Assert.IsType<Refusal.LockedOut>(Refused.For(Assert.Single(await GuessAsync(host, ["ada"], ada.Password)))).Until);
            host.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(AccountStatus.Active, (await host.UserAsync(ada)).StatusAt(host.Now));
        }

        Assert.Equal(
            [10, 20, 40, 80, 160, 320, 640, 1280, .. Enumerable.Repeat(1440, 11)],
            locks[..^1].Select(length => (int)length!.Value.TotalMinutes));
        Assert.Null(locks[^1]);
        Assert.Equal(20, locks.Count);
        Assert.Equal(100, (await host.UserAsync(ada)).FailuresInARow);
        Assert.Equal(20, await host.EventsAsync<AuditEvent.LockedAfterFailures>(ada));
        host.Advance(TimeSpan.FromDays(30));
        Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)), Assert.Single(await GuessAsync(host, ["ada"], ada.Password)));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_complete_sign_in_ends_the_doubling_and_a_half_one_does_not(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync(lockMinutes: 10);
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var visitor = CircuitVisitor.At(host);
        await GuessAsync(host, Enumerable.Repeat("ada", 5));
        host.Advance(TimeSpan.FromMinutes(10));

        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));
        Assert.Equal((0, 1, 5), Counters(await host.UserAsync(ada)));
        Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now)));

        Assert.Equal((0, 0, 0), Counters(await host.UserAsync(ada)));
        var locked = Assert.IsType<Refusal.LockedOut>(Refused.For((await GuessAsync(host, Enumerable.Repeat("ada", 5)))[^1]));
        Assert.Equal(host.Now.AddMinutes(10), locked.Until);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_last_active_administrator_is_locked_for_fifteen_minutes_only(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        var administrator = PortalSettings.FirstAdministrator.Username;

        await GuessAsync(host, Enumerable.Repeat(administrator, 5));
        var alone = await EndAsync(administrator);
        host.Advance(TimeSpan.FromMinutes(15));
        var first = host.Now;
        await GuessAsync(host, Enumerable.Repeat(administrator, 5));
        var again = await EndAsync(administrator);
        // The first administrator's lock runs out first: only then can two administrators act.
        host.Advance(TimeSpan.FromMinutes(31));
        var other = await host.AddPersonAsync(administrator: true);
        await GuessAsync(host, Enumerable.Repeat(other.Username, 5));

        Assert.Equal([first, first.AddMinutes(30), DateTimeOffset.MaxValue], [alone, again, await EndAsync(other.Username)]);

        async Task<DateTimeOffset?> EndAsync(string name)
        {
            await using var work = await host.BeginAsync();
            return (await work.Users.FindTypedAsync(name))!.LockoutEnd;
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Passwords_and_codes_share_one_counter_and_the_right_ones_come_too_late(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync(lockMinutes: 10);
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var visitor = CircuitVisitor.At(host);
        var wrong = await Oathtool.WrongCodeAsync(ada.Secret!, host.Now);

        await GuessAsync(host, ["ada", "ada"]);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync(wrong)));
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync(wrong)));
        Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(host.Now.AddMinutes(10), 5)), await visitor.CodeAsync(wrong));
        Assert.IsType<Refusal.Changed>(Refused.For(await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now))));
        Assert.IsType<Refusal.LockedOut>(Refused.For(await visitor.PasswordAsync("ada", ada.Password)));

        Assert.Equal((2, 3), (await host.EventsAsync<AuditEvent.WrongPassword>(ada), await host.EventsAsync<AuditEvent.WrongCode>(ada)));
        host.Advance(TimeSpan.FromMinutes(10));
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));
        Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now)));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_used_code_and_every_older_one_are_refused_for_good(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync();
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var visitor = CircuitVisitor.At(host);
        await using var another = CircuitVisitor.At(host);
        foreach (var one in new[] { visitor, another }) Assert.IsType<SignInOutcome.CodeRequired>(await one.PasswordAsync("ada", ada.Password));
        // From a device whose clock is ahead.
        var next = await Oathtool.CodeAsync(ada.Secret!, host.Now + Oathtool.Step);

        Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(next));
        Assert.IsType<Refusal.Wrong>(Refused.For(await another.CodeAsync(next)));
        Assert.IsType<Refusal.Wrong>(Refused.For(await another.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now))));
        host.Advance(Oathtool.Step);
        Assert.IsType<Refusal.Wrong>(Refused.For(await another.CodeAsync(next)));
        host.Advance(Oathtool.Step);
        Assert.IsType<SignInOutcome.Proved>(await another.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now)));

        Assert.Equal(3, await host.EventsAsync<AuditEvent.ReusedCode>(ada));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Whatever_is_not_six_ASCII_digits_of_a_near_step_is_a_wrong_code_and_counts(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync(attempts: 100);
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var visitor = CircuitVisitor.At(host);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));
        var right = await Oathtool.CodeAsync(ada.Secret!, host.Now);
        string[] wrong =
        [
            "", " ", "+" + right, "-", "0000" + right, right + "\0", right + "\ufffe", right + "\ud800",
            "\u200b", right[..5], right + "0", new('1', 1_000_000),
            string.Concat(right.Select(digit => (char)(digit - '0' + '٠'))), "0x" + right[..4], right[..3] + "." + right[3..],
            await Oathtool.CodeAsync(ada.Secret!, host.Now - 2 * Oathtool.Step), await Oathtool.CodeAsync(ada.Secret!, host.Now + 2 * Oathtool.Step),
        ];

        foreach (var code in wrong) Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync(code)));

        Assert.Equal(wrong.Length, (await host.UserAsync(ada)).AccessFailedCount);
        Assert.Equal(wrong.Length, await host.EventsAsync<AuditEvent.WrongCode>(ada));
        var fullWidth = string.Concat(right[3..].Select(digit => (char)(digit - '0' + '０')));
        Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync($"\t{right[..3]}\u00a0-\u200b {fullWidth}\n"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_the_password_proved_is_forgotten_after_five_minutes(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync();
        var ada = await host.AddPersonAsync(enrolled: true);
        await using var visitor = CircuitVisitor.At(host);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));
        host.Advance(TimeSpan.FromMinutes(5));

        Assert.IsType<Refusal.Changed>(Refused.For(await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now))));
        Assert.Equal(0, await host.CountAsync<SignInTicket>());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_enrolment_that_cannot_be_read_refuses_loudly_and_never_lets_the_password_alone_through(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync();
        var ada = await host.AddPersonAsync(enrolled: true);
        var bob = await host.AddPersonAsync("bob", enrolled: true);
        await using (var work = await host.BeginAsync())
        {
            await work.Query<Authenticator>().Where(a => a.UserId == ada.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.ProtectedKey, new byte[] { 1, 2, 3 }));
            (await work.Tracked<PortalUser>().SingleAsync(u => u.Id == bob.Id)).EnrolmentId = null;
            await work.CommitAsync();
        }
        await using var visitor = CircuitVisitor.At(host);

        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));
        Assert.IsType<Refusal.Unreadable>(Refused.For(await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, host.Now))));
        Assert.IsType<Refusal.Unreadable>(Refused.For(await visitor.PasswordAsync("bob", bob.Password)));

        Assert.Equal(0, await host.CountAsync<SignInTicket>());
        Assert.Equal(1, await host.EventsAsync<AuditEvent.AuthenticatorUnreadable>(ada));
        Assert.Equal(0, (await host.UserAsync(ada)).AccessFailedCount);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Fifty_sign_ins_at_once_all_come_through(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync(attempts: 100);
        List<TestPerson> people = [];
        for (var n = 0; n < 10; n++) people.Add(await host.AddPersonAsync($"person{n}"));
        await using var visitors = new Crowd([.. Enumerable.Range(0, 50).Select(_ => CircuitVisitor.At(host))]);

        var statuses = await TestAccounts.AtOnceAsync(visitors.Select((visitor, n) => (Func<Task<HttpStatusCode>>)(async () =>
        {
            var answer = await visitor.PasswordAsync(people[n % 10].Username, TestAccounts.Password);
            return await visitor.RedeemAsync(Assert.IsType<SignInOutcome.Proved>(answer).Ticket);
        })));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.NoContent, status));
        Assert.Equal(50, await host.CountAsync<PortalSession>());
        Assert.Equal(0, await host.CountAsync<PortalUser>(users => users.Where(u => u.AccessFailedCount != 0)));
    }

    private async Task<PortalHost> StartAsync(DatabaseKind kind) =>
        await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(kind)));

    private static (int Attempts, int Locks, int Failures) Counters(PortalUser user) =>
        (user.AccessFailedCount, user.LocksInARow, user.FailuresInARow);

    /// <summary>Makes each guess from a circuit of its own: the counter belongs to the account, not to the circuit.</summary>
    private static async Task<List<SignInOutcome>> GuessAsync(PortalHost host, IEnumerable<string> names, string password = Wrong)
    {
        List<SignInOutcome> outcomes = [];
        foreach (var name in names)
        {
            await using var visitor = CircuitVisitor.At(host);
            outcomes.Add(await visitor.PasswordAsync(name, password));
        }
        return outcomes;
    }
}

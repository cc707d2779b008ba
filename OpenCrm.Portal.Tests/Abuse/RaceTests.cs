using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>
/// Parallel requests on two nodes with one PostgreSQL: cases A02 (wrong codes at once), A04 (one code replayed at once) and A10 (tickets as tokens)
/// of docs/threats.md.
/// </summary>
public sealed class RaceTests(PostgresCluster postgres)
{
    private const string Wrong = "Not the pass phrase at all";

    /// <summary>Red when an attempt is reserved without the condition <c>AccessFailedCount &lt; limit</c>.</summary>
    [Fact]
    public async Task Two_hundred_parallel_wrong_passwords_are_looked_at_as_often_as_the_limit_allows()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var ada = await nodes.A.AddPersonAsync();
        await using var visitors = Visitors(nodes, 200);

        var outcomes = await TestAccounts.AtOnceAsync(
            visitors.Select(visitor => (Func<Task<SignInOutcome>>)(() => visitor.PasswordAsync(ada.Username, Wrong))));

        Assert.True(outcomes.Count(outcome => outcome is SignInOutcome.Refused { Refusal: Refusal.Wrong }) <= 4);
        Assert.All(
            outcomes,
            outcome => Assert.True(
                outcome is SignInOutcome.Refused { Refusal: Refusal.Wrong }
                    or SignInOutcome.Refused { Refusal: Refusal.LockedOut { Until: null, Attempts: 5 } },
                $"{outcome}"));
        Assert.Equal(5, await nodes.A.EventsAsync<AuditEvent.WrongPassword>(ada));
        await AssertLockedOnceAsync(nodes, ada, evaluated: 5);
    }

    /// <summary>Red when an attempt is reserved without the condition <c>AccessFailedCount &lt; limit</c>.</summary>
    [Fact]
    public async Task Two_hundred_parallel_wrong_codes_over_eight_sign_ins_are_looked_at_as_often_as_the_limit_allows()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        await using var visitors = Visitors(nodes, 8);
        foreach (var visitor in visitors) Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(ada.Username, ada.Password));
        var wrong = await Oathtool.WrongCodeAsync(ada.Secret!, nodes.Now);

        var outcomes = await TestAccounts.AtOnceAsync(
            Enumerable.Range(0, 200).Select(n => (Func<Task<SignInOutcome>>)(() => visitors[n % 8].CodeAsync(wrong))));

        Assert.True(outcomes.Count(outcome => outcome is SignInOutcome.Refused { Refusal: Refusal.Wrong }) <= 4);
        Assert.Equal(5, await nodes.A.EventsAsync<AuditEvent.WrongCode>(ada));
        await AssertLockedOnceAsync(nodes, ada, evaluated: 5);
        Assert.Equal(0, await nodes.A.CountAsync<PendingSignIn>());
    }

    /// <summary>Red when a step is consumed without the condition <c>LastStep &lt; step</c>.</summary>
    [Fact]
    public async Task Twenty_parallel_sign_ins_with_one_right_code_give_one_session()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync(attempts: 100);
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        await using var visitors = Visitors(nodes, 20);
        foreach (var visitor in visitors) Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(ada.Username, ada.Password));
        var code = await Oathtool.CodeAsync(ada.Secret!, nodes.Now);

        var statuses = await TestAccounts.AtOnceAsync(visitors.Select(visitor => (Func<Task<HttpStatusCode?>>)(async () =>
            await visitor.CodeAsync(code) is SignInOutcome.Proved proved ? await visitor.RedeemAsync(proved.Ticket) : null)));

        Assert.Equal(HttpStatusCode.NoContent, Assert.Single(statuses, status => status is not null));
        Assert.Equal(1, await nodes.A.CountAsync<PortalSession>());
        Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.SignedIn>(ada));
        Assert.Equal(19, await nodes.A.EventsAsync<AuditEvent.ReusedCode>(ada));
        Assert.Equal(AuthenticatorKey.StepAt(nodes.Now), Assert.Single(await nodes.A.AuthenticatorsAsync(ada)).LastStep);
    }

    /// <summary>Red when an attempt is reserved without the conditions on lock and limit: the codes are checked again then.</summary>
    [Fact]
    public async Task The_right_code_among_forty_wrong_ones_after_the_limit_is_not_even_looked_at()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        await using var visitors = Visitors(nodes, 8);
        foreach (var visitor in visitors) Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(ada.Username, ada.Password));
        var (right, wrong) = (await Oathtool.CodeAsync(ada.Secret!, nodes.Now), await Oathtool.WrongCodeAsync(ada.Secret!, nodes.Now));
        for (var n = 0; n < 5; n++) await visitors[n].CodeAsync(wrong);
        var (enrolment, before) = ((await nodes.A.UserAsync(ada)).EnrolmentId!.Value, Assert.Single(await nodes.A.AuthenticatorsAsync(ada)));

        var outcomes = await TestAccounts.AtOnceAsync(
            Enumerable.Range(0, 41).Select(n => (Func<Task<SignInOutcome>>)(() => visitors[n % 8].CodeAsync(n == 20 ? right : wrong))));
        // The lock ended the half-done sign-ins. A caller that uses the verifier directly, as a step-up does, gets no further either.
        var refusals = await TestAccounts.AtOnceAsync(Enumerable.Range(0, 41).Select(n => (Func<Task<Refusal?>>)(() =>
            Answer.CodeAsync(nodes[n].Services.GetRequiredService<Attempts>(), ada.Id, enrolment, n == 20 ? right : wrong))));

        Assert.All(outcomes, outcome => Assert.IsType<Refusal.Changed>(Refused.For(outcome)));
        Assert.All(refusals, refusal => Assert.IsType<Refusal.LockedOut>(refusal));
        Assert.Equal(0, await nodes.A.CountAsync<SignInTicket>());
        Assert.Equal(0, await nodes.A.EventsAsync<AuditEvent.ReusedCode>(ada));
        Assert.Equal(5, await nodes.A.EventsAsync<AuditEvent.WrongCode>(ada));
        Assert.Equal(before.LastStep, Assert.Single(await nodes.A.AuthenticatorsAsync(ada)).LastStep);
        await AssertLockedOnceAsync(nodes, ada, evaluated: 5);
    }

    [Fact]
    public async Task A_lock_on_one_node_ends_a_half_done_sign_in_on_the_other()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        await using var halfDone = CircuitVisitor.At(nodes.B);
        Assert.IsType<SignInOutcome.CodeRequired>(await halfDone.PasswordAsync(ada.Username, ada.Password));
        await using var guesser = CircuitVisitor.At(nodes.A);
        for (var n = 0; n < 5; n++) await guesser.PasswordAsync(ada.Username, Wrong);

        var outcome = await halfDone.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, nodes.Now));

        Assert.IsType<Refusal.Changed>(Refused.For(outcome));
        Assert.Equal(0, await nodes.A.CountAsync<SignInTicket>());
        Assert.True(Assert.Single(await nodes.A.AuthenticatorsAsync(ada)).LastStep < AuthenticatorKey.StepAt(nodes.Now));
    }

    [Fact]
    public async Task A_lock_voids_a_ticket_that_was_not_redeemed_yet()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var ada = await nodes.A.AddPersonAsync();
        await using var visitor = CircuitVisitor.At(nodes.B);
        var proved = Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(ada.Username, ada.Password));
        await using var guesser = CircuitVisitor.At(nodes.A);
        for (var n = 0; n < 5; n++) await guesser.PasswordAsync(ada.Username, Wrong);

        Assert.Equal(HttpStatusCode.Forbidden, await visitor.RedeemAsync(proved.Ticket));
        Assert.Equal(0, await nodes.A.CountAsync<PortalSession>());
    }

    /// <summary>
    /// A lock changes the user's row first and the tickets after it. Red with a deadlock when a redemption takes them in the other order.
    /// </summary>
    [Fact]
    public async Task Locks_and_redemptions_at_once_never_deadlock_and_leave_no_session_made_after_the_lock()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync(attempts: 1);
        for (var round = 0; round < 20; round++)
        {
            var person = await nodes.A.AddPersonAsync($"person{round}");
            await using var visitor = CircuitVisitor.At(nodes.B);
            await using var guesser = CircuitVisitor.At(nodes.A);
            var ticket = Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(person.Username, person.Password)).Ticket;

            await TestAccounts.AtOnceAsync<object>(
            [
                async () => await visitor.RedeemAsync(ticket) is HttpStatusCode.NoContent or HttpStatusCode.Forbidden
                    ? "answered"
                    : throw new InvalidOperationException("Neither a session nor a refusal"),
                async () => await guesser.PasswordAsync(person.Username, Wrong),
            ]);

            Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.LockedAfterFailures>(person));
        }
    }

    [Fact]
    public async Task A_right_password_and_a_wrong_code_from_ever_new_circuits_lock_all_the_same()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        var wrong = await Oathtool.WrongCodeAsync(ada.Secret!, nodes.Now);
        List<SignInOutcome> outcomes = [];
        for (var n = 0; n < 6; n++)
        {
            await using var visitor = CircuitVisitor.At(nodes[n]);
            var first = await visitor.PasswordAsync(ada.Username, ada.Password);
            outcomes.Add(first is SignInOutcome.CodeRequired ? await visitor.CodeAsync(wrong) : first);
        }

        Assert.All(outcomes[..4], outcome => Assert.IsType<Refusal.Wrong>(Refused.For(outcome)));
        Assert.All(outcomes[4..], outcome => Assert.IsType<Refusal.LockedOut>(Refused.For(outcome)));
        await AssertLockedOnceAsync(nodes, ada, evaluated: 5);
    }

    /// <summary>Red when a right password does not give its attempt back.</summary>
    [Fact]
    public async Task Right_and_wrong_passwords_at_once_leave_the_counter_at_the_wrong_ones()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync(attempts: 100);
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        await using var visitors = Visitors(nodes, 6);
        for (var round = 1; round <= 50; round++)
        {
            await TestAccounts.AtOnceAsync(visitors.Select((visitor, n) =>
                (Func<Task<SignInOutcome>>)(() => visitor.PasswordAsync(ada.Username, n == 0 ? Wrong : ada.Password))));

            Assert.Equal(round, await nodes.A.EventsAsync<AuditEvent.WrongPassword>(ada));
            Assert.Equal(round, (await nodes.A.UserAsync(ada)).AccessFailedCount);
        }
        Assert.Equal(50, (await nodes.A.UserAsync(ada)).FailuresInARow);
        Assert.Equal(0, await nodes.A.EventsAsync<AuditEvent.LockedAfterFailures>(ada));
        Assert.Equal(1, await nodes.A.CountAsync<AddressCount>(counts => counts.Where(c => c.Count == 50)));
    }

    /// <summary>
    /// Red when <c>CounterEpoch</c> is not compared where an attempt is reserved: an attempt on a counter that has been reset since would never be
    /// given back.
    /// </summary>
    [Fact]
    public async Task No_attempt_is_reserved_on_a_counter_that_was_set_to_zero_since_it_was_read()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var ada = await nodes.A.AddPersonAsync();
        var read = await nodes.A.UserAsync(ada);
        await using (var completing = await nodes.B.BeginAsync())
        {
            Assert.True(await completing.Attempts.CompleteSignInAsync(read, nodes.Now));
            await completing.CommitAsync();
        }

        await using var work = await nodes.A.BeginAsync();
        Assert.False(await work.Attempts.ReserveAsync(read, 5, nodes.Now));
        Assert.True(await work.Attempts.ReserveAsync(await nodes.A.UserAsync(ada), 5, nodes.Now));
    }

    /// <summary>
    /// Rows are always held in the same order. Red with a deadlock when the row of the client address is changed in the transaction of the account's
    /// row.
    /// </summary>
    [Fact]
    public async Task Complete_sign_ins_at_once_leave_the_counter_at_zero()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync(attempts: 100);
        var ada = await nodes.A.AddPersonAsync();
        await using var visitors = Visitors(nodes, 8);
        for (var round = 0; round < 50; round++)
        {
            var outcomes = await TestAccounts.AtOnceAsync(
                visitors.Select(visitor => (Func<Task<SignInOutcome>>)(() => visitor.PasswordAsync(ada.Username, ada.Password))));

            Assert.All(outcomes, outcome => Assert.IsType<SignInOutcome.Proved>(outcome));
            Assert.Equal(0, (await nodes.A.UserAsync(ada)).AccessFailedCount);
        }
    }

    /// <summary>Red when a ticket is read first and marked afterwards.</summary>
    [Fact]
    public async Task One_ticket_redeemed_ten_times_at_once_gives_one_session()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var ada = await nodes.A.AddPersonAsync();
        await using var visitor = CircuitVisitor.At(nodes.A);
        await using var visitors = new Crowd([.. Enumerable.Range(0, 10).Select(n => visitor.MovedTo(nodes[n]))]);
        for (var round = 1; round <= 5; round++)
        {
            var ticket = Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(ada.Username, ada.Password)).Ticket;

            var statuses = await TestAccounts.AtOnceAsync(visitors.Select(one => (Func<Task<HttpStatusCode>>)(() => one.RedeemAsync(ticket))));

            Assert.Single(statuses, HttpStatusCode.NoContent);
            Assert.Equal(9, statuses.Count(status => status == HttpStatusCode.Forbidden));
            Assert.Equal(round, await nodes.A.CountAsync<PortalSession>());
            Assert.Equal(round, await nodes.A.EventsAsync<AuditEvent.SignedIn>(ada));
        }
    }

    [Fact]
    public async Task A_ticket_is_good_in_its_own_browser_and_for_thirty_seconds_only()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var ada = await nodes.A.AddPersonAsync();
        await using var visitor = CircuitVisitor.At(nodes.A);
        await using var thief = CircuitVisitor.At(nodes.B);
        var ticket = Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(ada.Username, ada.Password)).Ticket;

        Assert.Equal(HttpStatusCode.Forbidden, await thief.RedeemAsync(ticket));
        Assert.Equal(HttpStatusCode.Forbidden, await visitor.RedeemAsync(ticket[..^1] + (ticket[^1] == 'A' ? 'B' : 'A')));
        Assert.Equal(HttpStatusCode.Forbidden, await visitor.RedeemAsync(ticket[..^1]));
        nodes.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.Forbidden, await visitor.RedeemAsync(ticket));
        Assert.Equal(0, await nodes.A.CountAsync<PortalSession>());

        var fresh = Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(ada.Username, ada.Password)).Ticket;
        nodes.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(HttpStatusCode.NoContent, await visitor.RedeemAsync(fresh));
        Assert.Equal(1, await nodes.A.CountAsync<PortalSession>());
    }

    /// <summary>Sign-ins of different people from one address wait for each other only as long as a statement takes, and never in a circle.</summary>
    [Fact]
    public async Task Many_people_at_one_address_sign_in_at_once()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        List<TestPerson> people = [];
        for (var n = 0; n < 10; n++) people.Add(await nodes.A.AddPersonAsync($"person{n}"));
        await using var visitors = Visitors(nodes, 60);

        var outcomes = await TestAccounts.AtOnceAsync(visitors.Select((visitor, n) =>
            (Func<Task<SignInOutcome>>)(() => visitor.PasswordAsync(people[n % 10].Username, TestAccounts.Password))));

        Assert.All(outcomes, outcome => Assert.IsType<SignInOutcome.Proved>(outcome));
        Assert.Equal(0, await nodes.A.CountAsync<AddressCount>(counts => counts.Where(c => c.Count != 0)));
    }

    [Fact]
    public async Task The_limit_of_an_address_holds_for_parallel_guesses_of_many_names()
    {
        await using var host = await PortalHost.StartAsync(
            (await postgres.NewAsync(DatabaseKind.Postgres)).With("Limits:SignInFailures", "20"));
        await using var visitors = new Crowd([.. Enumerable.Range(0, 100).Select(_ => CircuitVisitor.At(host))]);

        var outcomes = await TestAccounts.AtOnceAsync(
            visitors.Select((visitor, n) => (Func<Task<SignInOutcome>>)(() => visitor.PasswordAsync($"nobody{n}", Wrong))));

        Assert.Equal(20, outcomes.Count(outcome => outcome is SignInOutcome.Refused { Refusal: Refusal.Wrong }));
        Assert.Equal(80, outcomes.Count(outcome => outcome is SignInOutcome.Refused { Refusal: Refusal.TooManyFromHere }));
        Assert.Equal(20, await host.EventsAsync<AuditEvent.UnknownName>());
        await using var elsewhere = CircuitVisitor.At(host, "198.51.100.7");
        Assert.IsType<Refusal.Wrong>(Refused.For(await elsewhere.PasswordAsync("nobody", Wrong)));
    }

    private static async Task AssertLockedOnceAsync(TwoNodes nodes, TestPerson person, int evaluated)
    {
        var user = await nodes.B.UserAsync(person);
        Assert.Equal(AccountStatus.LockedFailedAttempts, user.StatusAt(nodes.Now));
        Assert.Equal((evaluated, evaluated, 1), (user.AccessFailedCount, user.FailuresInARow, user.LocksInARow));
        Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.LockedAfterFailures>(person));
        Assert.Equal(
            1,
            await nodes.A.CountAsync<OutboxEntry>(
                mails => mails.Where(m => m.TemplateKey == "account-locked" && m.RecipientAddress == person.Email)));
    }

    private static Crowd Visitors(TwoNodes nodes, int count) => new([.. Enumerable.Range(0, count).Select(n => CircuitVisitor.At(nodes[n]))]);
}

using System.Net;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>A temporary code: who gives it to whom, what it stands in for, and what ends it (docs/spec.md 11.5).</summary>
public sealed class TemporaryCodeTests(PostgresCluster postgres)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Second = TimeSpan.FromSeconds(1);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    public static TheoryData<DatabaseKind, Fall> Falls =>
        [.. Enum.GetValues<DatabaseKind>().SelectMany(_ => Enum.GetValues<Fall>(), (database, fall) => (database, fall))];

    public enum Fall
    {
        Deactivated,
        Locked,
        Demoted,
        DemotedAndPromoted,
        LockedAfterFailures,
    }

    /// <summary>Red when the hold, a mail or the event is left out, and when the code works twice.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task It_stands_in_once_for_the_six_digits_and_everybody_concerned_is_told_twice(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var (boss, ada) = (await portal.AddPersonAsync("boss", enrolled: true, administrator: true), await portal.AddPersonAsync(enrolled: true));
        var code = await GiveAsync(portal, boss, ada);

        Assert.Equal(24, code.Length);
        Assert.Equal(SecretToken.Hash(code.Replace("-", "", StringComparison.Ordinal)), Assert.Single(await portal.RowsAsync<TemporaryCode>()).Hash);
        var given = await portal.MailsAsync("temporary-code-given");
        Assert.Equal((3, 1), (given.Count, given.Count(mail => mail["reader"] == "person")));
        Assert.All(given, mail => Assert.Equal(("boss", ada.Username), (mail["administrator_name"], mail["username"])));

        await using var visitor = CircuitVisitor.At(portal);
        // It never stands in for the password.
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync(ada.Username, code)));
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(ada.Username, ada.Password));
        var proved = Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync($"  {code.ToLowerInvariant().Replace('-', ' ')} "));
        Assert.Equal(HttpStatusCode.NoContent, await visitor.RedeemAsync(proved.Ticket));

        var session = Assert.Single(await portal.RowsAsync<PortalSession>(), s => s.UserId == ada.Id);
        Assert.Equal((true, RecoveryKind.TemporaryCode, portal.Now), (session.ProvedByCode, session.RecoveredBy, session.RecoveredAt));
        Assert.Equal(portal.Now.AddHours(72), Assert.Single(await portal.RowsAsync<RecoveryHold>()).Until);
        var used = await portal.MailsAsync("temporary-code-used");
        Assert.Equal((3, 1), (used.Count, used.Count(mail => mail["reader"] == "person")));
        Assert.All(used, mail => Assert.NotEqual("", mail["hold_until"]));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.TemporaryCodeGiven>(ada));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.TemporaryCodeUsed>(ada));
        Assert.Contains("temporary code", Assert.Single(
            await portal.RowsAsync<AuditEntry>(e => e.Where(x => x.Kind == nameof(AuditEvent.SignedIn)))).Details, StringComparison.Ordinal);
        Assert.All(await portal.RowsAsync<AuditEntry>(), entry => Assert.DoesNotContain(code, entry.Details, StringComparison.Ordinal));

        await using var again = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await again.PasswordAsync(ada.Username, ada.Password));
        Assert.IsType<Refusal.Wrong>(Refused.For(await again.CodeAsync(code)));
    }

    /// <summary>Red, each, when the service leaves out that check.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Who_may_give_it_to_whom_is_asked_in_the_service(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var boss = await portal.AddPersonAsync("boss", enrolled: true, administrator: true);
        var plain = await portal.AddPersonAsync("plain", administrator: true);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob"));
        var locked = await portal.AddPersonAsync("locked", enrolled: true, state: AccountState.Locked);
        await using var admin = await Seat.TakeAsync(portal, boss);
        await using var unenrolled = await Seat.TakeAsync(portal, plain);
        await using var user = await Seat.TakeAsync(portal, bob);

        Assert.IsType<TemporaryCodeOutcome.OwnAccount>(await Giving(admin).GiveAsync(boss.Id, Hour));
        Assert.IsType<TemporaryCodeOutcome.NotEnrolled>(await Giving(admin).GiveAsync(bob.Id, Hour));
        Assert.IsType<TemporaryCodeOutcome.NotActive>(await Giving(admin).GiveAsync(locked.Id, Hour));
        Assert.IsType<TemporaryCodeOutcome.NoSuchUser>(await Giving(admin).GiveAsync(Guid.NewGuid(), Hour));
        Assert.IsType<TemporaryCodeOutcome.GiverNotEnrolled>(await Giving(unenrolled).GiveAsync(ada.Id, Hour));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Giving(user).GiveAsync(ada.Id, Hour));
        foreach (var minutes in new[] { 0, 9, 1441 })
            Assert.IsType<TemporaryCodeOutcome.LifetimeInvalid>(await Giving(admin).GiveAsync(ada.Id, TimeSpan.FromMinutes(minutes)));
        await portal.HoldAsync(boss);
        await Assert.ThrowsAsync<RecoveryHoldException>(() => Giving(admin).GiveAsync(ada.Id, Hour));
        await LostDeviceFixture.ChangeAsync(portal, work => work.Query<RecoveryHold>().ExecuteDeleteAsync());
        portal.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<StepUpNeed.PasswordAndCode>(
            Assert.IsType<TemporaryCodeOutcome.StepUpNeeded>(await Giving(admin).GiveAsync(ada.Id, Hour)).Need);
        await portal.SetSecurityAsync(mfa: false);
        Assert.IsType<TemporaryCodeOutcome.NotEnrolled>(await Giving(admin).GiveAsync(ada.Id, Hour));

        Assert.Equal(0, await portal.CountAsync<TemporaryCode>());
        Assert.Empty(await portal.MailsAsync("temporary-code-given"));
    }

    /// <summary>Red when the limit is read and then written, and when it is counted for the person.</summary>
    [Fact]
    public async Task One_giver_gives_ten_an_hour_also_from_two_nodes_at_once_and_one_is_pending_for_a_person()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var boss = await nodes.A.AddPersonAsync("boss", enrolled: true, administrator: true);
        var other = await nodes.A.AddPersonAsync("other", enrolled: true, administrator: true);
        List<TestPerson> people = [];
        for (var n = 0; n < 4; n++) people.Add(await nodes.A.AddPersonAsync($"person{n}", enrolled: true));
        var seat = await Seat.TakeAsync(nodes.A, boss);

        var outcomes = await TestAccounts.AtOnceAsync(Enumerable.Range(0, 16).Select(n => (Func<Task<TemporaryCodeOutcome>>)(async () =>
        {
            await using var tab = await Seat.OpenTabAsync(nodes[n], seat.SessionId);
            return await Giving(tab).GiveAsync(people[n % people.Count].Id, Hour);
        })));

        Assert.Equal(10, outcomes.Count(outcome => outcome is TemporaryCodeOutcome.Given));
        Assert.Equal(6, outcomes.Count(outcome => outcome is TemporaryCodeOutcome.TooMany));
        Assert.Equal(people.Count, await nodes.A.CountAsync<TemporaryCode>());
        await using var others = await Seat.TakeAsync(nodes.B, other);
        Assert.IsType<TemporaryCodeOutcome.Given>(await Giving(others).GiveAsync(people[0].Id, Hour));
        nodes.Advance(Hour + Second);
        await using var later = await Seat.TakeAsync(nodes.B, boss);
        Assert.IsType<TemporaryCodeOutcome.Given>(await Giving(later).GiveAsync(people[0].Id, Hour));
        await seat.DisposeAsync();
    }

    /// <summary>Red when the giver is not looked at at the use, or what he gave is not ended with his right.</summary>
    [Theory, MemberData(nameof(Falls))]
    public async Task A_code_whose_giver_lost_the_right_meanwhile_is_void(DatabaseKind database, Fall fall)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var (boss, ada) = (await portal.AddPersonAsync("boss", enrolled: true, administrator: true), await portal.AddPersonAsync(enrolled: true));
        var second = await portal.AddPersonAsync("second", administrator: true);
        var code = await GiveAsync(portal, boss, ada);
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(ada.Username, ada.Password));
        await using var admin = await Seat.TakeAsync(portal, second);
        async Task SetRoleAsync(bool administrator)
        {
            var record = (await admin.Service<UserDetails>().ReadAsync(boss.Id))!;
            Assert.IsType<DetailsOutcome.Saved>(await admin.Service<UserDetails>().SaveAsync(
                boss.Id, record.Version, UserEdit.Of(record) with { IsSystemAdministrator = administrator }));
        }

        switch (fall)
        {
            case Fall.Deactivated:
                Assert.IsType<UserOutcome.Done>(await admin.Service<UserAdministration>().DeactivateAsync(boss.Id));
                break;
            case Fall.Locked:
                Assert.IsType<UserOutcome.Done>(await admin.Service<UserAdministration>().LockAsync(boss.Id));
                Assert.IsType<UserOutcome.Done>(await admin.Service<UserAdministration>().UnlockAsync(boss.Id));
                break;
            case Fall.Demoted:
                await SetRoleAsync(false);
                break;
            case Fall.DemotedAndPromoted:
                await SetRoleAsync(false);
                await SetRoleAsync(true);
                break;
            case Fall.LockedAfterFailures:
                await using (var stranger = CircuitVisitor.At(portal, "198.51.100.9"))
                    for (var n = 0; n < 5; n++) await stranger.PasswordAsync(boss.Username, "Not the pass phrase at all");
                break;
        }

        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync(code)));
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.TemporaryCodeUsed>());
        if (fall is not Fall.LockedAfterFailures) Assert.Equal(1, await portal.EventsAsync<AuditEvent.TemporaryCodeEnded>(ada));
    }

    /// <summary>The lock of docs/spec.md 1.5. Red when a temporary code has a counter of its own, or none.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Wrong_temporary_codes_and_wrong_digits_and_wrong_passwords_count_on_one_counter(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var (boss, ada) = (await portal.AddPersonAsync("boss", enrolled: true, administrator: true), await portal.AddPersonAsync(enrolled: true));
        var code = await GiveAsync(portal, boss, ada);
        await using var visitor = CircuitVisitor.At(portal);
        await visitor.PasswordAsync(ada.Username, "Not the pass phrase at all");
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(ada.Username, ada.Password));
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync("000000")));
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync(TemporaryCodeText.Generate())));
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync("111111")));
        Assert.Equal(4, (await portal.UserAsync(ada)).AccessFailedCount);

        Assert.IsType<Refusal.LockedOut>(Refused.For(await visitor.CodeAsync(TemporaryCodeText.Generate())));

        Assert.Equal(1, await portal.EventsAsync<AuditEvent.LockedAfterFailures>(ada));
        Assert.Equal(2, await portal.EventsAsync<AuditEvent.WrongTemporaryCode>(ada));
        await using var next = CircuitVisitor.At(portal);
        Assert.IsType<Refusal.LockedOut>(Refused.For(await next.PasswordAsync(ada.Username, ada.Password)));
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.TemporaryCodeUsed>());
        Assert.NotEmpty(code);
    }

    /// <summary>Red with several winners when the row is looked at and deleted afterwards.</summary>
    [Fact]
    public async Task Of_sign_ins_with_one_code_at_once_on_two_nodes_one_succeeds()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync(attempts: 100);
        var boss = await nodes.A.AddPersonAsync("boss", enrolled: true, administrator: true);
        for (var round = 0; round < 4; round++)
        {
            var person = await nodes.A.AddPersonAsync($"person{round}", enrolled: true);
            var code = await GiveAsync(nodes.A, boss, person);
            await using var visitors = new Crowd([.. Enumerable.Range(0, 8).Select(n => CircuitVisitor.At(nodes[n]))]);
            foreach (var visitor in visitors)
                Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(person.Username, person.Password));

            var outcomes = await TestAccounts.AtOnceAsync(visitors.Select(visitor => (Func<Task<SignInOutcome>>)(() => visitor.CodeAsync(code))));

            Assert.Single(outcomes, outcome => outcome is SignInOutcome.Proved);
            Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.TemporaryCodeUsed>(person));
            Assert.Single(await nodes.B.MailsAsync("temporary-code-used", person.Email));
        }
    }

    /// <summary>Red with <c>ExpiresAt &gt;= Now</c>.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task It_works_as_long_as_was_chosen_and_a_newer_one_takes_its_place(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var boss = await portal.AddPersonAsync("boss", enrolled: true, administrator: true);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob", enrolled: true));
        // Not at a full minute, when housekeeping deletes expired codes: here the code still stands and is refused.
        portal.Advance(TimeSpan.FromSeconds(10));
        var (older, newer) = (await GiveAsync(portal, boss, ada), await GiveAsync(portal, boss, ada));
        var bobs = await GiveAsync(portal, boss, bob, TimeSpan.FromMinutes(10));

        Assert.IsType<Refusal.Wrong>(Refused.For(await SignInAsync(portal, ada, older)));
        portal.Advance(TimeSpan.FromMinutes(10));
        Assert.IsType<Refusal.Wrong>(Refused.For(await SignInAsync(portal, bob, bobs)));
        portal.Advance(TimeSpan.FromMinutes(50) - Second);
        Assert.IsType<SignInOutcome.Proved>(await SignInAsync(portal, ada, newer));
    }

    /// <summary>Red when six digits, a lock or the end of MFA leave the code in force.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Six_digits_a_lock_and_the_end_of_MFA_end_it(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var boss = await portal.AddPersonAsync("boss", enrolled: true, administrator: true);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob", enrolled: true));
        var carl = await portal.AddPersonAsync("carl", enrolled: true);
        await using var admin = await Seat.TakeAsync(portal, boss);
        foreach (var person in new[] { ada, bob, carl }) await GiveAsync(portal, boss, person);

        await using var visitor = CircuitVisitor.At(portal);
        await LostDeviceFixture.SignInByCodeAsync(portal, visitor, ada);
        Assert.IsType<UserOutcome.Done>(await admin.Service<UserAdministration>().LockAsync(bob.Id));
        Assert.IsType<UserOutcome.Done>(await admin.Service<UserAdministration>().DisableMfaAsync(carl.Id));

        Assert.Equal(0, await portal.CountAsync<TemporaryCode>());
        Assert.Equal((1, 1, 0), (
            await portal.EventsAsync<AuditEvent.TemporaryCodeEnded>(ada), await portal.EventsAsync<AuditEvent.TemporaryCodeEnded>(bob),
            await portal.EventsAsync<AuditEvent.TemporaryCodeEnded>(carl)));
    }

    /// <summary>A lost-device link that waits is no business of whoever has no device. Red when any code ends it.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task It_ends_no_waiting_removal_because_it_shows_no_device(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        await portal.WaitAsync(24);
        var (boss, ada) = (await portal.AddPersonAsync("boss", enrolled: true, administrator: true), await portal.AddPersonAsync(enrolled: true));
        await portal.ConfirmAsync(await portal.LinkAsync(ada), ada);

        Assert.IsType<SignInOutcome.Proved>(await SignInAsync(portal, ada, await GiveAsync(portal, boss, ada)));

        Assert.Equal(1, await portal.CountAsync<MfaRemoval>());
    }

    /// <summary>At step-up it completes the proof and starts the hold, so that what the proof was for is refused.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task At_step_up_it_stands_in_beside_the_password_and_starts_the_hold(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var (boss, ada) = (await portal.AddPersonAsync("boss", enrolled: true, administrator: true), await portal.AddPersonAsync(enrolled: true));
        await using var page = await Seat.TakeAsync(portal, ada);
        var code = await GiveAsync(portal, boss, ada);
        portal.Advance(TimeSpan.FromMinutes(11));

        Assert.IsType<StepUpOutcome.Refused>(await page.Service<StepUp>().ProveAsync(StepUpFor.ChangingOwnEmail, "Not the pass phrase", code));
        Assert.IsType<StepUpOutcome.Proved>(await page.Service<StepUp>().ProveAsync(StepUpFor.ChangingOwnEmail, ada.Password, code));

        await Assert.ThrowsAsync<RecoveryHoldException>(() => page.Service<OwnCredentials>().ChangeEmailAsync("ada@elsewhere.test"));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.TemporaryCodeUsed>(ada));
    }

    /// <summary>
    /// Whoever got hold of one code that works for an hour must not leave with ten that work for ever. Red when it is read wherever six digits are.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task It_makes_no_recovery_codes_and_is_still_good_afterwards(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var (boss, ada) = (await portal.AddPersonAsync("boss", enrolled: true, administrator: true), await portal.AddPersonAsync(enrolled: true));
        await using var page = await Seat.TakeAsync(portal, ada);
        var code = await GiveAsync(portal, boss, ada);

        Assert.IsType<RecoveryCodesOutcome.NotProved>(await page.Service<OwnRecoveryCodes>().MakeNewAsync(ada.Password, code));

        Assert.Equal(0, await portal.EventsAsync<AuditEvent.RecoveryCodesMade>(ada));
        Assert.IsType<SignInOutcome.Proved>(await SignInAsync(portal, ada, code));
    }

    /// <summary>Red when it outlives the switch: ticked again, it would work for the next enrolment.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Switching_MFA_off_for_everybody_ends_it_for_good(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var (boss, ada) = (await portal.AddPersonAsync("boss", enrolled: true, administrator: true), await portal.AddPersonAsync(enrolled: true));
        await GiveAsync(portal, boss, ada);

        await portal.RequireAsync(boss, MustUseMfa.Nobody, mfa: false);

        Assert.Equal(0, await portal.CountAsync<TemporaryCode>());
    }

    private static TemporaryCodeGiving Giving(Seat seat) => seat.Service<TemporaryCodeGiving>();

    /// <summary>Gives a code from a page of its own, right after signing in.</summary>
    private static async Task<string> GiveAsync(PortalHost portal, TestPerson giver, TestPerson to, TimeSpan? lifetime = null)
    {
        await using var seat = await Seat.TakeAsync(portal, giver);
        return Assert.IsType<TemporaryCodeOutcome.Given>(await Giving(seat).GiveAsync(to.Id, lifetime ?? Hour)).Code;
    }

    private static async Task<SignInOutcome> SignInAsync(PortalHost portal, TestPerson person, string code)
    {
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(person.Username, person.Password));
        return await visitor.CodeAsync(code);
    }
}

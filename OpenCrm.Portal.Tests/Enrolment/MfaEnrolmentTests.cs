using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>Setting up MFA on a real database (docs/spec.md 2 and 3.5).</summary>
public sealed class MfaEnrolmentTests
{
    [Fact]
    public async Task Nothing_of_the_account_changes_before_Save()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);

        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());

        Assert.Equal(("OpenCRM", "ann.lee", false, false), (begun.Issuer, begun.Username, begun.Replaces, begun.ForSomebodyElse));
        await NothingHappened(fixture, ann);
        await circuit.Enrolment.CancelAsync();
        Assert.IsType<EnrolmentOutcome.Ended>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        await NothingHappened(fixture, ann);
    }

    [Fact]
    public async Task Save_with_a_right_code_stores_audits_and_mails_in_one()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);

        await fixture.EnrolAsync(circuit);

        var stored = await fixture.UserAsync(ann);
        Assert.True(stored.TwoFactorEnabled);
        var authenticator = Assert.Single(await fixture.AuthenticatorsAsync(ann));
        Assert.Equal((fixture.Now, ann.Id, "Authenticator app"), (authenticator.SetUpAt, authenticator.SetUpById, authenticator.Name));
        Assert.Equal(["MfaSetUp", "RecoveryCodesMade"], await fixture.EventsAsync());
        var mail = Assert.Single(await fixture.MailsAsync());
        Assert.Equal(("mfa-set-up", ann.Email), (mail.TemplateKey, mail.RecipientAddress));
    }

    [Fact]
    public async Task The_own_session_stays_and_is_raised_and_all_others_end()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        var priya = await fixture.AddUserAsync("priya.raman");
        await using var here = await fixture.SignInAsync(ann);
        await using var elsewhere = await fixture.SignInAsync(ann);
        await using var colleague = await fixture.SignInAsync(priya);
        await fixture.AddAsync(
            new PendingSignIn { Id = Guid.NewGuid(), UserId = ann.Id, SecurityStamp = "stamp", ExpiresAt = fixture.Now.AddMinutes(5) });

        await fixture.EnrolAsync(here);

        var own = await fixture.SessionAsync(here);
        Assert.Equal((null, true), (own.EndedAt, own.ProvedByCode));
        Assert.Equal(SessionEnd.MfaChanged, (await fixture.SessionAsync(elsewhere)).EndedBy);
        Assert.Null((await fixture.SessionAsync(colleague)).EndedAt);
        Assert.Empty(await fixture.HalfDoneAsync());
        // The session goes on working because Save raised it: a session proved by the password alone could do nothing now.
        Assert.IsType<EnrolmentOutcome.ChoiceNeeded>(await here.Enrolment.BeginAsync());
    }

    [Fact]
    public async Task A_wrong_code_leaves_everything_as_before_and_is_audited()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());

        Assert.IsType<EnrolmentOutcome.WrongCode>(await circuit.Enrolment.SaveAsync("12345"));

        var stored = await fixture.UserAsync(ann);
        Assert.Equal((false, null, 0), (stored.TwoFactorEnabled, stored.EnrolmentId, stored.AccessFailedCount));
        Assert.Contains("Wizard", Assert.Single(await fixture.EntriesAsync(), e => e.Kind == "WrongCode").Details, StringComparison.Ordinal);
        Assert.Empty(await fixture.MailsAsync());
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
    }

    [Fact]
    public async Task Ten_wrong_codes_end_the_run_and_its_key()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        await using var circuit = await fixture.SignInAsync(await fixture.AddUserAsync("ann.lee"));
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());

        for (var tries = 1; tries < MfaEnrolment.MostCodes; tries++) Assert.IsType<EnrolmentOutcome.WrongCode>(await circuit.Enrolment.SaveAsync(""));
        Assert.IsType<EnrolmentOutcome.TooManyWrongCodes>(await circuit.Enrolment.SaveAsync(""));

        Assert.IsType<EnrolmentOutcome.TooManyWrongCodes>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        Assert.Equal(MfaEnrolment.MostCodes, (await fixture.EventsAsync()).Count(kind => kind == "WrongCode"));
        // Loading the page again shows the same refusal. A new key is made only when the person asks for it.
        Assert.IsType<EnrolmentOutcome.TooManyWrongCodes>(await circuit.Enrolment.BeginAsync());
        var next = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(afresh: true));
        Assert.False(next.Resumed);
        Assert.NotEqual(begun.OtpauthUri, next.OtpauthUri);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-4)]
    public async Task A_clock_that_is_off_is_told_with_its_direction(int minutes)
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());

        var outcome = await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun, TimeSpan.FromMinutes(minutes)));

        Assert.Equal(TimeSpan.FromMinutes(minutes), Assert.IsType<EnrolmentOutcome.ClockOff>(outcome).By);
        await NothingHappened(fixture, ann);
    }

    [Fact]
    public async Task The_old_authenticator_works_until_Save_and_never_after()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var old = await fixture.EnrolAsync(circuit);

        fixture.Advance(TimeSpan.FromMinutes(1));
        var fresh = await EnrolmentFixture.BeginReplacingAsync(circuit);
        Assert.True(fresh.Replaces);
        Assert.IsType<Refusal.Wrong>(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(fresh)));
        Assert.Null(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(old)));
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(fresh)));

        fixture.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<Refusal.Wrong>(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(old)));
        Assert.Null(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(fresh)));
        Assert.Contains(await fixture.EntriesAsync(), e => e.Kind == "MfaSetUp" && e.Details.Contains("\"Replaced\":true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_code_of_Save_signs_nobody_in()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        var code = await fixture.CodeAsync(begun);
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(code));

        Assert.IsType<Refusal.Wrong>(await fixture.SignInByCodeAsync(ann, code));
        Assert.Contains("ReusedCode", await fixture.EventsAsync());
    }

    [Fact]
    public async Task While_the_switch_is_off_the_service_refuses()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync(switchedOn: false);
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);

        Assert.IsType<EnrolmentOutcome.SwitchedOff>(await circuit.Enrolment.BeginAsync());
    }

    [Fact]
    public async Task A_switch_turned_off_meanwhile_refuses_Save()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        await fixture.SwitchAsync(on: false);

        Assert.IsType<EnrolmentOutcome.SwitchedOff>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        await NothingHappened(fixture, ann);
    }

    [Fact]
    public async Task A_proof_older_than_ten_minutes_is_asked_for_at_the_door_and_at_Save()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        await using var circuit = await fixture.SignInAsync(await fixture.AddUserAsync("ann.lee"));
        fixture.Advance(TimeSpan.FromMinutes(11));
        var atTheDoor = Assert.IsType<EnrolmentOutcome.StepUpNeeded>(await circuit.Enrolment.BeginAsync());
        Assert.Equal(StepUpFor.AddingOwnAuthenticator, atTheDoor.For);
        Assert.IsType<StepUpNeed.Password>(atTheDoor.Need);

        await fixture.ProveAsync(circuit);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        fixture.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<EnrolmentOutcome.StepUpNeeded>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        await fixture.ProveAsync(circuit);
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
    }

    [Fact]
    public async Task A_key_older_than_half_an_hour_is_no_longer_good()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        fixture.Advance(MfaEnrolment.Lifetime + TimeSpan.FromSeconds(1));
        await fixture.ProveAsync(circuit);

        Assert.IsType<EnrolmentOutcome.Expired>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        await NothingHappened(fixture, ann);
    }

    [Fact]
    public async Task The_next_person_in_the_circuit_finds_no_key()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        circuit.Enrolment.Forget();

        Assert.IsType<EnrolmentOutcome.Ended>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
    }

    /// <summary>
    /// A jump in the browser's history leads from one person's wizard to another's. Red when a page that is left makes the circuit forget whichever
    /// run is current.
    /// </summary>
    [Fact]
    public async Task A_page_that_goes_after_the_next_one_began_forgets_its_own_run_only()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        var priya = await fixture.AddUserAsync("priya.raman");
        await using var circuit = await fixture.SignInAsync(await fixture.AddUserAsync("grace", administrator: true));
        var gone = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(ann.Id));

        circuit.Enrolment.Forget(gone.Run);
        circuit.Enrolment.Forget(null);

        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        Assert.True((await fixture.UserAsync(ann)).TwoFactorEnabled);
        Assert.False((await fixture.UserAsync(priya)).TwoFactorEnabled);
        // The same key on two pages of one person makes two runs as well.
        gone = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        circuit.Enrolment.Forget(gone.Run);
        Assert.IsType<EnrolmentOutcome.WrongCode>(await circuit.Enrolment.SaveAsync("none"));
        circuit.Enrolment.Forget(begun.Run);
        Assert.IsType<EnrolmentOutcome.Ended>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
    }

    /// <summary>Red when the run is looked up by its id alone: the administrator would save the key that was shown to Ann.</summary>
    [Fact]
    public async Task A_run_is_nothing_to_another_session_even_where_the_circuit_still_knows_it()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        await using var administrator = await fixture.SignInAsync(await fixture.AddUserAsync("grace", administrator: true));
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        EnrolmentFixture.HandOver(circuit, to: administrator);

        Assert.IsType<EnrolmentOutcome.Ended>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        await NothingHappened(fixture, ann);
        await circuit.Enrolment.CancelAsync();
        Assert.Single(await fixture.PendingAsync());
    }

    [Fact]
    public async Task An_administrator_sets_up_somebody_else_whose_sessions_all_end()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee", administrator: true);
        var priya = await fixture.AddUserAsync("priya.raman", name: "Priya Raman");
        await using var circuit = await fixture.SignInAsync(ann);
        await using var hers = await fixture.SignInAsync(priya);

        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        Assert.Equal(("Priya Raman", "priya.raman", true), (begun.DisplayName, begun.Username, begun.ForSomebodyElse));
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));

        Assert.Equal(ann.Id, Assert.Single(await fixture.AuthenticatorsAsync(priya)).SetUpById);
        Assert.False((await fixture.UserAsync(ann)).TwoFactorEnabled);
        Assert.Equal(SessionEnd.MfaChanged, (await fixture.SessionAsync(hers)).EndedBy);
        var own = await fixture.SessionAsync(circuit);
        Assert.Equal((null, false), (own.EndedAt, own.ProvedByCode));
        Assert.Equal(priya.Email, Assert.Single(await fixture.MailsAsync()).RecipientAddress);
    }

    [Fact]
    public async Task Nobody_but_an_administrator_sets_up_somebody_else()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        var priya = await fixture.AddUserAsync("priya.raman");
        await using var circuit = await fixture.SignInAsync(ann);

        Assert.IsType<EnrolmentOutcome.NotAllowed>(await circuit.Enrolment.BeginAsync(priya.Id));
    }

    [Fact]
    public async Task An_administrator_demoted_meanwhile_saves_nothing()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee", administrator: true);
        var priya = await fixture.AddUserAsync("priya.raman");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        await fixture.ChangeAsync(ann, user => user.IsSystemAdministrator = false);

        Assert.IsType<EnrolmentOutcome.NotAllowed>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        await NothingHappened(fixture, priya);
    }

    [Fact]
    public async Task Somebody_who_is_enrolled_must_be_disabled_first()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee", administrator: true);
        var priya = await fixture.AddUserAsync("priya.raman");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        await using var hers = await fixture.SignInAsync(priya);
        await fixture.EnrolAsync(hers);
        var own = Assert.Single(await fixture.AuthenticatorsAsync(priya)).Id;

        // She enrolled herself while the administrator's wizard was open.
        Assert.IsType<EnrolmentOutcome.AlreadyEnrolled>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        Assert.Equal(own, Assert.Single(await fixture.AuthenticatorsAsync(priya)).Id);
        Assert.IsType<EnrolmentOutcome.AlreadyEnrolled>(await circuit.Enrolment.BeginAsync(priya.Id));
    }

    [Theory]
    [InlineData(AccountState.Inactive)]
    [InlineData(AccountState.Locked)]
    public async Task An_account_that_is_not_active_is_refused(AccountState state)
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee", administrator: true);
        var priya = await fixture.AddUserAsync("priya.raman");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        await fixture.ChangeAsync(priya, user => user.State = state);

        Assert.IsType<EnrolmentOutcome.NotActive>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        Assert.IsType<EnrolmentOutcome.NotActive>(await circuit.Enrolment.BeginAsync(priya.Id));
        Assert.IsType<EnrolmentOutcome.NoSuchUser>(await circuit.Enrolment.BeginAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task Of_two_wizards_at_once_the_second_does_not_overwrite_the_first()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var one = await fixture.SignInAsync(ann);
        await using var two = await fixture.SignInAsync(ann, provedByCode: true);
        var first = Assert.IsType<EnrolmentOutcome.Begun>(await one.Enrolment.BeginAsync());
        var second = Assert.IsType<EnrolmentOutcome.Begun>(await two.Enrolment.BeginAsync());
        Assert.IsType<EnrolmentOutcome.Saved>(await one.Enrolment.SaveAsync(await fixture.CodeAsync(first)));

        // The first Save ended the other session.
        await Assert.ThrowsAsync<AccessRefusedException>(async () => await two.Enrolment.SaveAsync(await fixture.CodeAsync(second)));
        fixture.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(first)));
    }

    [Fact]
    public void What_is_begun_prints_no_key()
    {
        var begun = new EnrolmentOutcome.Begun("Ann Lee", "ann.lee", "OpenCRM", "otpauth://totp/x?secret=ABCD", ["ABCD"], false, false);
        Assert.DoesNotContain("ABCD", $"{begun}", StringComparison.Ordinal);
    }

    private static async Task NothingHappened(EnrolmentFixture fixture, PortalUser user)
    {
        var stored = await fixture.UserAsync(user);
        Assert.Equal((false, null), (stored.TwoFactorEnabled, stored.EnrolmentId));
        Assert.Empty(await fixture.EventsAsync());
        Assert.Empty(await fixture.MailsAsync());
    }
}

using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>Setting up MFA on a real database (spec 2, 3.5).</summary>
public sealed class MfaEnrolmentTests
{
    [Fact]
    public async Task Nothing_of_the_account_changes_before_Save()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);

        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());

        Assert.Equal(("OpenCRM", "ann.lee", false, false), (begun.Issuer, begun.Username, begun.Replaces, begun.ForSomebodyElse));
        await NothingHappened(bench, ann);
        await circuit.Enrolment.CancelAsync();
        Assert.IsType<EnrolmentOutcome.Ended>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        await NothingHappened(bench, ann);
    }

    [Fact]
    public async Task Save_with_a_right_code_stores_audits_and_mails_in_one()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);

        await bench.EnrolAsync(circuit);

        var stored = await bench.UserAsync(ann);
        Assert.True(stored.TwoFactorEnabled);
        Assert.Equal((bench.Now, ann.Id), (stored.Authenticator!.SetUpAt, stored.Authenticator.SetUpById));
        Assert.Equal(["MfaSetUp"], await bench.EventsAsync());
        var mail = Assert.Single(await bench.MailsAsync());
        Assert.Equal(("mfa-set-up", ann.Email), (mail.TemplateKey, mail.RecipientAddress));
    }

    [Fact]
    public async Task The_own_session_stays_and_is_raised_and_all_others_end()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        var priya = await bench.AddUserAsync("priya.raman");
        await using var here = await bench.SignInAsync(ann);
        await using var elsewhere = await bench.SignInAsync(ann);
        await using var colleague = await bench.SignInAsync(priya);
        await bench.AddAsync(new PendingSignIn { Id = Guid.NewGuid(), UserId = ann.Id, SecurityStamp = "stamp", ExpiresAt = bench.Now.AddMinutes(5) });

        await bench.EnrolAsync(here);

        var own = await bench.SessionAsync(here);
        Assert.Equal((null, true), (own.EndedAt, own.ProvedByCode));
        Assert.Equal(SessionEnd.MfaChanged, (await bench.SessionAsync(elsewhere)).EndedBy);
        Assert.Null((await bench.SessionAsync(colleague)).EndedAt);
        Assert.Empty(await bench.HalfDoneAsync());
        // The session goes on to work: a password alone would open nothing now.
        Assert.IsType<EnrolmentOutcome.Begun>(await here.Enrolment.BeginAsync());
    }

    [Fact]
    public async Task A_wrong_code_leaves_everything_as_before_and_is_audited()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());

        Assert.IsType<EnrolmentOutcome.WrongCode>(await circuit.Enrolment.SaveAsync("12345"));

        var stored = await bench.UserAsync(ann);
        Assert.Equal((false, null, 0), (stored.TwoFactorEnabled, stored.Authenticator, stored.AccessFailedCount));
        Assert.Contains("Wizard", Assert.Single(await bench.EntriesAsync(), e => e.Kind == "WrongCode").Details, StringComparison.Ordinal);
        Assert.Empty(await bench.MailsAsync());
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
    }

    [Fact]
    public async Task Ten_wrong_codes_end_the_run_and_its_key()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        await using var circuit = await bench.SignInAsync(await bench.AddUserAsync("ann.lee"));
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());

        for (var tries = 1; tries < MfaEnrolment.MostCodes; tries++) Assert.IsType<EnrolmentOutcome.WrongCode>(await circuit.Enrolment.SaveAsync(""));
        Assert.IsType<EnrolmentOutcome.TooManyWrongCodes>(await circuit.Enrolment.SaveAsync(""));

        Assert.IsType<EnrolmentOutcome.TooManyWrongCodes>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        Assert.Equal(MfaEnrolment.MostCodes, (await bench.EventsAsync()).Count(kind => kind == "WrongCode"));
        // Loading the page again tells it again, and only the person's own word makes another key.
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
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());

        var outcome = await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun, TimeSpan.FromMinutes(minutes)));

        Assert.Equal(TimeSpan.FromMinutes(minutes), Assert.IsType<EnrolmentOutcome.ClockOff>(outcome).By);
        await NothingHappened(bench, ann);
    }

    [Fact]
    public async Task The_old_authenticator_works_until_Save_and_never_after()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);
        var old = await bench.EnrolAsync(circuit);

        bench.Advance(TimeSpan.FromMinutes(1));
        var fresh = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        Assert.True(fresh.Replaces);
        Assert.IsType<Refusal.Wrong>(await bench.SignInByCodeAsync(ann, await bench.CodeAsync(fresh)));
        Assert.Null(await bench.SignInByCodeAsync(ann, await bench.CodeAsync(old)));
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(fresh)));

        bench.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<Refusal.Wrong>(await bench.SignInByCodeAsync(ann, await bench.CodeAsync(old)));
        Assert.Null(await bench.SignInByCodeAsync(ann, await bench.CodeAsync(fresh)));
        Assert.Contains(await bench.EntriesAsync(), e => e.Kind == "MfaSetUp" && e.Details.Contains("\"Replaced\":true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_code_of_Save_signs_nobody_in()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        var code = await bench.CodeAsync(begun);
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(code));

        Assert.IsType<Refusal.Wrong>(await bench.SignInByCodeAsync(ann, code));
        Assert.Contains("ReusedCode", await bench.EventsAsync());
    }

    [Fact]
    public async Task While_the_switch_is_off_the_service_refuses()
    {
        await using var bench = await EnrolmentBench.CreateAsync(switchedOn: false);
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);

        Assert.IsType<EnrolmentOutcome.SwitchedOff>(await circuit.Enrolment.BeginAsync());
    }

    [Fact]
    public async Task A_switch_turned_off_meanwhile_refuses_Save()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        await bench.SwitchAsync(on: false);

        Assert.IsType<EnrolmentOutcome.SwitchedOff>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        await NothingHappened(bench, ann);
    }

    [Fact]
    public async Task A_proof_older_than_ten_minutes_is_asked_for_at_the_door_and_at_Save()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        await using var circuit = await bench.SignInAsync(await bench.AddUserAsync("ann.lee"));
        bench.Advance(TimeSpan.FromMinutes(11));
        var atTheDoor = Assert.IsType<EnrolmentOutcome.StepUpNeeded>(await circuit.Enrolment.BeginAsync());
        Assert.Equal(StepUpFor.ChangingOwnAuthenticator, atTheDoor.For);
        Assert.IsType<StepUpNeed.Password>(atTheDoor.Need);

        await bench.ProveAsync(circuit);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        bench.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<EnrolmentOutcome.StepUpNeeded>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        await bench.ProveAsync(circuit);
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
    }

    [Fact]
    public async Task A_key_older_than_half_an_hour_is_no_longer_good()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        bench.Advance(MfaEnrolment.Lifetime + TimeSpan.FromSeconds(1));
        await bench.ProveAsync(circuit);

        Assert.IsType<EnrolmentOutcome.Expired>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        await NothingHappened(bench, ann);
    }

    [Fact]
    public async Task The_next_person_in_the_circuit_finds_no_key()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        circuit.Enrolment.Forget();

        Assert.IsType<EnrolmentOutcome.Ended>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
    }

    /// <summary>A jump in the history from one person's wizard to another's. Red when a page that goes forgets whichever run there is.</summary>
    [Fact]
    public async Task A_page_that_goes_after_the_next_one_began_forgets_its_own_run_only()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        var priya = await bench.AddUserAsync("priya.raman");
        await using var circuit = await bench.SignInAsync(await bench.AddUserAsync("grace", administrator: true));
        var gone = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(ann.Id));

        circuit.Enrolment.Forget(gone.Run);
        circuit.Enrolment.Forget(null);

        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        Assert.True((await bench.UserAsync(ann)).TwoFactorEnabled);
        Assert.False((await bench.UserAsync(priya)).TwoFactorEnabled);
        // The same key at two addresses of one person is two pages too.
        gone = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        circuit.Enrolment.Forget(gone.Run);
        Assert.IsType<EnrolmentOutcome.WrongCode>(await circuit.Enrolment.SaveAsync("none"));
        circuit.Enrolment.Forget(begun.Run);
        Assert.IsType<EnrolmentOutcome.Ended>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
    }

    /// <summary>Red when the run is looked for by its id alone: the administrator would save the key that Ann was shown.</summary>
    [Fact]
    public async Task A_run_is_nothing_to_another_session_even_where_the_circuit_still_knows_it()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var circuit = await bench.SignInAsync(ann);
        await using var administrator = await bench.SignInAsync(await bench.AddUserAsync("grace", administrator: true));
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        EnrolmentBench.HandOver(circuit, to: administrator);

        Assert.IsType<EnrolmentOutcome.Ended>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        await NothingHappened(bench, ann);
        await circuit.Enrolment.CancelAsync();
        Assert.Single(await bench.PendingAsync());
    }

    [Fact]
    public async Task An_administrator_sets_up_somebody_else_whose_sessions_all_end()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee", administrator: true);
        var priya = await bench.AddUserAsync("priya.raman", name: "Priya Raman");
        await using var circuit = await bench.SignInAsync(ann);
        await using var hers = await bench.SignInAsync(priya);

        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        Assert.Equal(("Priya Raman", "priya.raman", true), (begun.DisplayName, begun.Username, begun.ForSomebodyElse));
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));

        Assert.Equal(ann.Id, (await bench.UserAsync(priya)).Authenticator!.SetUpById);
        Assert.False((await bench.UserAsync(ann)).TwoFactorEnabled);
        Assert.Equal(SessionEnd.MfaChanged, (await bench.SessionAsync(hers)).EndedBy);
        var own = await bench.SessionAsync(circuit);
        Assert.Equal((null, false), (own.EndedAt, own.ProvedByCode));
        Assert.Equal(priya.Email, Assert.Single(await bench.MailsAsync()).RecipientAddress);
    }

    [Fact]
    public async Task Nobody_but_an_administrator_sets_up_somebody_else()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        var priya = await bench.AddUserAsync("priya.raman");
        await using var circuit = await bench.SignInAsync(ann);

        Assert.IsType<EnrolmentOutcome.NotAllowed>(await circuit.Enrolment.BeginAsync(priya.Id));
    }

    [Fact]
    public async Task An_administrator_demoted_meanwhile_saves_nothing()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee", administrator: true);
        var priya = await bench.AddUserAsync("priya.raman");
        await using var circuit = await bench.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        await bench.ChangeAsync(ann, user => user.IsSystemAdministrator = false);

        Assert.IsType<EnrolmentOutcome.NotAllowed>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        await NothingHappened(bench, priya);
    }

    [Fact]
    public async Task Somebody_who_is_enrolled_must_be_disabled_first()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee", administrator: true);
        var priya = await bench.AddUserAsync("priya.raman");
        await using var circuit = await bench.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        await using var hers = await bench.SignInAsync(priya);
        await bench.EnrolAsync(hers);
        var own = (await bench.UserAsync(priya)).Authenticator!.Id;

        // Enrolled by herself while the administrator's wizard stood open.
        Assert.IsType<EnrolmentOutcome.AlreadyEnrolled>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        Assert.Equal(own, (await bench.UserAsync(priya)).Authenticator!.Id);
        Assert.IsType<EnrolmentOutcome.AlreadyEnrolled>(await circuit.Enrolment.BeginAsync(priya.Id));
    }

    [Theory]
    [InlineData(AccountState.Inactive)]
    [InlineData(AccountState.Locked)]
    public async Task An_account_that_is_not_active_is_refused(AccountState state)
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee", administrator: true);
        var priya = await bench.AddUserAsync("priya.raman");
        await using var circuit = await bench.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(priya.Id));
        await bench.ChangeAsync(priya, user => user.State = state);

        Assert.IsType<EnrolmentOutcome.NotActive>(await circuit.Enrolment.SaveAsync(await bench.CodeAsync(begun)));
        Assert.IsType<EnrolmentOutcome.NotActive>(await circuit.Enrolment.BeginAsync(priya.Id));
        Assert.IsType<EnrolmentOutcome.NoSuchUser>(await circuit.Enrolment.BeginAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task Of_two_wizards_at_once_the_second_does_not_overwrite_the_first()
    {
        await using var bench = await EnrolmentBench.CreateAsync();
        var ann = await bench.AddUserAsync("ann.lee");
        await using var one = await bench.SignInAsync(ann);
        await using var two = await bench.SignInAsync(ann, provedByCode: true);
        var first = Assert.IsType<EnrolmentOutcome.Begun>(await one.Enrolment.BeginAsync());
        var second = Assert.IsType<EnrolmentOutcome.Begun>(await two.Enrolment.BeginAsync());
        Assert.IsType<EnrolmentOutcome.Saved>(await one.Enrolment.SaveAsync(await bench.CodeAsync(first)));

        // The other session ended with the first Save.
        await Assert.ThrowsAsync<AccessRefusedException>(async () => await two.Enrolment.SaveAsync(await bench.CodeAsync(second)));
        bench.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await bench.SignInByCodeAsync(ann, await bench.CodeAsync(first)));
    }

    [Fact]
    public void What_is_begun_prints_no_key()
    {
        var begun = new EnrolmentOutcome.Begun("Ann Lee", "ann.lee", "OpenCRM", "otpauth://totp/x?secret=ABCD", ["ABCD"], false, false);
        Assert.DoesNotContain("ABCD", $"{begun}", StringComparison.Ordinal);
    }

    private static async Task NothingHappened(EnrolmentBench bench, PortalUser user)
    {
        var stored = await bench.UserAsync(user);
        Assert.Equal((false, null), (stored.TwoFactorEnabled, stored.Authenticator));
        Assert.Empty(await bench.EventsAsync());
        Assert.Empty(await bench.MailsAsync());
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>A person has up to five authenticators, and a code of any is taken (docs/spec.md 11.4).</summary>
public sealed class SeveralAuthenticatorsTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Fact]
    public async Task Another_one_is_added_beside_the_first_and_the_person_is_mailed_and_signed_out_elsewhere()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var here = await fixture.SignInAsync(ann);
        var first = await fixture.EnrolAsync(here);
        await using var elsewhere = await fixture.SignInAsync(ann, provedByCode: true);
        var enrolment = (await fixture.UserAsync(ann)).EnrolmentId;

        var second = await fixture.AddAnotherAsync(here, "  Work phone ");

        Assert.Equal(["Authenticator app", "Work phone"], (await fixture.AuthenticatorsAsync(ann)).Select(one => one.Name));
        Assert.Equal(enrolment, (await fixture.UserAsync(ann)).EnrolmentId);
        Assert.Equal(
            ["MfaSetUp", "RecoveryCodesMade", "AuthenticatorAdded", "SessionsEnded", "RecoveryCodesMade"], await fixture.EventsAsync());
        Assert.Equal("""{"Name":"Work phone"}""", (await fixture.EntriesAsync()).Single(e => e.Kind == "AuthenticatorAdded").Details);
        Assert.Equal(["mfa-set-up", "authenticator-added"], (await fixture.MailsAsync()).OrderBy(m => m.CreatedAt).Select(m => m.TemplateKey));
        Assert.Equal(SessionEnd.MfaChanged, (await fixture.SessionAsync(elsewhere)).EndedBy);
        Assert.Null((await fixture.SessionAsync(here)).EndedAt);
        fixture.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(first)));
        Assert.Null(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(second)));
        Assert.IsType<Refusal.Wrong>(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(second)));
    }

    [Fact]
    public async Task Only_the_chosen_one_is_replaced_and_what_began_before_ends()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var first = await fixture.EnrolAsync(circuit);
        var second = await fixture.AddAnotherAsync(circuit, "Tablet");
        var (enrolment, tablet) = ((await fixture.UserAsync(ann)).EnrolmentId, (await fixture.AuthenticatorsAsync(ann))[1].Id);

        var third = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(choice: new SetUpChoice.Replace(tablet)));
        Assert.Equal("Tablet", third.SuggestedName);
        fixture.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(third), "Tablet"));

        fixture.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(enrolment, (await fixture.UserAsync(ann)).EnrolmentId);
        Assert.Null(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(first)));
        Assert.IsType<Refusal.Wrong>(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(second)));
        Assert.Null(await fixture.SignInByCodeAsync(ann, await fixture.CodeAsync(third)));
        Assert.Equal(2, (await fixture.AuthenticatorsAsync(ann)).Count);
    }

    [Fact]
    public async Task A_choice_stays_with_the_key_that_waits_and_another_choice_makes_another_key()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        await using var circuit = await fixture.SignInAsync(await fixture.AddUserAsync("ann.lee"));
        await fixture.EnrolAsync(circuit);
        var adding = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(choice: new SetUpChoice.AddAnother()));

        await using var reloaded = fixture.AnotherTab(circuit);
        var again = Assert.IsType<EnrolmentOutcome.Begun>(await reloaded.Enrolment.BeginAsync());
        Assert.Equal((adding.OtpauthUri, true, true, false), (again.OtpauthUri, again.Resumed, again.Adds, again.Replaces));

        var first = Assert.Single(await fixture.PendingAsync()).EnrolmentId;
        var replacing = Assert.IsType<EnrolmentOutcome.Begun>(
            await reloaded.Enrolment.BeginAsync(choice: new SetUpChoice.Replace(first!.Value)));
        Assert.NotEqual(adding.OtpauthUri, replacing.OtpauthUri);
        Assert.IsType<EnrolmentOutcome.Ended>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(adding)));
    }

    [Theory]
    [InlineData("A name that is much too long for one authenticator among five of them", false)]
    [InlineData("Tele\u202Ephone", false)]
    [InlineData("   ", true)]
    [InlineData("Händy \U0001F4F1", true)]
    public async Task A_name_that_nobody_can_read_is_refused_before_the_code_is_looked_at(string name, bool isFine)
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());

        var outcome = await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun), name);

        if (isFine) Assert.IsType<EnrolmentOutcome.Saved>(outcome);
        else Assert.IsType<EnrolmentOutcome.NameRefused>(outcome);
        Assert.Equal(isFine, (await fixture.UserAsync(ann)).TwoFactorEnabled);
        if (!isFine) Assert.Equal(0, Assert.Single(await fixture.PendingAsync()).Codes);
    }

    /// <summary>Red when they are counted in the statement that takes the user's row: each of the waiting ones counts what it saw before.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Of_sessions_that_add_at_once_none_gets_past_five(DatabaseKind kind)
    {
        await using var portal = await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(kind)));
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync(enrolled: true);
        for (var n = 0; n < 3; n++) await portal.AddAuthenticatorAsync(ada);
        // Directly, because each Save through the wizard ends the other sessions.
        var user = await portal.UserAsync(ada);

        var outcomes = await TestAccounts.AtOnceAsync(Enumerable.Range(0, 6).Select(_ => (Func<Task<EnrolOutcome>>)(async () =>
        {
            await using var work = await portal.BeginAsync();
            var run = new PendingEnrolment { Issuer = "", Account = "", EnrolmentId = user.EnrolmentId };
            var added = TestAccounts.NewAuthenticator(work, ada.Id, AuthenticatorKey.Generate());
            var outcome = await work.Enrolments.EnrolAsync(user, added, run, work.Now);
            if (outcome == EnrolOutcome.Enrolled) await work.CommitAsync();
            return outcome;
        })));

        Assert.Single(outcomes, EnrolOutcome.Enrolled);
        Assert.Equal(5, outcomes.Count(outcome => outcome == EnrolOutcome.Full));
        Assert.Equal(Authenticator.MostPerUser, (await portal.AuthenticatorsAsync(ada)).Count);
    }

    [Fact]
    public async Task With_five_the_wizard_offers_to_replace_only()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync(enrolled: true);
        for (var n = 0; n < 4; n++) await portal.AddAuthenticatorAsync(ada);
        await using var seat = await Seat.TakeAsync(portal, ada);
        var wizard = seat.Service<MfaEnrolment>();

        Assert.False(Assert.IsType<EnrolmentOutcome.ChoiceNeeded>(await wizard.BeginAsync()).MayAdd);
        Assert.IsType<EnrolmentOutcome.Full>(await wizard.BeginAsync(choice: new SetUpChoice.AddAnother()));
        var one = (await portal.AuthenticatorsAsync(ada))[2].Id;
        Assert.IsType<EnrolmentOutcome.Begun>(await wizard.BeginAsync(choice: new SetUpChoice.Replace(one)));
        Assert.IsType<EnrolmentOutcome.Changed>(await wizard.BeginAsync(choice: new SetUpChoice.Replace(Guid.NewGuid())));
    }

    /// <summary>
    /// Red when the fingerprint is not compared: a waiting key that was put back by hand, or from a backup, would be an authenticator twice.
    /// </summary>
    [Fact]
    public async Task One_key_is_never_enrolled_twice()
    {
        await using var fixture = await EnrolmentFixture.CreateAsync();
        var ann = await fixture.AddUserAsync("ann.lee");
        await using var circuit = await fixture.SignInAsync(ann);
        var begun = await fixture.EnrolAsync(circuit);
        var enrolled = Assert.Single(await fixture.AuthenticatorsAsync(ann));

        var adding = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(choice: new SetUpChoice.AddAnother()));
        await fixture.PutKeyAsync(circuit, string.Concat(begun.ManualKey));
        fixture.Advance(TimeSpan.FromMinutes(1));

        Assert.IsType<EnrolmentOutcome.Changed>(await circuit.Enrolment.SaveAsync(await fixture.CodeAsync(begun)));
        Assert.Equal(enrolled.Id, Assert.Single(await fixture.AuthenticatorsAsync(ann)).Id);
        Assert.Equal(32, enrolled.KeyFingerprint!.Length);
        Assert.NotEqual(begun.OtpauthUri, adding.OtpauthUri);
    }

    /// <summary>Housekeeping gives those of before a fingerprint, also where the key cannot be read, and comes to an end.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Authenticators_of_before_get_their_fingerprint(DatabaseKind kind)
    {
        await using var portal = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        var ada = await portal.AddPersonAsync(enrolled: true);
        var bob = await portal.AddPersonAsync("bob", enrolled: true);
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<Authenticator>().Where(a => a.UserId == bob.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.ProtectedKey, new byte[] { 1, 2, 3 }));
            await work.CommitAsync();
        }

        await portal.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Housekeeping>().Single()
            .CleanAsync(TestContext.Current.CancellationToken);

        var hers = Assert.Single(await portal.AuthenticatorsAsync(ada));
        await using (var work = await portal.BeginAsync())
        {
            var key = AuthenticatorKeys.Open(work, hers).Key!;
            Assert.Equal(await portal.Services.GetRequiredService<KeyFingerprints>().ComputeAsync(work, key), hers.KeyFingerprint);
        }
        Assert.NotNull(Assert.Single(await portal.AuthenticatorsAsync(bob)).KeyFingerprint);
    }

    /// <summary>Red when an unreadable key refuses the codes of the others, and when the operator hears of it only once none can be read.</summary>
    [Fact]
    public async Task One_that_cannot_be_read_keeps_nobody_out_who_has_another()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync(enrolled: true);
        await portal.AddAuthenticatorAsync(ada);
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<Authenticator>().Where(a => a.UserId == ada.Id && a.Name == "Another")
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.ProtectedKey, new byte[] { 1, 2, 3 }));
            await work.CommitAsync();
        }
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));

        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync(await Oathtool.WrongCodeAsync(ada.Secret!, portal.Now))));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.AuthenticatorUnreadable>(ada));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.WrongCode>(ada));
        Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, portal.Now)));
    }

    /// <summary>All are gone, but the account still says that it is enrolled: no password alone gets through (docs/threats.md I5).</summary>
    [Fact]
    public async Task Somebody_whose_authenticators_are_gone_from_the_database_is_refused_loudly()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync(enrolled: true);
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<Authenticator>().ExecuteDeleteAsync();
            await work.CommitAsync();
        }
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));

        Assert.IsType<Refusal.Unreadable>(Refused.For(await visitor.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, portal.Now))));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.AuthenticatorUnreadable>(ada));
    }
}

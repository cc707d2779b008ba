using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>Recovery codes: made, stored, used once, and ended (docs/spec.md 11.1, 11.2).</summary>
public sealed class RecoveryCodeTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// Peers store their codes as they are (ASP.NET Core Identity, Ory Kratos, Logto), or few bits of them under a fast hash, which a stolen database
    /// gives away in an afternoon (32 to 41 bits). Here: 60 bits each, under the slow hash of passwords. Red when a code or its SHA-256 is stored.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task The_database_holds_slow_hashes_with_one_salt_and_nothing_else_of_a_code(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);

        var (set, stored) = await StoredAsync(portal, ada);
        Assert.Equal((10, 10, 16), (codes.Count, stored.Count, set.Salt.Length));
        Assert.Equal(10, stored.Select(one => Convert.ToHexString(one.Hash)).Distinct().Count());
        foreach (var code in codes.SelectMany(code => new[] { code, code.Replace("-", "", StringComparison.Ordinal) }))
        {
            var fast = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
            Assert.All(stored, one => Assert.NotEqual(fast, Convert.ToHexString(one.Hash)));
            Assert.All(stored, one => Assert.DoesNotContain(code, Encoding.Latin1.GetString(one.Hash), StringComparison.Ordinal));
        }
        Assert.Equal(
            Convert.ToHexString(Argon2.Derive(codes[3].Replace("-", "", StringComparison.Ordinal), set.Salt, new(set.MemoryKiB, set.Passes))),
            Convert.ToHexString(stored.Single(one => one.Number == 4).Hash));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task One_signs_in_once_with_event_and_mails_to_the_person_and_every_administrator(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync(enrolled: true);
        await portal.AddPersonAsync("boss", administrator: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);

        // As somebody types it from paper.
        Assert.IsType<SignInOutcome.Proved>(await SignInAsync(portal, ada, $" {codes[2].ToLowerInvariant().Replace('-', ' ')} "));

        Assert.Equal(1, await portal.EventsAsync<AuditEvent.RecoveryCodeUsed>(ada));
        var mails = await MailsAsync(portal, "recovery-code-used");
        // The first administrator of the portal is one too.
        Assert.Equal([ada.Email, "admin@example.test", "boss@example.test"], mails.Order());
        Assert.IsType<Refusal.Wrong>(Refused.For(await SignInAsync(portal, ada, codes[2])));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.WrongRecoveryCode>(ada));
        Assert.IsType<SignInOutcome.Proved>(await SignInAsync(portal, ada, codes[3]));
        await using var work = await portal.BeginAsync();
        Assert.Equal(8, await work.RecoveryCodes.CountLeftAsync(ada.Id));
    }

    [Fact]
    public async Task The_session_says_that_something_stood_in_for_the_digits()
    {
        await using var portal = await PortalAsync(DatabaseKind.Sqlite);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);
        await using var visitor = CircuitVisitor.At(portal);
        await visitor.PasswordAsync("ada", ada.Password);

        var ticket = Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(codes[0])).Ticket;
        await visitor.RedeemAsync(ticket);

        var state = (await portal.Services.GetRequiredService<SignInTickets>().FindRedeemedAsync(ticket))!;
        Assert.Equal((true, false), (state.ProvedByCode, state.Caller.ProvedByDigits));
        await using var work = await portal.BeginAsync();
        var signedIn = await work.Query<AuditEntry>().SingleAsync(e => e.Kind == nameof(AuditEvent.SignedIn) && e.SubjectId == ada.Id);
        Assert.Contains("password and recovery code", signedIn.Details, StringComparison.Ordinal);
    }

    /// <summary>
    /// Peers hash what was typed once for each stored code, so that the time of a try tells how many are left (a new hash for each stored code). Here
    /// a try is one slow hash, right or wrong, with ten codes, with one, with none. Red with a salt for each code.
    /// </summary>
    [Fact]
    public async Task A_try_computes_one_slow_hash_and_no_more_however_many_are_left()
    {
        var hashes = 0;
        await using var portal = await PortalHost.StartAsync(TwoNodes.Raised(new()), replace: services => services.AddSingleton(provider =>
            new RecoveryCodeHashing(
                provider.GetRequiredService<HashGate>(), provider.GetRequiredService<Argon2Cost>(), (code, salt, cost) =>
                {
                    Interlocked.Increment(ref hashes);
                    return Argon2.Derive(code, salt, cost);
                })));
        await portal.SetSecurityAsync(attempts: 100);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob", enrolled: true));
        var codes = await portal.GiveRecoveryCodesAsync(ada);
        await EndAsync(portal, bob);

        Assert.Equal(1, await CountAsync(ada, "0000-0000-0000"));
        foreach (var code in codes.Take(9)) Assert.Equal(1, await CountAsync(ada, code));
        Assert.Equal(1, await CountAsync(ada, "0000-0000-0000"));
        Assert.Equal(1, await CountAsync(ada, codes[0]));
        Assert.Equal(1, await CountAsync(bob, "0000-0000-0000"));
        // What is no code costs none.
        Assert.Equal(0, await CountAsync(ada, "000000"));
        Assert.Equal(0, await CountAsync(ada, "0000-0000-000U"));

        async Task<int> CountAsync(TestPerson person, string code)
        {
            hashes = 0;
            await SignInAsync(portal, person, code);
            return hashes;
        }
    }

    /// <summary>Red when a recovery code is counted on a counter of its own, or not at all: guessing gets five tries more for each kind.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Wrong_codes_and_wrong_digits_mixed_lock_together(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);
        await using var visitor = CircuitVisitor.At(portal);
        await visitor.PasswordAsync("ada", ada.Password);
        var digits = await Oathtool.WrongCodeAsync(ada.Secret!, portal.Now);

        foreach (var wrong in new[] { digits, "0000-0000-0000", digits, "1111-1111-1111" })
            Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.CodeAsync(wrong)));
        Assert.IsType<Refusal.LockedOut>(Refused.For(await visitor.CodeAsync("2222-2222-2222")));

        Assert.Equal((2, 3), (await portal.EventsAsync<AuditEvent.WrongCode>(ada), await portal.EventsAsync<AuditEvent.WrongRecoveryCode>(ada)));
        Assert.IsType<Refusal.LockedOut>(Refused.For(await PasswordAsync(portal, ada)));
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.RecoveryCodeUsed>(ada));
        await using var work = await portal.BeginAsync();
        Assert.Equal(codes.Count, await work.RecoveryCodes.CountLeftAsync(ada.Id));
    }

    /// <summary>
    /// Peers keep codes over a new enrolment, so that a paper from the old one opens the new. Red when disabling leaves the rows, and when the first
    /// authenticator of a new enrolment does.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Disabling_MFA_ends_them_and_none_survives_a_new_enrolment(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);
        await using (var work = await portal.BeginAsync())
        {
            Assert.True(await work.Enrolments.DisableAsync(ada.Id));
            await work.CommitAsync();
        }
        Assert.Equal(0, await portal.CountAsync<RecoveryCode>(all => all.Where(c => c.UsedAt == null)));

        await using var seat = await Seat.TakeAsync(portal, ada);
        var wizard = seat.Service<MfaEnrolment>();
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await wizard.BeginAsync());
        var saved = Assert.IsType<EnrolmentOutcome.Saved>(
            await wizard.SaveAsync(await Oathtool.CodeAsync(string.Concat(begun.ManualKey), portal.Now)));

        Assert.IsType<Refusal.Wrong>(Refused.For(await SignInAsync(portal, ada, codes[0])));
        Assert.IsType<SignInOutcome.Proved>(await SignInAsync(portal, ada, saved.Codes!.Codes[0]));
    }

    [Fact]
    public async Task The_wizard_makes_none_for_whoever_has_saved_some_and_adds_another_and_none_for_somebody_else()
    {
        await using var portal = await PortalAsync(DatabaseKind.Sqlite);
        var ada = await portal.AddPersonAsync(enrolled: true, administrator: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);
        var bob = await portal.AddPersonAsync("bob");
        await using var seat = await Seat.TakeAsync(portal, ada);
        var wizard = seat.Service<MfaEnrolment>();

        var adding = Assert.IsType<EnrolmentOutcome.Begun>(await wizard.BeginAsync(choice: new SetUpChoice.AddAnother()));
        Assert.Null(Assert.IsType<EnrolmentOutcome.Saved>(await SaveAsync(adding)).Codes);
        await using (var work = await portal.BeginAsync())
            Assert.Equal(RecoveryCodeSet.Count, await work.RecoveryCodes.CountLeftAsync(ada.Id));
        var others = Assert.IsType<EnrolmentOutcome.Begun>(await wizard.BeginAsync(bob.Id));
        Assert.Null(Assert.IsType<EnrolmentOutcome.Saved>(await SaveAsync(others)).Codes);
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.RecoveryCodesMade>(bob));

        // Replacing begins anew: fresh ones are shown, and the old ones end.
        var one = (await portal.AuthenticatorsAsync(ada))[0].Id;
        var replacing = Assert.IsType<EnrolmentOutcome.Begun>(await wizard.BeginAsync(choice: new SetUpChoice.Replace(one)));
        Assert.Equal(10, Assert.IsType<EnrolmentOutcome.Saved>(await SaveAsync(replacing)).Codes!.Codes.Count);
        Assert.IsType<Refusal.Wrong>(Refused.For(await SignInAsync(portal, ada, codes[1])));

        async Task<EnrolmentOutcome> SaveAsync(EnrolmentOutcome.Begun run) =>
            await wizard.SaveAsync(await Oathtool.CodeAsync(string.Concat(run.ManualKey), portal.Now));
    }

    /// <summary>Red when a recovery code makes new recovery codes: one stolen code would be ten for ever.</summary>
    [Fact]
    public async Task New_ones_ask_for_password_and_six_digits_however_recent_the_proof_and_end_the_old_ones()
    {
        await using var portal = await PortalAsync(DatabaseKind.Sqlite);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);
        await using var seat = await Seat.TakeAsync(portal, ada);
        var own = seat.Service<OwnRecoveryCodes>();

        Assert.IsType<RecoveryCodesOutcome.NotProved>(await own.MakeNewAsync(ada.Password, codes[0]));
        Assert.IsType<RecoveryCodesOutcome.NotProved>(await own.MakeNewAsync(null, null));
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.RecoveryCodesMade>(ada));
        var made = Assert.IsType<RecoveryCodesOutcome.Made>(
            await own.MakeNewAsync(ada.Password, await Oathtool.CodeAsync(ada.Secret!, portal.Now)));

        Assert.Equal(10, made.Codes.Count);
        Assert.DoesNotContain(made.Codes[0], $"{made}", StringComparison.Ordinal);
        Assert.Equal([ada.Email], await MailsAsync(portal, "recovery-codes-made"));
        Assert.IsType<Refusal.Wrong>(Refused.For(await SignInAsync(portal, ada, codes[0])));
        Assert.IsType<SignInOutcome.Proved>(await SignInAsync(portal, ada, made.Codes[0]));
    }

    [Fact]
    public async Task One_stands_in_for_the_digits_in_a_step_up()
    {
        await using var portal = await PortalAsync(DatabaseKind.Sqlite);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var codes = await portal.GiveRecoveryCodesAsync(ada);
        await using var seat = await Seat.TakeAsync(portal, ada);
        portal.Advance(Caller.StepUpAfter + TimeSpan.FromSeconds(1));
        var stepUp = seat.Service<StepUp>();

        Assert.IsType<Refusal.Wrong>(
            Refused.For(await stepUp.ProveAsync(StepUpFor.ChangingOwnEmail, ada.Password, "0000-0000-0000")));
        Assert.IsType<StepUpOutcome.Proved>(await stepUp.ProveAsync(StepUpFor.ChangingOwnEmail, ada.Password, codes[5]));

        Assert.IsType<StepUpNeed.Nothing>(await stepUp.EvaluateNeedAsync(StepUpFor.ChangingOwnEmail));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.RecoveryCodeUsed>(ada));
        Assert.Equal(2, (await MailsAsync(portal, "recovery-code-used")).Count);
    }

    /// <summary>
    /// Red when codes are due after a recovery code, again in the same session, or no more after a page that was closed before the tick.
    /// </summary>
    [Fact]
    public async Task Fresh_ones_are_due_at_each_sign_in_with_digits_until_they_are_saved()
    {
        await using var portal = await PortalAsync(DatabaseKind.Sqlite);
        var ada = await portal.AddPersonAsync(enrolled: true);
        await EndAsync(portal, ada);

        await using var first = await Seat.TakeAsync(portal, ada);
        var shown = Assert.IsType<RecoveryCodesOutcome.Made>(await first.Service<OwnRecoveryCodes>().MakeDueAsync());
        // F5, and another tab of this session.
        Assert.IsType<RecoveryCodesOutcome.NotDue>(await first.Service<OwnRecoveryCodes>().MakeDueAsync());

        // With one of them, although never ticked: it works, and shows nothing.
        await using var visitor = CircuitVisitor.At(portal);
        await visitor.PasswordAsync("ada", ada.Password);
        var ticket = Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(shown.Codes[0])).Ticket;
        await visitor.RedeemAsync(ticket);
        var session = (await portal.Services.GetRequiredService<SignInTickets>().FindRedeemedAsync(ticket))!.Caller.SessionId;
        await using var byCode = await Seat.OpenTabAsync(portal, session);
        Assert.IsType<RecoveryCodesOutcome.NotDue>(await byCode.Service<OwnRecoveryCodes>().MakeDueAsync());

        await using var second = await Seat.TakeAsync(portal, ada);
        var fresh = Assert.IsType<RecoveryCodesOutcome.Made>(await second.Service<OwnRecoveryCodes>().MakeDueAsync());
        Assert.NotEqual(shown.Codes, fresh.Codes);
        await second.Service<OwnRecoveryCodes>().NoteSavedAsync(shown.SetId);
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.RecoveryCodesSaved>(ada));
        await second.Service<OwnRecoveryCodes>().NoteSavedAsync(fresh.SetId);

        await using var third = await Seat.TakeAsync(portal, ada);
        Assert.IsType<RecoveryCodesOutcome.NotDue>(await third.Service<OwnRecoveryCodes>().MakeDueAsync());
        Assert.Equal(2, await portal.EventsAsync<AuditEvent.RecoveryCodesMade>(ada));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.RecoveryCodesSaved>(ada));
    }

    [Fact]
    public async Task Whoever_has_no_MFA_and_a_session_of_long_ago_is_shown_none()
    {
        await using var portal = await PortalAsync(DatabaseKind.Sqlite);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob"));
        await EndAsync(portal, ada);
        await using var hers = await Seat.TakeAsync(portal, ada);
        await using var his = await Seat.TakeAsync(portal, bob);

        Assert.False(await his.Service<OwnRecoveryCodes>().IsDueAsync());
        Assert.True(await hers.Service<OwnRecoveryCodes>().IsDueAsync());
        portal.Advance(Caller.StepUpAfter + TimeSpan.FromSeconds(1));
        Assert.False(await hers.Service<OwnRecoveryCodes>().IsDueAsync());
    }

    private async Task<PortalHost> PortalAsync(DatabaseKind kind)
    {
        var portal = await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(kind)));
        await portal.SetSecurityAsync();
        return portal;
    }

    private static async Task<SignInOutcome> PasswordAsync(PortalHost portal, TestPerson person)
    {
        await using var visitor = CircuitVisitor.At(portal);
        return await visitor.PasswordAsync(person.Username, person.Password);
    }

    private static async Task<SignInOutcome> SignInAsync(PortalHost portal, TestPerson person, string code)
    {
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(person.Username, person.Password));
        return await visitor.CodeAsync(code);
    }

    private static async Task<(RecoveryCodeSet Set, List<RecoveryCode> Codes)> StoredAsync(PortalHost portal, TestPerson person)
    {
        await using var work = await portal.BeginAsync();
        var set = await work.Query<RecoveryCodeSet>().SingleAsync(s => s.UserId == person.Id);
        return (set, await work.Query<RecoveryCode>().Where(c => c.SetId == set.Id).ToListAsync());
    }

    private static async Task<List<string>> MailsAsync(PortalHost portal, string template)
    {
        await using var work = await portal.BeginAsync();
        return await work.Query<OutboxEntry>().Where(m => m.TemplateKey == template).Select(m => m.RecipientAddress).ToListAsync();
    }

    private static async Task EndAsync(PortalHost portal, TestPerson person)
    {
        await using var work = await portal.BeginAsync();
        await work.RecoveryCodes.EndAsync(person.Id);
        await work.CommitAsync();
    }
}

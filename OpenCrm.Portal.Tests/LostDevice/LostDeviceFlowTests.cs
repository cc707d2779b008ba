using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;
using static OpenCrm.Portal.Tests.LostDevice.LostDeviceFixture;

namespace OpenCrm.Portal.Tests.LostDevice;

/// <summary>
/// The lost-device flow, sentence by sentence, on both databases (docs/spec.md 3.2; cases A10, tokens, and A11, guesses with a good link, of
/// docs/threats.md).
/// </summary>
public sealed class LostDeviceFlowTests(PostgresCluster postgres)
{
    private const string Wrong = "Not the pass phrase at all";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when the mails to the administrators are left out.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Link_and_password_let_the_person_in_disable_MFA_and_everybody_concerned_is_told(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var boss = await portal.AddPersonAsync("boss", administrator: true);
        var locked = await portal.AddPersonAsync("locked", administrator: true, state: AccountState.Locked);
        await portal.AddPersonAsync("inactive", administrator: true, state: AccountState.Inactive);
        var ada = await portal.AddPersonAsync(enrolled: true, administrator: true);
        await using var elsewhere = CircuitVisitor.At(portal, "198.51.100.9");
        await SignInByCodeAsync(portal, elsewhere, ada);
        var token = await portal.LinkAsync(ada);
        await using var halfDone = CircuitVisitor.At(portal, "198.51.100.10");
        Assert.IsType<SignInOutcome.CodeRequired>(await halfDone.PasswordAsync(ada.Username, ada.Password));
        await using var visitor = CircuitVisitor.At(portal);

        var proved = Assert.IsType<LostDeviceOutcome.Proved>(
            await visitor.LostDevice().ConfirmAsync(token, $" {ada.Email.ToUpperInvariant()} ", ada.Password));
        Assert.Equal(HttpStatusCode.NoContent, await visitor.RedeemAsync(proved.Ticket));

        Assert.True(await portal.UserAsync(ada) is { TwoFactorEnabled: false, EnrolmentId: null, AccessFailedCount: 0 });
        var sessions = await portal.RowsAsync<PortalSession>();
        Assert.Equal(SessionEnd.MfaChanged, Assert.Single(sessions, s => s.ProvedByCode).EndedBy);
        Assert.True(Assert.Single(sessions, s => !s.ProvedByCode) is { EndedAt: null });
        Assert.Equal(0, await portal.CountAsync<PendingSignIn>());
        Assert.IsType<Refusal.Changed>(Refused.For(await halfDone.CodeAsync(await Oathtool.CodeAsync(ada.Secret!, portal.Now + Oathtool.Step))));

        var told = await portal.RowsAsync<OutboxEntry>(mails => mails.Where(m => m.TemplateKey == "mfa-disabled"));
        Assert.Equal(
            new[] { PortalSettings.FirstAdministrator.Email, boss.Email, locked.Email, ada.Email }.Order(),
            told.Select(m => m.RecipientAddress).Order());
        Assert.All(await portal.MailsAsync("mfa-disabled"), mail =>
            Assert.Equal(
                (ada.Username, "lost-device", "", "192.0.2.1"),
                (mail["username"], mail["how"], mail["administrator_name"], mail["from_address"])));
        Assert.Equal("lost-device", Assert.Single(await portal.MailsAsync("mfa-removed", ada.Email))["how"]);
        Assert.Equal("""{"By":"LostDevice"}""", Assert.Single(await EventsAsync<AuditEvent.MfaDisabled>(portal)).Details);
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.LostDeviceLinkMade>(ada));

        // From now on the password alone is enough, and the link is used up.
        await using var next = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.Proved>(await next.PasswordAsync(ada.Username, ada.Password));
        Assert.IsType<LostDeviceOutcome.LinkEnded>(await portal.ConfirmAsync(token, ada));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.MfaDisabled>(ada));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_database_holds_a_hash_of_the_link_only_and_the_name_no_longer_than_the_answer_takes(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var token = await portal.LinkAsync(ada);

        var link = Assert.Single(await portal.LinksAsync(ada));
        Assert.Equal(SecretToken.Hash(token), link.TokenHash);
        Assert.Equal((await portal.UserAsync(ada)).EnrolmentId, link.EnrolmentId);
        Assert.Empty(Assert.Single(await portal.RowsAsync<MailedLinkRequest>()).ProtectedName);
        Assert.All(
            await portal.RowsAsync<OutboxEntry>(),
            mail => Assert.DoesNotContain(token, Encoding.UTF8.GetString(mail.ProtectedPayload), StringComparison.Ordinal));
        Assert.All(await portal.RowsAsync<AuditEntry>(), entry => Assert.DoesNotContain(token, entry.Details, StringComparison.Ordinal));
    }

    /// <summary>Expired by one second. Red with the fixed lifetime of password links, and with <c>ExpiresAt &gt;= Now</c>.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_link_works_as_long_as_the_setting_says_and_not_a_second_longer(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        Assert.Equal(30, (await ReadSettingsAsync(portal)).LostDeviceLinkMinutes);
        // Not at a full minute, when expired links are deleted: here the link still exists and is refused.
        portal.Advance(TimeSpan.FromSeconds(10));
        foreach (var minutes in new[] { 30, 5, 1440 })
        {
            await SetLinkMinutesAsync(portal, minutes);
            var (ann, bob) = (
                await portal.AddPersonAsync($"ann{minutes}", enrolled: true),
                await portal.AddPersonAsync($"bob{minutes}", enrolled: true));
            var (anns, bobs) = (await portal.LinkAsync(ann), await portal.LinkAsync(bob));

            portal.Advance(TimeSpan.FromMinutes(minutes) - Second);
            Assert.IsType<LostDeviceOutcome.Proved>(await portal.ConfirmAsync(anns, ann));
            portal.Advance(Second);
            Assert.IsType<LostDeviceOutcome.LinkEnded>(await portal.ConfirmAsync(bobs, bob));
            Assert.True((await portal.UserAsync(bob)).TwoFactorEnabled);
        }
    }

    /// <summary>
    /// Every wrong token gets the same answer. The password is not checked, whether right or wrong, and each try counts only for the network. Red
    /// when the network gets its attempt back before the link is checked.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_token_that_is_not_exactly_the_one_changes_nothing_and_looks_at_no_password(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var token = await portal.LinkAsync(ada);
        string forgotten;
        await using (var work = await portal.BeginAsync())
        {
            (forgotten, _) = await MailedLinks.CreateAsync(
                work, (await work.Users.FindAsync(ada.Id))!, MailedLinkKind.ForgottenPassword, new Caller.Console());
            await work.CommitAsync();
        }

        string[] bad =
        [
            token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), Flipped(token), token[..^1],
            token + token, token + " ", " " + token, forgotten, "", "#" + token, new string('x', 1_000_000)
        ];
        foreach (var one in bad)
            foreach (var password in new[] { ada.Password, Wrong })
                Assert.IsType<LostDeviceOutcome.LinkEnded>(await portal.ConfirmAsync(one, ada, password));

        Assert.True(await portal.UserAsync(ada) is { TwoFactorEnabled: true, AccessFailedCount: 0, FailuresInARow: 0 });
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.WrongPassword>());
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.MfaDisabled>());
        Assert.Equal(2 * bad.Length, (await NetworkAsync(portal)).Count);
        // The token does not set a password either: a link works only for its own purpose.
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await portal.Services.GetRequiredService<PasswordLinks>()
            .SetPasswordAsync(MailedLinkKind.ForgottenPassword, token, "Quite another pass phrase", new Caller.Nobody()));
        Assert.IsType<LostDeviceOutcome.Proved>(await portal.ConfirmAsync(token, ada));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Bad_tokens_are_as_many_as_the_limit_of_the_network_allows_and_then_the_good_one_is_not_looked_at_either(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database, settings => settings.With("Limits:SignInFailures", "4"));
        var ada = await portal.AddPersonAsync(enrolled: true);
        var token = await portal.LinkAsync(ada);

        for (var n = 0; n < 4; n++) Assert.IsType<LostDeviceOutcome.LinkEnded>(await portal.ConfirmAsync("no such token", ada));
        Assert.IsType<Refusal.TooManyFromHere>(Refused.For(await portal.ConfirmAsync("no such token", ada)));
        Assert.IsType<Refusal.TooManyFromHere>(Refused.For(await portal.ConfirmAsync(token, ada)));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.AddressLimitReached>());

        await using var elsewhere = CircuitVisitor.At(portal, "198.51.100.7");
        Assert.IsType<LostDeviceOutcome.Proved>(await elsewhere.ConfirmAsync(token, ada));
    }

    /// <summary>Red when the name is not compared with that of the link's user.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task With_a_good_link_a_wrong_password_and_any_other_name_count_on_the_counter_of_its_user(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        await portal.AddPersonAsync("another", administrator: true);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob", enrolled: true));
        var token = await portal.LinkAsync(ada);
        await using var visitor = CircuitVisitor.At(portal);
        Task<LostDeviceOutcome> TryAsync(string name, string password) => visitor.LostDevice().ConfirmAsync(token, name, password);

        // One wrong answer at sign-in, then one of each kind here: all count on the same counter.
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync(ada.Username, Wrong)));
        Assert.IsType<Refusal.Wrong>(Refused.For(await TryAsync(ada.Username, Wrong)));
        Assert.IsType<Refusal.Wrong>(Refused.For(await TryAsync(bob.Username, bob.Password)));
        Assert.IsType<Refusal.Wrong>(Refused.For(await TryAsync("nobody", ada.Password)));
        Assert.Equal(4, (await portal.UserAsync(ada)).AccessFailedCount);
        Assert.Equal(0, (await portal.UserAsync(bob)).AccessFailedCount);
        Assert.True((await portal.UserAsync(ada)).TwoFactorEnabled && (await portal.UserAsync(bob)).TwoFactorEnabled);
        Assert.Null(Assert.Single(await portal.LinksAsync(ada)).ConsumedAt);

        Assert.Equal(new LostDeviceOutcome.Refused(new Refusal.LockedOut(null, 5)), await TryAsync(bob.Email, ada.Password));
        Assert.Equal(0, await portal.CountAsync<DecoyAccount>());
        Assert.Equal(5, await portal.EventsAsync<AuditEvent.WrongPassword>(ada));
        Assert.Equal(4, (await EventsAsync<AuditEvent.WrongPassword>(portal)).Count(e => e.Details == """{"At":"LostDevice"}"""));
        Assert.Single(await portal.MailsAsync("account-locked", ada.Email));

        // The lock ended the link; an unlock does not bring it back.
        Assert.IsType<LostDeviceOutcome.LinkEnded>(await TryAsync(ada.Username, ada.Password));
        await UnlockAsync(portal, ada);
        Assert.IsType<LostDeviceOutcome.LinkEnded>(await TryAsync(ada.Username, ada.Password));
        Assert.True((await portal.UserAsync(ada)).TwoFactorEnabled);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task After_wrong_passwords_the_link_still_works_and_the_counter_starts_again(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var token = await portal.LinkAsync(ada);
        for (var n = 0; n < 4; n++) Assert.IsType<Refusal.Wrong>(Refused.For(await portal.ConfirmAsync(token, ada, Wrong)));

        Assert.IsType<LostDeviceOutcome.Proved>(await portal.ConfirmAsync(token, ada));

        Assert.True(await portal.UserAsync(ada) is { AccessFailedCount: 0, FailuresInARow: 0, TwoFactorEnabled: false });
        Assert.Equal(4, (await NetworkAsync(portal)).Count);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Whoever_was_signed_in_in_that_browser_is_signed_out_by_it(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob"));
        await using var visitor = CircuitVisitor.At(portal);
        await visitor.RedeemAsync(Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(bob.Username, bob.Password)).Ticket);
        var token = await portal.LinkAsync(ada);

        var proved = Assert.IsType<LostDeviceOutcome.Proved>(await visitor.ConfirmAsync(token, ada));
        Assert.Equal(HttpStatusCode.NoContent, await visitor.RedeemAsync(proved.Ticket));

        var sessions = await portal.RowsAsync<PortalSession>();
        Assert.Equal(SessionEnd.SignedInAgain, Assert.Single(sessions, s => s.UserId == bob.Id).EndedBy);
        Assert.Null(Assert.Single(sessions, s => s.UserId == ada.Id).EndedAt);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_browser_that_keeps_no_cookies_uses_nothing_up(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var token = await portal.LinkAsync(ada);
        await using var visitor = CircuitVisitor.At(portal, browser: "none");

        Assert.IsType<LostDeviceOutcome.NoCookies>(await visitor.ConfirmAsync(token, ada));
        Assert.IsType<LostDeviceOutcome.Proved>(await portal.ConfirmAsync(token, ada));
    }

    private static Task SetLinkMinutesAsync(PortalHost portal, int minutes) =>
        ChangeAsync(portal, work => work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.LostDeviceLinkMinutes, minutes)));

    private static async Task<SecuritySettings> ReadSettingsAsync(PortalHost portal) => Assert.Single(await portal.RowsAsync<SecuritySettings>());

    private static async Task<AddressCount> NetworkAsync(PortalHost portal) =>
        Assert.Single(await portal.RowsAsync<AddressCount>(), count => count.Key == AddressCount.KeyOf("sign-in", "192.0.2.1"));

    private static Task<List<AuditEntry>> EventsAsync<T>(PortalHost portal) where T : AuditEvent =>
        portal.RowsAsync<AuditEntry>(entries => entries.Where(e => e.Kind == typeof(T).Name));

    /// <summary>Inverts one bit of the token's bytes.</summary>
    private static string Flipped(string token)
    {
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(token);
        bytes[7] ^= 1;
        return System.Buffers.Text.Base64Url.EncodeToString(bytes);
    }
}

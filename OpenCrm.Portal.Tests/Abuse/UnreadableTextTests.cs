using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.AuditLog;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.EmailTemplates;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Outbox;
using OpenCrm.Portal.Rescue;
using OpenCrm.Portal.Setup;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Accounts;
using OpenCrm.Portal.Tests.Configuration;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>
/// Text that cannot be normalized or stored comes in by every way, past the pages, as a forged frame of the circuit would bring it. On both
/// databases, because text that one of them accepts makes the other one throw.
/// </summary>
public sealed class UnreadableTextTests(PostgresCluster postgres)
{
    private static readonly string[] Kinds = [.. IncomingTextTests.Never, .. IncomingTextTests.Unseen];

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    // Red with string.Normalize alone: the first of these names throws ArgumentException.
    [Theory, MemberData(nameof(Both))]
    public async Task At_sign_in_such_a_name_is_an_unknown_name_with_a_counter_of_its_own(DatabaseKind kind)
    {
        await using var portal = await StartAsync(kind);
        await portal.AddPersonAsync();

        foreach (var bad in Kinds)
        {
            await using var visitor = CircuitVisitor.At(portal);
            Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync($"ada{bad}x", TestAccounts.Password)));
        }
        var name = "ada\ufffe";
        List<SignInOutcome> outcomes = [];
        for (var tries = 0; tries < 6; tries++)
        {
            await using var visitor = CircuitVisitor.At(portal);
            outcomes.Add(await visitor.PasswordAsync(name, "wrong"));
        }

        Assert.All(outcomes[..4], outcome => Assert.IsType<Refusal.Wrong>(Refused.For(outcome)));
        Assert.All(outcomes[4..], outcome => Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)), outcome));
        // One row for each name; two of the filler characters are the same under NFKC.
        Assert.Equal(Kinds.Length, await portal.CountAsync<DecoyAccount>());
        Assert.Equal(Kinds.Length + 5, await portal.EventsAsync<AuditEvent.UnknownName>());
    }

    // Red without NFKC: "ｚoe" is an unknown name then, and its guesses count on a decoy.
    [Theory, MemberData(nameof(Both))]
    public async Task However_a_name_is_written_it_is_one_person_and_one_counter_also_where_nobody_has_it(DatabaseKind kind)
    {
        await using var portal = await StartAsync(kind);
        var zoe = await portal.AddPersonAsync("zoe");
        async Task<List<SignInOutcome>> GuessAsync(params string[] names)
        {
            List<SignInOutcome> outcomes = [];
            foreach (var name in names)
            {
                await using var visitor = CircuitVisitor.At(portal);
                outcomes.Add(await visitor.PasswordAsync(name, "wrong"));
            }
            return outcomes;
        }
        await using (var visitor = CircuitVisitor.At(portal)) Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync("ｚｏｅ", zoe.Password));

        var real = await GuessAsync("zoe", "ｚoe", "ＺＯＥ", "𝐳oe", "zoe＠example.test", "zoe");
        var decoy = await GuessAsync("joe", "ｊoe", "ＪＯＥ", "𝐣oe", " joe ", "joe");

        Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)), real[4]);
        Assert.Equal(real, decoy);
        Assert.Equal((5, 1), ((await portal.UserAsync(zoe)).AccessFailedCount, await portal.CountAsync<DecoyAccount>()));
    }

    // Red when a lone surrogate reaches the hasher, which throws EncoderFallbackException.
    [Theory, MemberData(nameof(Both))]
    public async Task A_password_that_cannot_be_written_as_bytes_is_a_wrong_one_and_none_is_set(DatabaseKind kind)
    {
        await using var portal = await StartAsync(kind);
        var ada = await portal.AddPersonAsync();
        await using var visitor = CircuitVisitor.At(portal);

        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync("ada", $"{ada.Password}\ud800")));

        Assert.Equal((1, 1), ((await portal.UserAsync(ada)).AccessFailedCount, await portal.EventsAsync<AuditEvent.WrongPassword>(ada)));
        await using var seat = await Seat.TakeAsync(portal, ada);
        foreach (var bad in IncomingTextTests.Never)
        {
            var refused = Assert.IsType<OwnOutcome.PasswordRefused>(
                await seat.Service<OwnCredentials>().ChangePasswordAsync(ada.Password, $"seven tired otters {bad}"));
            Assert.Equal([PasswordFault.Unreadable], refused.Faults);
            Assert.Contains("cannot be stored", PasswordWording.Describe(refused.Faults)!, StringComparison.Ordinal);
        }
        // A password is seen by nobody else, so it stays as it was typed, invisible characters included.
        Assert.IsType<OwnOutcome.Done>(await seat.Service<OwnCredentials>().ChangePasswordAsync(ada.Password, "family 👨\u200d👩\u200d👧 of otters"));
        Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync("ada", "family 👨\u200d👩\u200d👧 of otters"));
    }

    // Red with string.Normalize in the worker: each of these throws, and twenty of them keep every later request waiting for ever.
    [Theory, MemberData(nameof(Both))]
    public async Task Requests_for_links_with_such_names_keep_nobody_waiting(DatabaseKind kind)
    {
        await using var portal = await StartAsync(kind);
        var ada = await portal.AddPersonAsync(enrolled: true);
        await portal.SetSecurityAsync();
        var requests = portal.Services.GetRequiredService<MailedLinkRequests>();
        foreach (var of in new[] { MailedLinkKind.ForgottenPassword, MailedLinkKind.LostDevice })
            foreach (var bad in Kinds)
                Assert.True(await requests.AddAsync(of, $"a{bad}da", new Caller.Nobody { Address = "192.0.2.7" }));

        Assert.True(await requests.AddAsync(MailedLinkKind.ForgottenPassword, "ａda", new Caller.Nobody { Address = "192.0.2.8" }));

        await new Mailbox(portal.PickupFolder).WaitForAsync(ada.Email, "forgotten-password");
        await Eventually.TrueAsync(
            async () => await portal.CountAsync<MailedLinkRequest>(requests => requests.Where(r => r.AnsweredAt == null)) == 0,
            "every request is answered");
        Assert.Single(new Mailbox(portal.PickupFolder).All());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Administrators_are_told_at_the_field_and_nothing_is_stored(DatabaseKind kind)
    {
        await using var portal = await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(kind)) with { PublicUrlFromSetup = true });
        await portal.SetSecurityAsync(mfa: false);
        var root = await portal.AddPersonAsync("root", administrator: true);
        await using var seat = await Seat.TakeAsync(portal, root);
        var (details, settings, editor) = (
            seat.Service<UserDetails>(),
            new SettingsDesk(seat.Service<AdditionalSettings>(), seat.Service<MfaSwitch>()),
            seat.Service<TemplateEditor>());
        var before = await portal.CountAsync<PortalUser>();
        foreach (var bad in Kinds)
        {
            var refused = Assert.IsType<DetailsOutcome.Invalid>(
                await details.CreateAsync(new($"a{bad}b", $"A{bad}b", $"a{bad}b@example.test", false)));
            Assert.Equal([UserFault.UsernameUnreadable, UserFault.NameUnreadable, UserFault.EmailUnreadable], refused.Faults);
            Assert.Equal(
                UserFault.EmailUnreadable,
                Assert.IsType<OwnOutcome.EmailRefused>(await seat.Service<OwnCredentials>().ChangeEmailAsync($"a{bad}b@example.test")).Fault);
            var general = (await settings.ReadAsync()).General;
            var invalid = Assert.IsType<SettingsOutcome.Invalid>(
                await settings.SaveAsync(new GeneralFields(general.Version, $"North{bad}wind", $"https://portal{bad}x.example.test")));
            Assert.Equal([nameof(GeneralSettings.CompanyName), nameof(GeneralSettings.PendingPublicUrl)], invalid.Fields);
            Assert.Contains(
                Assert.IsType<TemplateOutcome.Invalid>(await editor.SaveAsync(TemplateCatalogue.Test, new($"a{bad}b", "x", "x"), 0)).Faults,
                fault => fault is TemplateFault.Unprintable);
            var body = await editor.PreviewAsync(TemplateCatalogue.Test, new("a", $"<p>a{bad}b</p>", "x"));
            Assert.Equal(IncomingTextTests.Unseen.Contains(bad), body is TemplatePreview.Shown);
        }
        Assert.Equal(before, await portal.CountAsync<PortalUser>());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Twins_are_refused_at_the_field_and_names_of_before_may_stay(DatabaseKind kind)
    {
        await using var portal = await StartAsync(kind);
        await portal.SetSecurityAsync(mfa: false);
        var (root, anna) = (await portal.AddPersonAsync("root", administrator: true), await portal.AddPersonAsync("anna"));
        await using var seat = await Seat.TakeAsync(portal, root);
        var details = seat.Service<UserDetails>();

        Assert.Equal([UserFault.UsernameTaken], await FindFaultsAsync("ａnna", "b@example.test"));
        Assert.Equal([UserFault.UsernameTaken], await FindFaultsAsync("𝐀NNA", "b@example.test"));
        Assert.Equal([UserFault.UsernameMixed], await FindFaultsAsync("\u0430nna", "b@example.test"));
        Assert.Equal([UserFault.UsernameUnreadable], await FindFaultsAsync("anna\ufe0f", "b@example.test"));
        Assert.Equal([UserFault.EmailTaken], await FindFaultsAsync("b", "ａnna@example.test"));
        Assert.IsType<DetailsOutcome.Saved>(await details.CreateAsync(new("анна", "Анна", "b@example.test", false)));

        // A name from before these rules, which nobody may choose today: everything else of the account can still be edited.
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<PortalUser>().Where(u => u.Id == anna.Id)
                .ExecuteUpdateAsync(set => set
                    .SetProperty(u => u.UserName, "\u0430nna")
                    .SetProperty(u => u.NormalizedUserName, AccountName.Normalize("\u0430nna")));
            await work.CommitAsync();
        }
        var record = (await details.ReadAsync(anna.Id))!;
        Assert.IsType<DetailsOutcome.Saved>(await details.SaveAsync(anna.Id, record.Version, UserEdit.Of(record) with { Name = "Anna Lee" }));

        async Task<IReadOnlyList<UserFault>> FindFaultsAsync(string username, string email) =>
            Assert.IsType<DetailsOutcome.Invalid>(await details.CreateAsync(new(username, "B", email, false))).Faults;
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Searches_and_downloads_find_what_is_left_of_the_text(DatabaseKind kind)
    {
        await using var portal = await StartAsync(kind);
        var root = await portal.AddPersonAsync("root", administrator: true);
        await portal.AddPersonAsync("weiß");
        await using var seat = await Seat.TakeAsync(portal, root);
        foreach (var bad in Kinds)
        {
            var found = await seat.Service<UserList>().ReadAsync(new UserQuery { Search = UserQuery.Clean($"ro{bad}ot") });
            Assert.Equal(["root"], found.Rows.Select(row => row.Username));
            await seat.Service<UserList>().ReadAsync(new UserQuery { Search = $"ro{bad}ot" });
            await seat.Service<OutboxList>().ReadAsync(new OutboxQuery { Search = OutboxQuery.Clean($"ro{bad}ot") });
            await seat.Service<AuditList>().ReadAsync(new AuditQuery { User = $"ro{bad}ot" });
            await using var file = new StringWriter();
            var typed = bad.Length == 1 && char.IsSurrogate(bad[0]) ? "" : bad;
            var query = UserQuery.Parse($"?search=ro{Uri.EscapeDataString(typed)}");
            await portal.Services.GetRequiredService<UserExport>().WriteAsync(seat.SessionId, null, query, () => file, CancellationToken.None);
            Assert.Contains("root", file.ToString(), StringComparison.Ordinal);
        }
        // A search folds what is typed in the same way as the stored names.
        foreach (var typed in new[] { "WEISS", "weiß", "ｗeiss" })
            Assert.Equal(["weiß"], (await seat.Service<UserList>().ReadAsync(new UserQuery { Search = typed })).Rows.Select(row => row.Username));
    }

    [Fact]
    public async Task The_set_up_page_and_the_command_line_refuse_it_too()
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings { Administrator = null, PublicUrlFromSetup = true });
        var (setUp, accounts) = (portal.Services.GetRequiredService<PortalSetUp>(), portal.Services.GetRequiredService<RescueAccounts>());
        foreach (var bad in Kinds)
        {
            var invalid = Assert.IsType<SetUpOutcome.Invalid>(await setUp.SetUpWithCodeAsync(
                "x",
                new($"N{bad}w", $"https://p{bad}.example.test", $"a{bad}b", $"a{bad}b@example.test", "seven tired otters hum"),
                null));
            Assert.True(invalid is { CompanyName: true, PublicUrl: true });
            Assert.Equal([UserFault.UsernameUnreadable, UserFault.NameUnreadable, UserFault.EmailUnreadable], invalid.User);
            var refused = Assert.IsType<UserOutcome.Invalid>(
                await accounts.CreateAdministratorAsync(new(), $"a{bad}b", $"a{bad}b@example.test", "seven tired otters hum"));
            Assert.Contains(UserFault.UsernameUnreadable, refused.User);
            Assert.IsType<UserOutcome.NoSuchUser>(await accounts.UnlockAsync(new Caller.Console(), $"a{bad}b"));
        }
        Assert.Equal(0, await portal.CountAsync<PortalUser>());
    }

    private async Task<PortalHost> StartAsync(DatabaseKind kind) => await PortalHost.StartAsync(
        TwoNodes.Raised(await postgres.NewAsync(kind)).With("Limits:MailedLinks", "1000"));
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;
using static OpenCrm.Portal.Tests.Users.UserAdministrationFixture;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>New User and Edit on both databases: invitations, mails, proofs, and what open pages show (docs/spec.md 5.3 and 5.4).</summary>
public sealed class UserDetailsTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_new_user_is_invited_in_the_same_commit_and_invited_again_until_a_password_is_chosen(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync(mfa: false);
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        await using var admin = await Seat.TakeAsync(portal, ann);

        var taken = Assert.IsType<DetailsOutcome.Invalid>(await Details(admin).CreateAsync(new(" ANN ", "", "Ann@Example.test", false)));
        Assert.Equal([UserFault.UsernameTaken, UserFault.NameInvalid, UserFault.EmailTaken], taken.Faults.Order());
        var wrong = Assert.IsType<DetailsOutcome.Invalid>(await Details(admin).CreateAsync(new("bob@home", "Bob", "bob", false)));
        Assert.Equal([UserFault.UsernameInvalid, UserFault.EmailInvalid], wrong.Faults.Order());
        Assert.Equal((0, 0), (await portal.CountAsync<OutboxEntry>(), await portal.EventsAsync<AuditEvent.UserCreated>()));

        var saved = Assert.IsType<DetailsOutcome.Saved>(await Details(admin).CreateAsync(new(" bob ", " Bob Ray ", " bob@example.test ", false)));

        var bob = new TestPerson(saved.Id, "bob", "bob@example.test", "", null);
        Assert.True(await portal.UserAsync(bob) is
        {
            UserName: "bob", Name: "Bob Ray", NormalizedName: "BOB RAY",
            PasswordHash: null, IsSystemAdministrator: false, State: AccountState.Active
        });
        Assert.Equal((1, 1), (await portal.EventsAsync<AuditEvent.UserCreated>(bob), await MailsAsync(portal, "invitation", bob.Email)));
        Assert.Equal(PasswordState.Invited, (await Details(admin).ReadAsync(bob.Id))!.Password);
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync("bob", "")));

        Assert.IsType<UserOutcome.Done>(await Administration(admin).InviteAgainAsync(bob.Id));
        Assert.Equal(2, await MailsAsync(portal, "invitation", bob.Email));
        var links = portal.Services.GetRequiredService<PasswordLinks>();
        var mailbox = new Mailbox(portal.PickupFolder);
        await mailbox.WaitForAsync(bob.Email, "invitation", count: 2);
        var outcomes = new List<NewPasswordOutcome>();
        foreach (var mail in mailbox.Of(bob.Email, "invitation"))
        {
            outcomes.Add(await links.SetPasswordAsync(
                MailedLinkKind.Invitation, Mailbox.Link(mail).Fragment[1..], TestAccounts.Password, new Caller.Nobody()));
        }
        // The files do not tell which of the two links is newer.
        Assert.Equal([nameof(NewPasswordOutcome.Done), nameof(NewPasswordOutcome.LinkEnded)], outcomes.Select(o => o.GetType().Name).Order());
        Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync("bob", TestAccounts.Password));
        Assert.IsType<UserOutcome.NothingToDo>(await Administration(admin).InviteAgainAsync(bob.Id));
        Assert.Equal(2, await MailsAsync(portal, "invitation"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_invitation_that_went_to_a_mistyped_address_goes_out_again_to_the_right_one_and_the_first_link_is_dead(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync(mfa: false);
        await using var admin = await Seat.TakeAsync(portal, await portal.AddPersonAsync("ann", administrator: true));
        var bob = Assert.IsType<DetailsOutcome.Saved>(await Details(admin).CreateAsync(new("bob", "Bob Ray", "bbo@example.test", false))).Id;
        var record = (await Details(admin).ReadAsync(bob))!;

        Assert.IsType<DetailsOutcome.Saved>(
            await Details(admin).SaveAsync(bob, record.Version, UserEdit.Of(record) with { Email = "bob@example.test" }));

        Assert.Equal(
            (1, 1),
            (await MailsAsync(portal, "invitation", "bob@example.test"), await MailsAsync(portal, "email-changed", "bbo@example.test")));
        var mailbox = new Mailbox(portal.PickupFolder);
        var links = portal.Services.GetRequiredService<PasswordLinks>();
        async Task<NewPasswordOutcome> FollowAsync(string address) => await links.SetPasswordAsync(
            MailedLinkKind.Invitation,
            Mailbox.Link(await mailbox.WaitForAsync(address, "invitation")).Fragment[1..],
            TestAccounts.Password, new Caller.Nobody());
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await FollowAsync("bbo@example.test"));
        Assert.IsType<NewPasswordOutcome.Done>(await FollowAsync("bob@example.test"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_new_administrator_a_role_and_an_address_ask_for_a_fresh_proof_a_name_does_not(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        var record = (await Details(admin).ReadAsync(bob.Id))!;
        portal.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));

        Assert.IsType<DetailsOutcome.StepUpNeeded>(await Details(admin).CreateAsync(new("eve", "Eve", "eve@example.test", true)));
        Assert.IsType<DetailsOutcome.StepUpNeeded>(
            await Details(admin).SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { IsSystemAdministrator = true }));
        Assert.IsType<DetailsOutcome.StepUpNeeded>(
            await Details(admin).SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { Email = "new@example.test" }));
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.UserChanged>());
        Assert.IsType<DetailsOutcome.Saved>(
            await Details(admin).SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { Name = "Bob Ray", Username = "bob.ray" }));
        Assert.Equal(2, await portal.EventsAsync<AuditEvent.UserChanged>(bob));

        Assert.IsType<StepUpOutcome.Proved>(await admin.Service<StepUp>().ProveAsync(StepUpFor.ActingAsAdministrator, ann.Password, null));
        Assert.IsType<DetailsOutcome.Saved>(await Details(admin).CreateAsync(new("eve", "Eve", "eve@example.test", true)));
    }

    /// <summary>Red when an unchanged name is checked again: then nothing else of such a person can be changed.</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_name_of_before_that_would_be_refused_today_keeps_nothing_else_from_being_changed(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        const string old = "Bob\u200b Ray";
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<PortalUser>().Where(u => u.Id == bob.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.Name, old));
            await work.CommitAsync();
        }
        await using var admin = await Seat.TakeAsync(portal, ann);
        var record = (await Details(admin).ReadAsync(bob.Id))!;

        Assert.IsType<DetailsOutcome.Saved>(await Details(admin).SaveAsync(
            bob.Id, record.Version, UserEdit.Of(record) with { Email = "bob@elsewhere.test", IsSystemAdministrator = true }));

        Assert.True(await portal.UserAsync(bob) is { Email: "bob@elsewhere.test", IsSystemAdministrator: true, Name: old });
        record = (await Details(admin).ReadAsync(bob.Id))!;
        var changed = await Details(admin).SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { Name = old + "mond" });
        Assert.Equal([UserFault.NameUnreadable], Assert.IsType<DetailsOutcome.Invalid>(changed).Faults);
    }

    /// <summary>Red when the mail goes to the new address, and when the stamp does not change (the link then still works).</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_new_address_tells_the_old_one_and_ends_open_links(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync(mfa: false);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var page = await Seat.TakeAsync(portal, bob);
        var token = await LinkAsync(portal, bob);
        var record = (await Details(admin).ReadAsync(bob.Id))!;

        Assert.IsType<DetailsOutcome.Saved>(
            await Details(admin).SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { Email = "bob@elsewhere.test" }));

        Assert.True(await portal.UserAsync(bob) is { Email: "bob@elsewhere.test", NormalizedEmail: "BOB@ELSEWHERE.TEST" });
        Assert.Equal((1, 1), (await MailsAsync(portal, "email-changed"), await MailsAsync(portal, "email-changed", bob.Email)));
        Assert.Equal(
            1,
            await portal.CountAsync<AuditEntry>(entries => entries.Where(
                e => e.Kind == nameof(AuditEvent.UserChanged) && e.Details.Contains("bob@elsewhere.test") && e.Details.Contains(bob.Email))));
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await portal.Services.GetRequiredService<PasswordLinks>().SetPasswordAsync(
            MailedLinkKind.ForgottenPassword, token, "Quite another pass phrase", new Caller.Nobody()));
        Assert.False(await page.AdministersAsync());
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync("bob@elsewhere.test", bob.Password));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Two_who_edit_the_same_user_one_saves_and_the_other_sees_that_one_s_values(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        var (ann, cem, bob) = (
            await portal.AddPersonAsync("ann", administrator: true),
            await portal.AddPersonAsync("cem", administrator: true),
            await portal.AddPersonAsync("bob"));
        await using var here = await Seat.TakeAsync(portal, ann);
        await using var there = await Seat.TakeAsync(portal, cem);
        var record = (await Details(here).ReadAsync(bob.Id))!;

        Assert.IsType<DetailsOutcome.Saved>(await Details(here).SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { Name = "Bob of Ann" }));
        var meanwhile = Assert.IsType<DetailsOutcome.SavedMeanwhile>(
            await Details(there).SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { Name = "Bob of Cem" }));

        Assert.Equal(("Bob of Ann", "ann"), (meanwhile.Theirs.Name, meanwhile.By));
        Assert.Equal("Bob of Ann", (await portal.UserAsync(bob)).Name);
        Assert.IsType<DetailsOutcome.Saved>(await Details(there).SaveAsync(bob.Id, meanwhile.Version, meanwhile.Theirs with { Name = "Bob of Cem" }));
        Assert.Equal("Bob of Cem", (await portal.UserAsync(bob)).Name);

        // Two at the same moment, on each of ten versions: one of them saves.
        for (var round = 0; round < 10; round++)
        {
            var version = (await portal.UserAsync(bob)).ConcurrencyStamp!;
            var before = (await Details(here).ReadAsync(bob.Id))!;
            var outcomes = await TestAccounts.AtOnceAsync(new[] { here, there }.Select((seat, n) => (Func<Task<DetailsOutcome>>)(() =>
                Details(seat).SaveAsync(bob.Id, version, UserEdit.Of(before) with { Name = $"Bob {round} {n}" }))));
            Assert.Single(outcomes, outcome => outcome is DetailsOutcome.Saved);
            Assert.Single(outcomes, outcome => outcome is DetailsOutcome.SavedMeanwhile);
        }
        Assert.Equal(12, await portal.EventsAsync<AuditEvent.UserChanged>(bob));
    }

    /// <summary>Red when no notice is sent: the open page keeps the navigation of the old role.</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_role_change_keeps_the_session_and_judges_the_open_page_again(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var page = await Seat.TakeAsync(portal, bob);
        foreach (var role in new[] { true, false })
        {
            var record = (await Details(admin).ReadAsync(bob.Id))!;
            Assert.IsType<DetailsOutcome.Saved>(
                await Details(admin).SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { IsSystemAdministrator = role }));
            await Eventually.TrueAsync(
                async () => await page.AdministersAsync() == role,
                "the page is drawn for the other role",
                TimeSpan.FromSeconds(5));
        }
        await Assert.ThrowsAsync<AccessRefusedException>(() => Details(page).ReadAsync(ann.Id));
        Assert.Equal(2, await portal.CountAsync<PortalSession>(sessions => sessions.Where(s => s.EndedAt == null)));
        Assert.Equal(2, await portal.EventsAsync<AuditEvent.UserChanged>(bob));
    }

    [Fact]
    public async Task A_role_change_reaches_open_pages_on_the_other_node()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var (ann, bob) = (await nodes.A.AddPersonAsync("ann", administrator: true), await nodes.A.AddPersonAsync("bob"));
        await using var admin = await Seat.TakeAsync(nodes.A, ann);
        await using var page = await Seat.TakeAsync(nodes.B, bob);
        var record = (await Details(admin).ReadAsync(bob.Id))!;

        await Details(admin).SaveAsync(bob.Id, record.Version, UserEdit.Of(record) with { IsSystemAdministrator = true, Name = "Bob Ray" });

        await Eventually.TrueAsync(
            async () => await page.AdministersAsync() == true,
            "the page is drawn for an administrator",
            TimeSpan.FromSeconds(5));
        Assert.Equal("Bob Ray", (await page.Page.GetAuthenticationStateAsync()).User.FindFirst(PortalClaims.DisplayName)?.Value);
    }
}

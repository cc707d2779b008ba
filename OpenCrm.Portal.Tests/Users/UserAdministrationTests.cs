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

/// <summary>
/// What administrators do to other people's accounts, on both databases: state, event, mails, and who may (docs/spec.md 3.3 and 5.2 to 5.5).
/// </summary>
public sealed class UserAdministrationTests(PostgresCluster postgres)
{
    private const string Wrong = "Not the pass phrase at all";

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when the lock does not end the sessions, and when it does not end the links.</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_lock_ends_everything_at_once_tells_the_person_and_lasts_until_it_is_unlocked(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync();
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob", enrolled: true));
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var page = await Seat.TakeAsync(portal, bob);
        await using var halfDone = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await halfDone.PasswordAsync(bob.Username, bob.Password));
        await LinkAsync(portal, bob);

        Assert.IsType<UserOutcome.Done>(await Administration(admin).LockAsync(bob.Id));

        Assert.Equal(AccountStatus.Locked, (await portal.UserAsync(bob)).StatusAt(portal.Now));
        Assert.Equal(SessionEnd.AccountClosed, page.Page.EndedBy);
        // On PostgreSQL the node's own notice may end the page, on another thread.
        await Eventually.TrueAsync(async () => await page.AdministersAsync() is null, "nobody is signed in on the page");
        Assert.Equal(0, await portal.CountAsync<PendingSignIn>());
        Assert.Equal(0, await portal.CountAsync<MailedLink>(links => links.Where(l => l.ConsumedAt == null)));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.LockedByAdministrator>(bob));
        Assert.Equal(1, await MailsAsync(portal, "account-locked", bob.Email));
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<Refusal.LockedByAdministrator>(Refused.For(await visitor.PasswordAsync(bob.Username, bob.Password)));

        Assert.IsType<UserOutcome.NothingToDo>(await Administration(admin).LockAsync(bob.Id));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.LockedByAdministrator>(bob));
        Assert.Equal(1, await MailsAsync(portal, "account-locked"));

        Assert.IsType<UserOutcome.Done>(await Administration(admin).UnlockAsync(bob.Id));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.Unlocked>(bob));
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(bob.Username, bob.Password));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_unlock_after_failed_attempts_sets_every_count_to_zero(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync(attempts: 2, mfa: false);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var page = await Seat.TakeAsync(portal, bob);
        await using var visitor = CircuitVisitor.At(portal);
        for (var n = 0; n < 2; n++) await visitor.PasswordAsync(bob.Username, Wrong);
        Assert.Equal(AccountStatus.LockedFailedAttempts, (await portal.UserAsync(bob)).StatusAt(portal.Now));
        // A lock after failed attempts ends no session, but an administrator may replace it with a lock of their own.
        Assert.NotNull(await page.AdministersAsync());

        Assert.IsType<UserOutcome.Done>(await Administration(admin).UnlockAsync(bob.Id));

        Assert.True(
            await portal.UserAsync(bob) is { LockoutEnd: null, AccessFailedCount: 0, LocksInARow: 0, FailuresInARow: 0, State: AccountState.Active });
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.Unlocked>(bob));
        Assert.IsType<UserOutcome.NothingToDo>(await Administration(admin).UnlockAsync(bob.Id));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.Unlocked>(bob));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_deactivated_account_behaves_as_none_until_it_is_activated_with_its_counts_at_zero(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync(mfa: false);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var page = await Seat.TakeAsync(portal, bob);
        await using var visitor = CircuitVisitor.At(portal);
        await visitor.PasswordAsync(bob.Username, Wrong);
        await LinkAsync(portal, bob);

        Assert.IsType<UserOutcome.Done>(await Administration(admin).DeactivateAsync(bob.Id));

        Assert.Equal(SessionEnd.AccountClosed, page.Page.EndedBy);
        Assert.Equal(0, await portal.CountAsync<MailedLink>(links => links.Where(l => l.ConsumedAt == null)));
        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync(bob.Username, bob.Password)));
        Assert.Equal(0, await portal.CountAsync<OutboxEntry>());
        foreach (var refused in new[]
        {
            await Administration(admin).DeactivateAsync(bob.Id),
            await Administration(admin).LockAsync(bob.Id),
            await Administration(admin).UnlockAsync(bob.Id)
        })
        {
            Assert.IsType<UserOutcome.NothingToDo>(refused);
        }

        Assert.IsType<UserOutcome.Done>(await Administration(admin).ActivateAsync(bob.Id));

        Assert.True(await portal.UserAsync(bob) is { State: AccountState.Active, AccessFailedCount: 0, FailuresInARow: 0 });
        Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(bob.Username, bob.Password));
        Assert.IsType<UserOutcome.NothingToDo>(await Administration(admin).ActivateAsync(bob.Id));
        Assert.Equal((1, 1), (await portal.EventsAsync<AuditEvent.Deactivated>(bob), await portal.EventsAsync<AuditEvent.Activated>(bob)));
    }

    /// <summary>Red when the old hash is kept, and when the link is made with the stamp from before the reset.</summary>
    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_reset_stops_the_old_password_at_once_and_mails_a_link_that_sets_a_new_one(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync();
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob", enrolled: true));
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var page = await Seat.TakeAsync(portal, bob);
        await using var halfDone = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await halfDone.PasswordAsync(bob.Username, bob.Password));

        Assert.IsType<UserOutcome.Done>(await Administration(admin).ResetPasswordAsync(bob.Id));

        Assert.Equal(SessionEnd.PasswordChanged, page.Page.EndedBy);
        Assert.IsType<Refusal.Changed>(Refused.For(await halfDone.CodeAsync(await Oathtool.CodeAsync(bob.Secret!, portal.Now))));
        await using var visitor = CircuitVisitor.At(portal);
        foreach (var tried in new[] { bob.Password, "" }) Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync(bob.Username, tried)));
        Assert.True(await portal.UserAsync(bob) is { PasswordHash: null, TwoFactorEnabled: true, EnrolmentId: not null });
        Assert.Equal(
            (1, 1),
            (await portal.EventsAsync<AuditEvent.PasswordWithdrawn>(bob), await portal.EventsAsync<AuditEvent.PasswordLinkMade>(bob)));
        Assert.Equal(1, await MailsAsync(portal, "forgotten-password", bob.Email));
        var record = (await Details(admin).ReadAsync(bob.Id))!;
        Assert.Equal(PasswordState.Reset, record.Password);

        var mail = await new Mailbox(portal.PickupFolder).WaitForAsync(bob.Email, "forgotten-password");
        Assert.Contains("ann reset your password", mail.TextBody, StringComparison.Ordinal);
        var token = Mailbox.Link(mail).Fragment[1..];
        Assert.IsType<NewPasswordOutcome.Done>(await portal.Services.GetRequiredService<PasswordLinks>().SetPasswordAsync(
            MailedLinkKind.ForgottenPassword, token, "Quite another pass phrase", new Caller.Nobody()));
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(bob.Username, "Quite another pass phrase"));

        await Administration(admin).LockAsync(bob.Id);
        Assert.IsType<UserOutcome.NotActive>(await Administration(admin).ResetPasswordAsync(bob.Id));
        Assert.IsType<UserOutcome.OwnAccount>(await Administration(admin).ResetPasswordAsync(ann.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task End_sessions_ends_all_and_one_ends_one_of_that_person_only(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync(mfa: false);
        var (ann, bob, eve) = (
            await portal.AddPersonAsync("ann", administrator: true),
            await portal.AddPersonAsync("bob"),
            await portal.AddPersonAsync("eve"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var adminElsewhere = await Seat.TakeAsync(portal, ann);
        await using var one = await Seat.TakeAsync(portal, bob);
        await using var two = await Seat.TakeAsync(portal, bob);
        await using var other = await Seat.TakeAsync(portal, eve);

        Assert.IsType<UserOutcome.NothingToDo>(await Administration(admin).EndSessionAsync(bob.Id, other.SessionId));
        Assert.IsType<UserOutcome.Done>(await Administration(admin).EndSessionAsync(bob.Id, one.SessionId));
        Assert.Equal((SessionEnd.EndedByAdministrator, null, null), (one.Page.EndedBy, two.Page.EndedBy, other.Page.EndedBy));
        Assert.Equal(two.SessionId, Assert.Single((await Details(admin).ReadAsync(bob.Id))!.Sessions).Id);
        Assert.IsType<UserOutcome.Done>(await Administration(admin).EndSessionsAsync(bob.Id));
        Assert.Equal(SessionEnd.EndedByAdministrator, two.Page.EndedBy);
        Assert.Equal(2, await portal.EventsAsync<AuditEvent.SessionsEnded>(bob));
        Assert.NotNull(await other.AdministersAsync());

        // On one's own account: all sessions except this one.
        Assert.IsType<UserOutcome.Done>(await Administration(admin).EndSessionsAsync(ann.Id));
        Assert.Equal((true, default(bool?)), (await admin.AdministersAsync(), await adminElsewhere.AdministersAsync()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Resetting_somebody_s_password_asks_for_a_fresh_proof(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob"));
        await using var admin = await Seat.TakeAsync(portal, ann);
        portal.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));

        Assert.IsType<UserOutcome.StepUpNeeded>(await Administration(admin).ResetPasswordAsync(bob.Id));
        Assert.NotNull((await portal.UserAsync(bob)).PasswordHash);

        Assert.IsType<StepUpOutcome.Proved>(await admin.Service<StepUp>().ProveAsync(StepUpFor.ActingAsAdministrator, ann.Password, null));
        Assert.IsType<UserOutcome.Done>(await Administration(admin).ResetPasswordAsync(bob.Id));
        Assert.Null((await portal.UserAsync(bob)).PasswordHash);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Disabling_somebody_s_MFA_asks_for_a_fresh_proof_and_tells_the_person_and_every_administrator(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await portal.SetSecurityAsync();
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob", enrolled: true));
        await portal.AddPersonAsync("gone", administrator: true, state: AccountState.Inactive);
        await using var admin = await Seat.TakeAsync(portal, ann);
        await using var page = await Seat.TakeAsync(portal, bob);
        portal.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        Assert.IsType<UserOutcome.StepUpNeeded>(await Administration(admin).DisableMfaAsync(bob.Id));
        Assert.True((await portal.UserAsync(bob)).TwoFactorEnabled);

        Assert.IsType<StepUpOutcome.Proved>(await admin.Service<StepUp>().ProveAsync(StepUpFor.ActingAsAdministrator, ann.Password, null));
        Assert.IsType<UserOutcome.Done>(await Administration(admin).DisableMfaAsync(bob.Id));

        Assert.Equal(SessionEnd.MfaChanged, page.Page.EndedBy);
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.MfaDisabled>(bob));
        Assert.Equal(1, await MailsAsync(portal, "mfa-removed", bob.Email));
        Assert.Equal((2, 1), (await MailsAsync(portal, "mfa-disabled"), await MailsAsync(portal, "mfa-disabled", ann.Email)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_last_active_administrator_is_neither_demoted_nor_closed_and_nobody_closes_themselves(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        await OnlyAsync(portal);
        var (ann, cem) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("cem", administrator: true));
        await using var admin = await Seat.TakeAsync(portal, ann);
        foreach (var outcome in new[] { await Administration(admin).LockAsync(ann.Id), await Administration(admin).DeactivateAsync(ann.Id) })
            Assert.IsType<UserOutcome.OwnAccount>(outcome);

        // Somebody guesses and so locks the administrator, who still has this page. The other administrator is then the last one who can act.
        await ChangeAsync(portal, ann, users => users.ExecuteUpdateAsync(set => set.SetProperty(u => u.LockoutEnd, DateTimeOffset.MaxValue)));
        foreach (var outcome in new[] { await Administration(admin).LockAsync(cem.Id), await Administration(admin).DeactivateAsync(cem.Id) })
            Assert.IsType<UserOutcome.LastAdministrator>(outcome);
        var other = (await Details(admin).ReadAsync(cem.Id))!;
        Assert.IsType<DetailsOutcome.LastAdministrator>(
            await Details(admin).SaveAsync(cem.Id, other.Version, UserEdit.Of(other) with { IsSystemAdministrator = false }));
        await ChangeAsync(portal, ann, users => users.ExecuteUpdateAsync(set => set.SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null)));
        Assert.IsType<UserOutcome.Done>(await Administration(admin).DeactivateAsync(cem.Id));

        var own = (await Details(admin).ReadAsync(ann.Id))!;
        Assert.IsType<DetailsOutcome.LastAdministrator>(
            await Details(admin).SaveAsync(ann.Id, own.Version, UserEdit.Of(own) with { IsSystemAdministrator = false, Name = "Ann Lee" }));
        Assert.True(await portal.UserAsync(ann) is { IsSystemAdministrator: true, Name: "ann" });
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.UserChanged>());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nobody_but_a_system_administrator_does_any_of_it(DatabaseKind database)
    {
        await using var portal = await StartAsync(postgres, database);
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true, enrolled: true), await portal.AddPersonAsync("bob"));
        await using var user = await Seat.TakeAsync(portal, bob);
        await using var ended = await Seat.TakeAsync(portal, ann);
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<PortalSession>().Where(s => s.Id == ended.SessionId)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, portal.Now));
            await work.CommitAsync();
        }
        var before = await portal.UserAsync(ann);
        var events = await portal.CountAsync<AuditEntry>();
        foreach (var seat in new[] { user, ended })
        {
            var (administration, details) = (Administration(seat), Details(seat));
            Func<Task>[] acts =
            [
                () => administration.LockAsync(ann.Id), () => administration.UnlockAsync(ann.Id),
                () => administration.DeactivateAsync(ann.Id), () => administration.ActivateAsync(ann.Id),
                () => administration.ResetPasswordAsync(ann.Id), () => administration.InviteAgainAsync(ann.Id),
                () => administration.EndSessionsAsync(ann.Id), () => administration.EndSessionAsync(ann.Id, ended.SessionId),
                () => administration.DisableMfaAsync(ann.Id), () => details.ReadAsync(ann.Id),
                () => details.CreateAsync(new("eve", "Eve", "eve@example.test", true)),
                () => details.SaveAsync(ann.Id, before.ConcurrencyStamp!, new("x", "x", "x@example.test", false)),
            ];
            foreach (var act in acts) await Assert.ThrowsAsync<AccessRefusedException>(act);
        }
        var after = await portal.UserAsync(ann);
        Assert.Equal(
            (before.ConcurrencyStamp, before.PasswordHash, before.State, before.TwoFactorEnabled),
            (after.ConcurrencyStamp, after.PasswordHash, after.State, after.TwoFactorEnabled));
        Assert.Equal((events, 0), (await portal.CountAsync<AuditEntry>(), await portal.CountAsync<OutboxEntry>()));
    }
}

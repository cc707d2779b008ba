using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>One person's deadline is extended: by another administrator, with a reason, audited and mailed (docs/spec.md 12.1).</summary>
public sealed class MfaExtensionTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_later_date_and_a_reason_open_the_portal_again_with_an_event_and_a_mail(DatabaseKind kind)
    {
        var (portal, root) = await RequiredMfa.StartAsync(await postgres.NewAsync(kind));
        await using var _ = portal;
        var ann = await portal.AddPersonAsync("ann");
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        await portal.MoveDeadlineAsync(ann, portal.Now.AddDays(-1));
        await using var roots = await Seat.TakeAsync(portal, root);
        await using var anns = await Seat.TakeAsync(portal, ann);
        await Assert.ThrowsAsync<MfaOverdueException>(() => anns.Service<OwnRecord>().ReadAsync());
        var until = portal.Now.AddDays(4);

        Assert.IsType<ExtensionOutcome.Done>(
            await roots.Service<MfaExtension>().ExtendAsync(ann.Id, until, "  On a journey without the phone "));

        Assert.Equal(until, (await anns.Service<OwnRecord>().ReadAsync()).Duty.DueAt);
        Assert.Equal(1, await UserAdministrationFixture.MailsAsync(portal, "deadline-extended", ann.Email));
        await using (var work = await portal.BeginAsync())
        {
            var happened = await work.Query<AuditEntry>().SingleAsync(e => e.Kind == nameof(AuditEvent.MfaDeadlineExtended));
            Assert.Equal((ann.Id, root.Id), (happened.SubjectId, happened.ActorId));
            Assert.Contains("On a journey without the phone", happened.Details, StringComparison.Ordinal);
        }
        // A changed number of days leaves a date alone that somebody gave.
        await portal.RequireAsync(root, MustUseMfa.Everyone, days: 1);
        Assert.Equal(until, (await portal.DeadlineAsync(ann)).DueAt);
    }

    [Fact]
    public async Task Nobody_extends_the_own_one_and_none_is_made_earlier_or_endless()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var (ann, bob) = (await portal.AddPersonAsync("ann", administrator: true), await portal.AddPersonAsync("bob", enrolled: true));
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        var due = (await portal.DeadlineAsync(ann)).DueAt;
        await using var roots = await Seat.TakeAsync(portal, root);
        await using var anns = await Seat.TakeAsync(portal, ann);
        var (byRoot, byAnn) = (roots.Service<MfaExtension>(), anns.Service<MfaExtension>());

        Assert.IsType<ExtensionOutcome.OwnAccount>(await byAnn.ExtendAsync(ann.Id, due.AddDays(1), "why"));
        Assert.IsType<ExtensionOutcome.DateRefused>(await byRoot.ExtendAsync(ann.Id, due, "why"));
        Assert.IsType<ExtensionOutcome.DateRefused>(await byRoot.ExtendAsync(ann.Id, portal.Now.AddDays(MfaRule.MostDays + 1), "why"));
        foreach (var reason in new[] { "", "  ", "two\nlines", new string('x', MfaExtension.ReasonLength + 1), "\u202Eback" })
            Assert.IsType<ExtensionOutcome.ReasonRefused>(await byRoot.ExtendAsync(ann.Id, due.AddDays(1), reason));
        Assert.IsType<ExtensionOutcome.NothingDue>(await byRoot.ExtendAsync(bob.Id, due.AddDays(1), "why"));
        Assert.IsType<ExtensionOutcome.NoSuchUser>(await byRoot.ExtendAsync(Guid.NewGuid(), due.AddDays(1), "why"));
        portal.Clock.AdjustTime(portal.Now + Caller.StepUpAfter + TimeSpan.FromSeconds(1));
        Assert.IsType<ExtensionOutcome.StepUpNeeded>(await byRoot.ExtendAsync(ann.Id, due.AddDays(1), "why"));

        Assert.Equal(due, (await portal.DeadlineAsync(ann)).DueAt);
        Assert.Equal(0, await portal.EventsAsync<AuditEvent.MfaDeadlineExtended>());
    }

    [Fact]
    public async Task Somebody_without_the_role_is_refused()
    {
        var (portal, root) = await RequiredMfa.StartAsync(new PortalSettings());
        await using var _ = portal;
        var (ann, bob) = (await portal.AddPersonAsync("ann"), await portal.AddPersonAsync("bob"));
        await portal.RequireAsync(root, MustUseMfa.Everyone);
        await using var seat = await Seat.TakeAsync(portal, ann);

        await Assert.ThrowsAsync<AccessRefusedException>(
            () => seat.Service<MfaExtension>().ExtendAsync(bob.Id, portal.Now.AddDays(30), "why"));
    }

    /// <summary>
    /// Red when neither the user's row is held nor the statement asks for an earlier date: of two administrators at once the earlier date could win.
    /// </summary>
    [Fact]
    public async Task Of_two_administrators_at_once_the_later_date_stands()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var (root, rita) = (
            await nodes.A.AddPersonAsync("root", enrolled: true, administrator: true),
            await nodes.A.AddPersonAsync("rita", enrolled: true, administrator: true));
        await nodes.A.AddPersonAsync("ann");
        for (var round = 0; round < 10; round++)
        {
            var ann = await nodes.A.AddPersonAsync($"ann{round}");
            await nodes.A.RequireAsync(root, MustUseMfa.Everyone, days: 7 + round % 2);
            await using var one = await Seat.TakeAsync(nodes.A, root);
            await using var other = await Seat.TakeAsync(nodes.B, rita);
            var (sooner, later) = (nodes.Now.AddDays(20), nodes.Now.AddDays(30));

            await TestAccounts.AtOnceAsync<ExtensionOutcome>(
            [
                () => one.Service<MfaExtension>().ExtendAsync(ann.Id, sooner, "sooner"),
                () => other.Service<MfaExtension>().ExtendAsync(ann.Id, later, "later"),
            ]);

            Assert.Equal(later, (await nodes.A.DeadlineAsync(ann)).DueAt);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Home;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Home;

/// <summary>What Home counts and reads, on both databases, and who may read it.</summary>
public sealed class HomeFiguresTests(PostgresCluster cluster)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Sign_ins_and_refusals_of_each_day_are_exact_after_a_minute(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await RecordAsync(portal, portal.Now, nameof(AuditEvent.SignedIn), 7);
        portal.Advance(TimeSpan.FromDays(1));
        await RecordAsync(portal, portal.Now, nameof(AuditEvent.SignedIn), 4);
        // The portal may stand still for days: what is missing is counted at the next round.
        portal.Advance(TimeSpan.FromDays(13));
        await RecordAsync(portal, portal.Now, nameof(AuditEvent.SignedIn), 3);
        await RecordAsync(portal, portal.Now, nameof(AuditEvent.WrongPassword), 2);
        await RecordAsync(portal, portal.Now, nameof(AuditEvent.UnknownName), 1);
        // Counted in neither: it is no answer to somebody who wants in.
        await RecordAsync(portal, portal.Now, nameof(AuditEvent.SignedOut), 5);

        await CountedAsync(portal, days => days.Any(d => d.Day == Today(portal) && d is { SignIns: 3, Refusals: 3 }));

        await using var ann = await AnnAsync(portal);
        var days = (await Figures(ann).ReadAsync()).SignIns;
        Assert.Equal(Enumerable.Range(-13, 14).Select(Today(portal).AddDays), days.Select(day => day.Day));
        Assert.Equal(new SignInDay(Today(portal).AddDays(-13), 4, 0), days[0]);
        Assert.Equal(new SignInDay(Today(portal), 3, 3), days[^1]);
        Assert.All(days.Skip(1).SkipLast(1), day => Assert.Equal((0, 0), (day.SignIns, day.Refusals)));
    }

    /// <summary>Red when a day is closed at midnight: an event carries the time at which its action began, and is seen at the commit.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task An_event_that_is_committed_after_midnight_still_counts_for_its_day(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var before = Today(portal);
        portal.Advance(TimeSpan.FromHours(12) + TimeSpan.FromMinutes(1));
        await CountedAsync(portal, days => days.Any(d => d.Day == before.AddDays(1)));

        await RecordAsync(portal, Midnight(portal).AddSeconds(-1), nameof(AuditEvent.SignedIn), 1);

        await CountedAsync(portal, days => days.Any(d => d.Day == before && d.SignIns == 1));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_roll_out_has_a_count_for_each_day_and_follows_whoever_sets_MFA_up(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await AddAsync(portal, "bob", enrolled: false);
        await CountedAsync(portal, days => days.Any(d => d is { UsersCountedAt: not null, WithMfa: 0, WithoutMfa: > 0 }));
        portal.Advance(TimeSpan.FromDays(1));
        // The round of the day before has ended when the next one counts.
        await CountedAsync(portal, days => days.Any(d => d.Day == Today(portal) && d.UsersCountedAt is not null));

        await AddAsync(portal, "eve", enrolled: true);
        await CountedAsync(portal, days => days.Any(d => d.Day == Today(portal) && d.WithMfa == 1));

        await using var ann = await AnnAsync(portal);
        var rollout = (await Figures(ann).ReadAsync()).Rollout;
        Assert.Equal((0, 1), (rollout[^2].With, rollout[^1].With));
        Assert.Equal(Today(portal), rollout[^1].Day);
        Assert.Equal(rollout.Select(day => day.Day).Order(), rollout.Select(day => day.Day));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Locks_failed_mails_and_security_events_are_those_of_now(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await portal.AddPersonAsync("locked", state: AccountState.Locked);
        var guessed = await portal.AddPersonAsync("guessed");
        await portal.AddPersonAsync("fine");
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<PortalUser>().Where(u => u.Id == guessed.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.LockoutEnd, work.Now.AddHours(1)));
            work.Record(new AuditEvent.LockedAfterFailures(guessed.Id, 5, null), new Caller.Portal());
            work.Record(new AuditEvent.SignedOut(guessed.Id), new Caller.Portal());
            work.Add(Mail(work.Now, OutboxState.Dead));
            work.Add(Mail(work.Now.AddDays(-1), OutboxState.Dead));
            work.Add(Mail(work.Now, OutboxState.Sent));
            await work.CommitAsync();
        }
        await using var ann = await AnnAsync(portal);

        var figures = await Figures(ann).ReadAsync();

        Assert.Equal(
            (1, 1, 2), (figures.LockedAfterFailures.Value, figures.LockedByAdministrator.Value, figures.FailedMails.Value));
        Assert.Equal(portal.Now, figures.LastMailFailure);
        Assert.Equal((nameof(AuditEvent.LockedAfterFailures), "guessed"), (figures.Events[0].Kind, figures.Events[0].About));
        Assert.DoesNotContain(figures.Events, happened => happened.Kind == nameof(AuditEvent.SignedOut));
    }

    /// <summary>A person sees their own sign-ins, also after somebody filled their audit trail with guesses, and nobody else's.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Own_sign_ins_are_the_newest_five_of_the_caller_alone(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        var (bob, eve) = (await portal.AddPersonAsync("bob"), await portal.AddPersonAsync("eve"));
        await using (var work = await portal.BeginAsync())
        {
            for (var i = 0; i < 7; i++) work.Add(Event(work.Now.AddHours(-i), nameof(AuditEvent.SignedIn), bob.Id, $"10.0.0.{i}"));
            for (var i = 0; i < 300; i++) work.Add(Event(work.Now, nameof(AuditEvent.WrongPassword), bob.Id, "10.9.9.9"));
            work.Add(Event(work.Now, nameof(AuditEvent.SignedIn), eve.Id, "10.8.8.8"));
            await work.CommitAsync();
        }
        await using var circuit = await portal.SignedInAsync(bob);

        var view = await circuit.ServiceProvider.GetRequiredService<OwnSecurity>().ReadAsync();

        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"10.0.0.{i}"), view.SignIns.Select(signIn => signIn.Address));
        Assert.False(view.IsSystemAdministrator);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_figures_are_for_system_administrators_alone(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await using var ann = await AnnAsync(portal);
        await using var bob = await portal.SignedInAsync(await portal.AddPersonAsync("bob"));

        await Assert.ThrowsAsync<AccessRefusedException>(() => Figures(bob).ReadAsync());
        await Figures(ann).ReadAsync();
        await portal.DemoteAsync("ann");
        await Assert.ThrowsAsync<AccessRefusedException>(() => Figures(ann).ReadAsync());
    }

    /// <summary>Noon of tomorrow: no test of days begins a minute before midnight.</summary>
    private async Task<PortalHost> StartAsync(DatabaseKind database)
    {
        var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        portal.Advance(Midnight(portal).AddDays(1).AddHours(12) - portal.Now);
        return portal;
    }

    private static DateTimeOffset Midnight(PortalHost portal) => new(portal.Now.UtcDateTime.Date, TimeSpan.Zero);

    private static DateOnly Today(PortalHost portal) => DateOnly.FromDateTime(portal.Now.UtcDateTime);

    private static async Task<AsyncServiceScope> AnnAsync(PortalHost portal) =>
        await portal.SignedInAsync(await portal.AddPersonAsync("ann", administrator: true));

    private static HomeFigures Figures(AsyncServiceScope circuit) => circuit.ServiceProvider.GetRequiredService<HomeFigures>();

    /// <summary>Adds a user with the event by which the portal itself makes one: without it the users are not counted again.</summary>
    private static async Task AddAsync(PortalHost portal, string username, bool enrolled)
    {
        var person = await portal.AddPersonAsync(username, enrolled);
        await using var work = await portal.BeginAsync();
        work.Record(
            enrolled ? new AuditEvent.MfaSetUp(person.Id, false) : new AuditEvent.UserCreated(person.Id, false, "test"), new Caller.Portal());
        await work.CommitAsync();
    }

    private static async Task RecordAsync(PortalHost portal, DateTimeOffset at, string kind, int count)
    {
        await using var work = await portal.BeginAsync();
        for (var i = 0; i < count; i++) work.Add(Event(at, kind, null, null));
        await work.CommitAsync();
    }

    private static AuditEntry Event(DateTimeOffset at, string kind, Guid? about, string? address) =>
        new() { At = at, Kind = kind, ActorName = AuditTrail.Portal, SubjectId = about, Address = address, Details = "{}" };

    private static OutboxEntry Mail(DateTimeOffset at, OutboxState state) => new()
    {
        Id = Guid.CreateVersion7(at),
        TemplateKey = "test",
        RecipientAddress = "somebody@example.test",
        RecipientName = "Somebody",
        ProtectedPayload = [1],
        CreatedAt = at,
        State = state,
        NextAttemptAt = at,
        GiveUpAt = at,
    };

    /// <summary>Turns the clock by the minute after which the worker counts again, and waits until it did.</summary>
    private static async Task CountedAsync(PortalHost portal, Func<List<DayFigures>, bool> isSo)
    {
        portal.Advance(TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(
            async () =>
            {
                await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
                return isSo(await work.Query<DayFigures>().ToListAsync());
            },
            "the days are counted");
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>
/// The key that waits for its first code is stored with its session for half an hour, and nobody else can reach it (docs/spec.md 2.5).
/// </summary>
public sealed class PendingKeyTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Tabs_that_begin_at_once_show_one_key(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync();
        await using var seat = await Seat.TakeAsync(portal, ada);
        await using var tabs = await TabsAsync(seat, 12, portal);

        var begun = await TestAccounts.AtOnceAsync(tabs.Select(tab => (Func<Task<EnrolmentOutcome>>)(() => tab.BeginAsync())));

        Assert.Single(begun.Select(outcome => Assert.IsType<EnrolmentOutcome.Begun>(outcome).OtpauthUri).Distinct());
        Assert.Single(begun, outcome => outcome is EnrolmentOutcome.Begun { Resumed: false });
        Assert.Equal(1, await portal.CountAsync<PendingEnrolment>());
    }

    /// <summary>Red when the key is kept in the circuit: the other node makes a key of its own.</summary>
    [Fact]
    public async Task Another_node_shows_the_same_key_and_saves_it()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var ada = await nodes.A.AddPersonAsync();
        await using var here = await Seat.TakeAsync(nodes.A, ada);
        await using var there = await Seat.OpenTabAsync(nodes.B, here.SessionId);
        var first = Begun(await Wizard(here).BeginAsync());

        var again = Begun(await Wizard(there).BeginAsync());

        Assert.Equal((first.OtpauthUri, true), (again.OtpauthUri, again.Resumed));
        Assert.IsType<EnrolmentOutcome.Saved>(await Wizard(there).SaveAsync(await CodeAsync(first, nodes.Now)));
        Assert.IsType<EnrolmentOutcome.AlreadySaved>(await Wizard(here).SaveAsync(await CodeAsync(first, nodes.Now)));
    }

    /// <summary>Red when the enrolment is stored without its condition and the pending row is deleted without checking that it was there.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Of_tabs_that_save_at_once_one_wins_and_the_others_say_that_MFA_is_on(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync();
        await using var seat = await Seat.TakeAsync(portal, ada);
        await using var tabs = await TabsAsync(seat, 8, portal);
        foreach (var tab in tabs) await tab.BeginAsync();
        var code = await CodeAsync(Begun(await Wizard(seat).BeginAsync()), portal.Now);

        var saved = await TestAccounts.AtOnceAsync(tabs.Select(tab => (Func<Task<EnrolmentOutcome>>)(() => tab.SaveAsync(code))));

        Assert.Single(saved, outcome => outcome is EnrolmentOutcome.Saved);
        Assert.All(saved, outcome => Assert.True(outcome is EnrolmentOutcome.Saved or EnrolmentOutcome.AlreadySaved, $"{outcome}"));
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.MfaSetUp>(ada));
        Assert.Equal(1, await portal.CountAsync<OutboxEntry>(mails => mails.Where(m => m.TemplateKey == "mfa-set-up")));
        Assert.Equal(0, await portal.CountAsync<PendingEnrolment>());
    }

    /// <summary>Red when codes are counted without the condition on the limit, or in the circuit: loading the page again gives ten more.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Ten_codes_are_looked_at_however_many_tabs_and_page_loads(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync();
        await using var seat = await Seat.TakeAsync(portal, ada);
        await using var tabs = await TabsAsync(seat, 8, portal);
        foreach (var tab in tabs) await tab.BeginAsync();
        var begun = Begun(await Wizard(seat).BeginAsync());
        var wrong = await Oathtool.WrongCodeAsync(string.Concat(begun.ManualKey), portal.Now);

        var outcomes = await TestAccounts.AtOnceAsync(
            Enumerable.Range(0, 40).Select(n => (Func<Task<EnrolmentOutcome>>)(() => tabs[n % 8].SaveAsync(wrong))));

        Assert.All(outcomes, outcome => Assert.True(outcome is EnrolmentOutcome.WrongCode or EnrolmentOutcome.TooManyWrongCodes, $"{outcome}"));
        Assert.True(outcomes.Count(outcome => outcome is EnrolmentOutcome.WrongCode) < MfaEnrolment.MostCodes);
        Assert.Equal(MfaEnrolment.MostCodes, await portal.EventsAsync<AuditEvent.WrongCode>(ada));
        await using var reloaded = await Seat.OpenTabAsync(portal, seat.SessionId);
        Assert.IsType<EnrolmentOutcome.TooManyWrongCodes>(await Wizard(reloaded).BeginAsync());
        Assert.IsType<EnrolmentOutcome.TooManyWrongCodes>(await Wizard(reloaded).SaveAsync(await CodeAsync(begun, portal.Now)));
        Assert.False((await portal.UserAsync(ada)).TwoFactorEnabled);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task No_other_session_of_this_person_or_of_the_next_gets_at_the_key(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var (ada, bob) = (await portal.AddPersonAsync(), await portal.AddPersonAsync("bob", administrator: true));
        await using var seat = await Seat.TakeAsync(portal, ada);
        var begun = Begun(await Wizard(seat).BeginAsync());

        await using var elsewhere = await Seat.TakeAsync(portal, ada);
        Assert.NotEqual(begun.OtpauthUri, Begun(await Wizard(elsewhere).BeginAsync()).OtpauthUri);
        await using var administrator = await Seat.TakeAsync(portal, bob);
        Assert.NotEqual(begun.OtpauthUri, Begun(await Wizard(administrator).BeginAsync(ada.Id)).OtpauthUri);

        // The next person in the same circuit.
        await using (var work = await portal.BeginAsync())
        {
            var bobs = Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, administrator.SessionId));
            seat.Page.Switch(bobs);
        }
        Assert.IsNotType<EnrolmentOutcome.Saved>(await Wizard(seat).SaveAsync(await CodeAsync(begun, portal.Now)));
        Assert.False((await portal.UserAsync(ada)).TwoFactorEnabled || (await portal.UserAsync(bob)).TwoFactorEnabled);
    }

    /// <summary>Red when session and user are not part of the purpose of the encryption.</summary>
    [Fact]
    public async Task A_row_moved_to_another_session_or_user_does_not_open_and_the_database_holds_no_key()
    {
        await using var portal = await PortalAsync(DatabaseKind.Sqlite);
        var (ada, bob) = (await portal.AddPersonAsync(), await portal.AddPersonAsync("bob"));
        await using var hers = await Seat.TakeAsync(portal, ada);
        await using var his = await Seat.TakeAsync(portal, bob);
        var begun = Begun(await Wizard(hers).BeginAsync());
        var pending = (await PendingAsync(portal)).Single();
        var secret = OtpNet.Base32Encoding.ToBytes(string.Concat(begun.ManualKey));
        Assert.True(pending.ProtectedKey.AsSpan().IndexOf(secret) < 0);

        await MoveAsync(pending.Id, his.SessionId, bob.Id);
        Assert.IsType<EnrolmentOutcome.Ended>(await Wizard(his).BeginAsync());
        await MoveAsync(pending.Id, hers.SessionId, ada.Id);
        Assert.Equal(begun.OtpauthUri, Begun(await Wizard(hers).BeginAsync()).OtpauthUri);

        async Task MoveAsync(Guid id, Guid session, Guid user)
        {
            await using var work = await portal.BeginAsync();
            await work.Query<PendingEnrolment>().Where(p => p.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(p => p.SessionId, session).SetProperty(p => p.UserId, user));
            await work.CommitAsync();
        }
    }

    /// <summary>Red when SessionEnding does not delete the pending key.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task The_end_of_the_session_erases_it(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync();
        await using var seat = await Seat.TakeAsync(portal, ada);
        await using var other = await Seat.TakeAsync(portal, ada);
        Begun(await Wizard(seat).BeginAsync());
        Begun(await Wizard(other).BeginAsync());

        await ChangeAsync(
            portal,
            work => portal.Services.GetRequiredService<SessionEnding>().EndOneAsync(work, ada.Id, seat.SessionId, SessionEnd.SignedOut));
        Assert.Equal(other.SessionId, Assert.Single(await PendingAsync(portal)).SessionId);
        await ChangeAsync(
            portal,
            work => portal.Services.GetRequiredService<SessionEnding>().EndAsync(work, ada.Id, SessionEnd.PasswordChanged, new Caller.Console()));
        Assert.Empty(await PendingAsync(portal));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Wizard(seat).BeginAsync());
    }

    /// <summary>Red without the calls in MfaDisabling and MfaSwitch: a wizard that is still open sets MFA up again afterwards.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Disabling_MFA_drops_the_keys_of_that_person_and_switching_it_off_those_of_everybody(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync(enrolled: true);
        var bob = await portal.AddPersonAsync("bob");
        await using var hers = await Seat.TakeAsync(portal, ada);
        await using var his = await Seat.TakeAsync(portal, bob);
        var replaced = Assert.Single(await portal.AuthenticatorsAsync(ada)).Id;
        var replacing = Begun(await Wizard(hers).BeginAsync(choice: new SetUpChoice.Replace(replaced)));
        Begun(await Wizard(his).BeginAsync());

        await ChangeAsync(portal, work => portal.Services.GetRequiredService<MfaDisabling>().DisableAsync(work, ada.Id, MfaDisabledBy.User,
            new Caller.Person(ada.Id, "ada", hers.SessionId, false, work.Now)));
        Assert.Equal(his.SessionId, Assert.Single(await PendingAsync(portal)).SessionId);
        Assert.IsType<EnrolmentOutcome.Ended>(await Wizard(hers).SaveAsync(await CodeAsync(replacing, portal.Now)));
        Assert.False((await portal.UserAsync(ada)).TwoFactorEnabled);

        await ChangeAsync(
            portal,
            work => MfaSwitch.SwitchOffAsync(work, new Caller.Person(ada.Id, "", Guid.Empty, true, work.Now), erase: false, CancellationToken.None));
        Assert.Empty(await PendingAsync(portal));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task After_half_an_hour_the_key_is_erased_and_whoever_comes_back_is_told(DatabaseKind kind)
    {
        await using var portal = await PortalAsync(kind);
        var ada = await portal.AddPersonAsync();
        await using var seat = await Seat.TakeAsync(portal, ada);
        var begun = Begun(await Wizard(seat).BeginAsync());
        var housekeeping = portal.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Housekeeping>().Single();

        portal.Advance(MfaEnrolment.Lifetime);
        await housekeeping.CleanAsync(TestContext.Current.CancellationToken);
        Assert.Null(Assert.Single(await PendingAsync(portal)).ProtectedKey);
        await ChangeAsync(
            portal,
            work => work.Query<PortalSession>()
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.ProvedAt, work.Now).SetProperty(s => s.LastSeenAt, work.Now)));
        Assert.IsType<EnrolmentOutcome.Expired>(await Wizard(seat).SaveAsync(await CodeAsync(begun, portal.Now)));
        Assert.IsType<EnrolmentOutcome.Expired>(await Wizard(seat).BeginAsync());
        Assert.NotEqual(begun.OtpauthUri, Begun(await Wizard(seat).BeginAsync(afresh: true)).OtpauthUri);

        portal.Advance(SessionTimes.AbsoluteLifetime + MfaEnrolment.Lifetime);
        await housekeeping.CleanAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await PendingAsync(portal));
    }

    /// <summary>An entry that the app has already scanned keeps its name, and the wizard keeps telling the person to look for that name.</summary>
    [Fact]
    public async Task A_company_renamed_meanwhile_changes_no_address_that_was_shown()
    {
        await using var portal = await PortalAsync(DatabaseKind.Sqlite);
        await RenameAsync("Northwind: Instruments");
        await using var seat = await Seat.TakeAsync(portal, await portal.AddPersonAsync());
        var begun = Begun(await Wizard(seat).BeginAsync());
        Assert.Equal("Northwind Instruments", begun.Issuer);

        await RenameAsync("Southwind");
        var again = Begun(await Wizard(seat).BeginAsync());
        Assert.Equal((begun.OtpauthUri, "Northwind Instruments"), (again.OtpauthUri, again.Issuer));
        await Wizard(seat).CancelAsync();
        Assert.Equal("Southwind", Begun(await Wizard(seat).BeginAsync()).Issuer);

        Task RenameAsync(string name) =>
            ChangeAsync(portal, work => work.Query<GeneralSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.CompanyName, name)));
    }

    private async Task<PortalHost> PortalAsync(DatabaseKind kind)
    {
        var portal = await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(kind)));
        await portal.SetSecurityAsync();
        return portal;
    }

    private static MfaEnrolment Wizard(Seat seat) => seat.Service<MfaEnrolment>();

    private static EnrolmentOutcome.Begun Begun(EnrolmentOutcome outcome) => Assert.IsType<EnrolmentOutcome.Begun>(outcome);

    private static Task<string> CodeAsync(EnrolmentOutcome.Begun begun, DateTimeOffset now) =>
        Oathtool.CodeAsync(string.Concat(begun.ManualKey), now);

    private static async Task<List<PendingEnrolment>> PendingAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await work.Query<PendingEnrolment>().ToListAsync();
    }

    private static async Task ChangeAsync(PortalHost portal, Func<UnitOfWork, Task> change)
    {
        await using var work = await portal.BeginAsync();
        await change(work);
        await work.CommitAsync();
    }

    private static async Task<Tabs> TabsAsync(Seat seat, int count, PortalHost portal)
    {
        var tabs = new Tabs();
        for (var n = 0; n < count; n++) tabs.Seats.Add(await Seat.OpenTabAsync(portal, seat.SessionId));
        return tabs;
    }

    private sealed class Tabs : IAsyncDisposable, IEnumerable<MfaEnrolment>
    {
        public List<Seat> Seats { get; } = [];

        public MfaEnrolment this[int n] => Wizard(Seats[n]);

        public IEnumerator<MfaEnrolment> GetEnumerator() => Seats.Select(Wizard).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public async ValueTask DisposeAsync()
        {
            foreach (var seat in Seats) await seat.DisposeAsync();
        }
    }
}

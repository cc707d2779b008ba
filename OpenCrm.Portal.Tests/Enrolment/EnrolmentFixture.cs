using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>
/// The portal's own services on a real database, circuits of signed-in people, and a clock that stands still until the test turns it.
/// </summary>
internal sealed class EnrolmentFixture : IAsyncDisposable
{
    private readonly TestDatabase _database;

    private EnrolmentFixture(TestDatabase database) => _database = database;

    public DateTimeOffset Now => _database.Time.GetUtcNow();

    public static async Task<EnrolmentFixture> CreateAsync(bool switchedOn = true)
    {
        var database = await TestDatabase.CreateAsync(with: services =>
        {
            services.AddSessions();
            services.AddCredentials(new ConfigurationBuilder().Build());
            services.AddEnrolment();
            services.AddScoped<SignedIn>();
            services.AddScoped<AuthenticationStateProvider>(scope => scope.GetRequiredService<SignedIn>());
        });
        var fixture = new EnrolmentFixture(database);
        await fixture.SwitchAsync(switchedOn);
        return fixture;
    }

    public Task<PortalUser> AddUserAsync(string username, bool administrator = false, string? name = null) =>
        _database.AddUserAsync(username, administrator, name: name);

    public async Task SwitchAsync(bool on)
    {
        await using var work = await _database.Units.BeginAsync();
        await work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, on));
        await work.CommitAsync();
    }

    /// <summary>Opens a circuit in which this person has just signed in.</summary>
    public async Task<Circuit> SignInAsync(PortalUser user, bool provedByCode = false)
    {
        var session = Guid.CreateVersion7(Now);
        await _database.WriteAsync(work => work.Add(new PortalSession
        {
            Id = session,
            UserId = user.Id,
            TokenHash = SecretToken.Hash(session.ToString()),
            CreatedAt = Now,
            ExpiresAt = Now + SessionTimes.AbsoluteLifetime,
            ProvedAt = Now,
            LastSeenAt = Now,
            ProvedByCode = provedByCode,
        }));
        return Open(session);
    }

    /// <summary>Opens a second tab of the same browser.</summary>
    public Circuit AnotherTab(Circuit circuit) => Open(circuit.SessionId);

    /// <summary>Gives the circuit to the next person while its services still hold the state of the one before.</summary>
    public static void HandOver(Circuit circuit, Circuit to) => circuit.Services.GetRequiredService<SignedIn>().SessionId = to.SessionId;

    private Circuit Open(Guid session)
    {
        var scope = _database.Service<IServiceScopeFactory>().CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<SignedIn>().SessionId = session;
        return new Circuit(scope, session);
    }

    /// <summary>Sets the session's times as a step-up does.</summary>
    public async Task ProveAsync(Circuit circuit)
    {
        await using var work = await _database.Units.BeginAsync();
        await work.Query<PortalSession>().Where(s => s.Id == circuit.SessionId)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.ProvedAt, Now).SetProperty(s => s.LastSeenAt, Now));
        await work.CommitAsync();
    }

    public async Task ChangeAsync(PortalUser user, Action<PortalUser> change)
    {
        await using var work = await _database.Units.BeginAsync();
        change(await work.Tracked<PortalUser>().SingleAsync(u => u.Id == user.Id));
        await work.CommitAsync();
    }

    public void Advance(TimeSpan time) => _database.Time.Advance(time);

    public Task<string> CodeAsync(EnrolmentOutcome.Begun begun, TimeSpan off = default) =>
        Oathtool.CodeAsync(string.Concat(begun.ManualKey), Now + off);

    public async Task<PortalUser> UserAsync(PortalUser user) => (await _database.ReadAsync<PortalUser>()).Single(u => u.Id == user.Id);

    public async Task<PortalSession> SessionAsync(Circuit circuit) =>
        (await _database.ReadAsync<PortalSession>()).Single(s => s.Id == circuit.SessionId);

    public async Task<List<string>> EventsAsync() => [.. (await _database.ReadAsync<AuditEntry>()).OrderBy(e => e.Id).Select(e => e.Kind)];

    public async Task<List<AuditEntry>> EntriesAsync() => await _database.ReadAsync<AuditEntry>();

    public async Task<List<OutboxEntry>> MailsAsync() => await _database.ReadAsync<OutboxEntry>();

    public async Task<List<PendingSignIn>> HalfDoneAsync() => await _database.ReadAsync<PendingSignIn>();

    public async Task<List<PendingEnrolment>> PendingAsync() => await _database.ReadAsync<PendingEnrolment>();

    public Task AddAsync<T>(T row) where T : class => _database.WriteAsync(work => work.Add(row));

    /// <summary>Enters the code at a sign-in. Returns null when it is right.</summary>
    public async Task<Refusal?> SignInByCodeAsync(PortalUser user, string code) =>
        await Answer.CodeAsync(_database.Service<Attempts>(), user.Id, (await UserAsync(user)).EnrolmentId!.Value, code, AskedAt.SignIn);

    public async Task<List<Authenticator>> AuthenticatorsAsync(PortalUser user) =>
        [.. (await _database.ReadAsync<Authenticator>()).Where(a => a.UserId == user.Id).OrderBy(a => a.SetUpAt)];

    /// <summary>Puts a key in the place of the one that waits in this circuit's wizard.</summary>
    public async Task PutKeyAsync(Circuit circuit, string base32)
    {
        await using var work = await _database.Units.BeginAsync();
        var pending = await work.Tracked<PendingEnrolment>().SingleAsync(p => p.SessionId == circuit.SessionId);
        pending.ProtectedKey = AuthenticatorKeys.ProtectPending(work, pending, AuthenticatorKey.From(OtpNet.Base32Encoding.ToBytes(base32)));
        await work.CommitAsync();
    }

    /// <summary>Begins the wizard of somebody who has one authenticator, which the new one is to replace.</summary>
    public static async Task<EnrolmentOutcome.Begun> BeginReplacingAsync(Circuit circuit)
    {
        var asked = Assert.IsType<EnrolmentOutcome.ChoiceNeeded>(await circuit.Enrolment.BeginAsync());
        var replace = new SetUpChoice.Replace(Assert.Single(asked.Authenticators).Id);
        return Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(choice: replace));
    }

    /// <summary>Adds another authenticator from Begin to Save.</summary>
    public async Task<EnrolmentOutcome.Begun> AddAnotherAsync(Circuit circuit, string? name = null)
    {
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync(choice: new SetUpChoice.AddAnother()));
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await CodeAsync(begun), name));
        return begun;
    }

    /// <summary>Sets up MFA from Begin to Save.</summary>
    public async Task<EnrolmentOutcome.Begun> EnrolAsync(Circuit circuit)
    {
        var begun = Assert.IsType<EnrolmentOutcome.Begun>(await circuit.Enrolment.BeginAsync());
        Assert.IsType<EnrolmentOutcome.Saved>(await circuit.Enrolment.SaveAsync(await CodeAsync(begun)));
        return begun;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private sealed class SignedIn : AuthenticationStateProvider
    {
        public Guid SessionId { get; set; }

        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(
            new ClaimsPrincipal(new ClaimsIdentity([new(PortalClaims.SessionId, SessionId.ToString())], "test"))));
    }
}

/// <summary>The services of one circuit.</summary>
internal sealed class Circuit(AsyncServiceScope scope, Guid sessionId) : IAsyncDisposable
{
    public Guid SessionId => sessionId;

    public IServiceProvider Services => scope.ServiceProvider;

    public MfaEnrolment Enrolment => scope.ServiceProvider.GetRequiredService<MfaEnrolment>();

    public StepUp StepUp => scope.ServiceProvider.GetRequiredService<StepUp>();

    public ValueTask DisposeAsync() => scope.DisposeAsync();
}

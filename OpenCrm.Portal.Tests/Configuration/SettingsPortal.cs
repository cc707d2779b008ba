using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>A portal whose users the test creates, with a circuit for each of them who signs in.</summary>
internal sealed class SettingsPortal : IAsyncDisposable
{
    public const string Password = "Correct-horse battery 7 staple";
    private readonly List<AsyncServiceScope> _circuits = [];

    private SettingsPortal(PortalHost host) => Host = host;

    public PortalHost Host { get; }

    public UnitsOfWork Units => Host.Services.GetRequiredService<UnitsOfWork>();

    /// <param name="publicUrl">Null when it is not configured, so that the page edits it.</param>
    public static Task<SettingsPortal> StartAsync(string? publicUrl = null, bool listens = false) =>
        StartAsync(new PortalSettings { PublicUrlFromSetup = publicUrl is null, PublicUrl = publicUrl }, listens);

    public static async Task<SettingsPortal> StartAsync(PortalSettings settings, bool listens = false, Action<IServiceCollection>? replace = null) =>
        new(await PortalHost.StartAsync(settings, listens, replace));

    /// <param name="key">The authenticator of an enrolled user.</param>
    public async Task<PortalUser> AddUserAsync(string name, bool administrator = true, AuthenticatorKey? key = null)
    {
        var hash = await Host.Services.GetRequiredService<PasswordHashing>().HashAsync(Password);
        await using var work = await Units.BeginAsync();
        var username = name.Replace(" ", ".", StringComparison.Ordinal);
        var user = NewUsers.Add(work, username, name, $"{username}@example.test", hash, administrator);
        if (key is not null)
        {
            (user.TwoFactorEnabled, user.EnrolmentId) = (true, Guid.NewGuid());
            work.Add(TestAccounts.NewAuthenticator(work, user.Id, key));
        }
        await work.CommitAsync();
        return user;
    }

    /// <summary>Opens a circuit in which this person is signed in, with a session row of its own.</summary>
    /// <param name="origin">The origin from which the browser loaded the page, as its WebSocket handshake says.</param>
    public async Task<SettingsCircuit> SignInAsync(PortalUser user, bool byCode = false, string? origin = null)
    {
        var session = SessionRows.New(user.Id, Host.Now, byCode);
        await using var work = await Units.BeginAsync();
        work.Add(session);
        await work.CommitAsync();
        var scope = Host.NewCircuit();
        _circuits.Add(scope);
        if (origin is not null) Open(scope, origin);
        scope.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>().Switch(new SessionState.Active(
            new Caller.Person(user.Id, user.Name, session.Id, user.IsSystemAdministrator, session.ProvedAt), user.UserName!, byCode));
        return new(scope.ServiceProvider, session.Id);
    }

    public async Task<T> ReadSettingsAsync<T>() where T : class, ISettingsBlock
    {
        await using var work = await Units.ReadAsync();
        return await work.ReadSettingsAsync<T>();
    }

    /// <summary>Stores a company name, and a public address that is in use.</summary>
    public async Task UseAddressAsync(string url)
    {
        await using var work = await Units.BeginAsync();
        await work.Query<GeneralSettings>()
            .ExecuteUpdateAsync(set => set
                .SetProperty(s => s.CompanyName, "Northwind")
                .SetProperty(s => s.PublicUrl, url)
                .SetProperty(s => s.Version, 1));
        await work.CommitAsync();
        Host.Services.GetRequiredService<PublicAddress>().Forget();
    }

    public async Task SwitchMfaAsync(bool on)
    {
        await using var work = await Units.BeginAsync();
        await work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, on));
        await work.CommitAsync();
    }

    public async Task<List<T>> RowsAsync<T>() where T : class
    {
        await using var work = await Units.ReadAsync();
        return await work.Query<T>().ToListAsync();
    }

    public async Task<PortalSession> SessionAsync(SettingsCircuit circuit) =>
        (await RowsAsync<PortalSession>()).Single(s => s.Id == circuit.SessionId);

    /// <summary>Returns the app's code, some time steps from now.</summary>
    public Task<string> CodeAsync(AuthenticatorKey key, int steps = 0) =>
        Oathtool.CodeAsync(string.Concat(key.Groups), Host.Now + steps * Oathtool.Step);

    private static void Open(AsyncServiceScope circuit, string origin)
    {
        var accessor = circuit.ServiceProvider.GetRequiredService<IHttpContextAccessor>();
        accessor.HttpContext = new DefaultHttpContext { Request = { Headers = { Origin = origin } } };
        circuit.ServiceProvider.GetRequiredService<ClientConnection>();
        accessor.HttpContext = null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var circuit in _circuits) await circuit.DisposeAsync();
        await Host.DisposeAsync();
    }
}

/// <summary>One signed-in person on the page.</summary>
internal sealed record SettingsCircuit(IServiceProvider Services, Guid SessionId)
{
    public SettingsDesk Settings => SettingsDesk.In(Services);
}

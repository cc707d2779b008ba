using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>A person who has just signed in at one host: an open page with its services, and the session row behind it.</summary>
public sealed class Seat : IAsyncDisposable
{
    private readonly AsyncServiceScope _circuit;

    private Seat(AsyncServiceScope circuit, Guid sessionId) => (_circuit, SessionId) = (circuit, sessionId);

    public Guid SessionId { get; }

    /// <summary>The page's authentication state: whose page it is at the moment.</summary>
    public PortalAuthenticationStateProvider Page => Service<PortalAuthenticationStateProvider>();

    public static async Task<Seat> TakeAsync(PortalHost host, TestPerson person)
    {
        var user = await host.UserAsync(person);
        var session = new PortalSession
        {
            Id = Guid.CreateVersion7(host.Now),
            UserId = user.Id,
            TokenHash = RandomNumberGenerator.GetBytes(32),
            CreatedAt = host.Now,
            ExpiresAt = host.Now + SessionTimes.AbsoluteLifetime,
            ProvedAt = host.Now,
            ProvedInPartAt = host.Now,
            LastSeenAt = host.Now,
            ProvedByCode = user.TwoFactorEnabled,
            Address = "192.0.2.1",
        };
        await using (var work = await host.BeginAsync())
        {
            work.Add(session);
            await work.CommitAsync();
        }
        var seat = new Seat(host.NewCircuit(), session.Id);
        seat.Page.Switch(new SessionState.Active(
            new Caller.Person(user.Id, user.Name, session.Id, user.IsSystemAdministrator, session.ProvedAt), user.UserName!, session.ProvedByCode));
        // A drawn page has read this state too.
        await seat.Page.GetAuthenticationStateAsync();
        return seat;
    }

    /// <summary>Opens another tab of the browser with this session, on the node that loads its page.</summary>
    public static async Task<Seat> OpenTabAsync(PortalHost host, Guid sessionId)
    {
        await using var work = await host.BeginAsync();
        var seat = new Seat(host.NewCircuit(), sessionId);
        seat.Page.Switch(Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, sessionId)));
        await seat.Page.GetAuthenticationStateAsync();
        return seat;
    }

    public T Service<T>() where T : notnull => _circuit.ServiceProvider.GetRequiredService<T>();

    /// <summary>Returns whether the page is drawn for a system administrator; null when nobody is signed in.</summary>
    public async Task<bool?> AdministersAsync() =>
        (await Page.GetAuthenticationStateAsync()).User is { Identity.IsAuthenticated: true } user
            ? user.IsInRole(PortalRoles.SystemAdministrator)
            : null;

    public ValueTask DisposeAsync() => _circuit.DisposeAsync();
}

using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Circuits of signed-in people, without the browser's part of signing in.</summary>
public static class SignedIn
{
    /// <summary>Opens a circuit in which this person is signed in, with a session row of its own.</summary>
    public static async Task<AsyncServiceScope> SignedInAsync(this PortalHost host, TestPerson person)
    {
        await using var work = await host.BeginAsync();
        var session = SessionRows.New(person.Id, work.Now);
        work.Add(session);
        await work.FlushAsync();
        var circuit = host.NewCircuit();
        circuit.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>()
            .Switch(Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, session.Id)));
        await work.CommitAsync();
        return circuit;
    }

    /// <summary>Sessions of an administrator and of a user who is none.</summary>
    public static async Task<(Guid Administrator, Guid User)> AddSessionsAsync(this PortalHost portal, string administrator, string user)
    {
        await using var work = await portal.BeginAsync();
        var sessions = (await work.AddSessionAsync(administrator), await work.AddSessionAsync(user));
        await work.CommitAsync();
        return sessions;
    }
}

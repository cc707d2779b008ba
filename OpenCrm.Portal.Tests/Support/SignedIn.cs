using System.Security.Cryptography;
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
        var session = new PortalSession
        {
            Id = Guid.NewGuid(),
            UserId = person.Id,
            TokenHash = RandomNumberGenerator.GetBytes(32),
            CreatedAt = work.Now,
            ExpiresAt = work.Now + SessionTimes.AbsoluteLifetime,
            ProvedAt = work.Now,
            LastSeenAt = work.Now,
            ProvedByCode = true,
        };
        work.Add(session);
        await work.FlushAsync();
        var circuit = host.NewCircuit();
        circuit.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>()
            .Switch(Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, session.Id)));
        await work.CommitAsync();
        return circuit;
    }
}

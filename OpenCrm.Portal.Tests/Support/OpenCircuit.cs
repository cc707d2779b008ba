using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Circuits of signed-in people without a browser.</summary>
internal static class OpenCircuit
{
    /// <summary>Signs in with the password; the session cookie is then among the visitor's cookies.</summary>
    public static async Task<CircuitVisitor> SignedInAsync(PortalHost host, string username, string password)
    {
        var visitor = CircuitVisitor.At(host);
        var proved = Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(username, password));
        await visitor.RedeemAsync(proved.Ticket);
        await visitor.GoOnAsync(proved.Ticket);
        return visitor;
    }

    /// <summary>Makes the circuit continue as the person who redeemed the ticket, as the page's own sign-in does.</summary>
    public static async Task<SessionState.Active> GoOnAsync(this CircuitVisitor visitor, string ticket)
    {
        var standing = (await visitor.Services.GetRequiredService<SignInTickets>().FindRedeemedAsync(ticket))!;
        visitor.Person().Switch(standing);
        return standing;
    }

    public static PortalAuthenticationStateProvider Person(this CircuitVisitor visitor) =>
        visitor.Services.GetRequiredService<PortalAuthenticationStateProvider>();

    /// <summary>Opens a page of the same session on another node.</summary>
    public static async Task<CircuitVisitor> OpenAtAsync(this CircuitVisitor visitor, PortalHost host)
    {
        var moved = visitor.MovedTo(host);
        await using var work = await host.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        moved.Person().Switch(Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, visitor.Person().SessionId!.Value)));
        return moved;
    }
}

using Microsoft.JSInterop;

namespace OpenCrm.Portal.Sessions;

/// <summary>Lets the circuit's browser fetch and drop its session cookie, and switches the circuit in place (spec 1.2).</summary>
public sealed class SessionCookie(SignInTickets tickets, PortalAuthenticationStateProvider authentication, IJSRuntime script)
{
    /// <summary>The browser redeems the ticket; the circuit goes on as that person if the database says that it was redeemed, whatever the script answers.</summary>
    /// <returns>False: no cookie could be set, and nobody is signed in.</returns>
    public async Task<bool> TakeAsync(string ticket)
    {
        await script.InvokeAsync<int>("portal.postSession", PortalUrls.Session, ticket);
        if (await tickets.RedeemedAsync(ticket) is not { } standing) return false;
        authentication.Switch(standing);
        return true;
    }

    /// <summary>The browser redeems a ticket that lets its idle session go on: same session, new token in the cookie.</summary>
    /// <returns>False: the session does not go on.</returns>
    public async Task<bool> ResumeAsync(string ticket)
    {
        await script.InvokeAsync<int>("portal.postSession", PortalUrls.Session, ticket);
        if (await tickets.RedeemedAsync(ticket) is not { } standing) return false;
        authentication.GoOn(standing);
        return true;
    }

    /// <summary>Drops the cookie of a session that ended.</summary>
    public async Task DropAsync() => await script.InvokeAsync<int>("portal.postSession", PortalUrls.SessionEnd, null);
}

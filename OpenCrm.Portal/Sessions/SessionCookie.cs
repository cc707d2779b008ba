using Microsoft.JSInterop;

namespace OpenCrm.Portal.Sessions;

/// <summary>Lets the circuit's browser fetch and drop its session cookie, and switches the circuit in place (spec 1.2).</summary>
public sealed class SessionCookie(SignInTickets tickets, PortalAuthenticationStateProvider authentication, IJSRuntime script)
{
    /// <summary>The browser redeems the ticket; the circuit goes on as that person if the database says that it was redeemed, whatever the script answers.</summary>
    /// <returns>False: no cookie could be set, and nobody is signed in.</returns>
    public async Task<bool> TakeAsync(string ticket)
    {
        await PostAsync(PortalUrls.Session, ticket);
        if (await tickets.FindRedeemedAsync(ticket) is not { } active) return false;
        authentication.Switch(active);
        return true;
    }

    /// <summary>The browser redeems a ticket that lets its idle session go on: same session, new token in the cookie.</summary>
    /// <returns>False: the session does not go on.</returns>
    public async Task<bool> ResumeAsync(string ticket)
    {
        await PostAsync(PortalUrls.Session, ticket);
        if (await tickets.FindRedeemedAsync(ticket) is not { } active) return false;
        authentication.GoOn(active);
        return true;
    }

    /// <summary>Drops the cookie of a session that ended.</summary>
    public Task DropAsync() => PostAsync(PortalUrls.SessionEnd, null);

    /// <summary>The script's answer decides nothing, nor does it matter that none comes because the page has gone: the database says what became of it.</summary>
    private async Task PostAsync(string url, string? ticket)
    {
        try
        {
            await script.InvokeAsync<int>("portal.postSession", url, ticket);
        }
        catch (Exception failed) when (PageGone.Says(failed))
        {
            // A ticket that was not redeemed dies by itself, and the cookie of an ended session opens nothing.
        }
    }
}

using Microsoft.JSInterop;

namespace OpenCrm.Portal.Sessions;

/// <summary>Lets the circuit's browser fetch and drop its session cookie, and switches the circuit in place (docs/spec.md 1.2).</summary>
public sealed class SessionCookie(SignInTickets tickets, PortalAuthenticationStateProvider authentication, IJSRuntime script)
{
    /// <summary>
    /// Has the browser redeem a ticket. The circuit becomes that person only if the database says that the ticket was redeemed, whatever the script
    /// answers.
    /// </summary>
    /// <returns>False: no cookie could be set, and nobody is signed in.</returns>
    public async Task<bool> TakeAsync(string ticket)
    {
        await PostAsync(PortalUrls.Session, ticket);
        if (await tickets.FindRedeemedAsync(ticket) is not { } active) return false;
        authentication.Switch(active);
        return true;
    }

    /// <summary>Has the browser redeem a ticket that lets its idle session go on: same session, new token in the cookie.</summary>
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

    /// <summary>
    /// Has the page's script post to the endpoint. Its answer decides nothing, and may be missing because the page has gone: the database knows the
    /// result.
    /// </summary>
    private async Task PostAsync(string url, string? ticket)
    {
        try
        {
            await script.InvokeAsync<int>("portal.postSession", url, ticket);
        }
        catch (Exception failed) when (PageGone.Says(failed))
        {
            // An unredeemed ticket expires by itself, and the cookie of an ended session opens nothing.
        }
    }
}

using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Shell;

/// <summary>The layout for people who are signed in: a drawer for system administrators, a bar with the navigation for everybody else.</summary>
public sealed partial class MainLayout(PublicAddressChange addressChange, NavigationManager navigation, IJSRuntime script)
{
    private PageBoundary? boundary;
    private bool administers, tellsItself;
    private string? name;
    private DateTimeOffset? heldUntil;

    [CascadingParameter] private Task<AuthenticationState>? Authentication { get; set; }

    /// <summary>Signs the person out inside the circuit.</summary>
    [CascadingParameter(Name = "SignOut")] private EventCallback SignOut { get; set; }

    /// <summary>
    /// A page that an administrator has open proves that its address leads to the portal, so a new public address can take over (docs/spec.md 4.2).
    /// </summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        // Needed after a sign-in within the circuit. A page that was loaded signed in has the script in its markup.
        var loading = script.LoadAsync("./Shell/MainLayout.razor.js");
        if (administers) await TakeOverAsync();
        await loading;
    }

    private async Task TakeOverAsync()
    {
        try
        {
            await addressChange.TakeOverAsync();
        }
        catch (AccessRefusedException)
        {
            // The session or the role has just ended; the page is about to say so.
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        // A failed page does not keep the next one from being shown.
        boundary?.Recover();
        // The Outbox page says more than the banner, so it has none.
        tellsItself = navigation.ToAbsoluteUri(navigation.Uri).AbsolutePath == PortalUrls.Outbox;
        if (Authentication is null)
            return;
        var user = (await Authentication).User;
        administers = user.IsInRole(PortalRoles.SystemAdministrator);
        heldUntil = DateTimeOffset.TryParse(
            user.FindFirstValue(PortalClaims.HeldUntil), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var until) ? until : null;
        name = user.Identity?.IsAuthenticated == true ? user.FindFirstValue(PortalClaims.DisplayName) ?? user.Identity.Name ?? "" : null;
    }
}

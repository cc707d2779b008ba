using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Shell;

/// <summary>The frame of whoever is signed in: a drawer for system administrators, a bar with Main for everybody else.</summary>
public sealed partial class MainLayout
{
    private PageBoundary? boundary;
    private bool administers, tellsItself;
    private string? name;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    [Inject] private PublicAddressChange AddressChange { get; set; } = null!;

    [CascadingParameter] private Task<AuthenticationState>? Authentication { get; set; }

    /// <summary>The way out, inside the circuit.</summary>
    [CascadingParameter(Name = "SignOut")] private EventCallback SignOut { get; set; }

    /// <summary>A page that stands here in an administrator's browser shows that the address leads here (spec 4.2).</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        // After a sign-in in place; a page that was loaded signed in brings it by itself.
        var loading = Script.LoadAsync("./Shell/MainLayout.razor.js");
        if (administers) await TakeOverAsync();
        await loading;
    }

    private async Task TakeOverAsync()
    {
        try
        {
            await AddressChange.TakeOverAsync();
        }
        catch (AccessRefusedException)
        {
            // The session ended or the role went in this moment; the page is about to say so.
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        // Another page, another try.
        boundary?.Recover();
        // The outbox itself says more than the banner.
        tellsItself = Navigation.ToAbsoluteUri(Navigation.Uri).AbsolutePath == PortalUrls.Outbox;
        if (Authentication is null)
            return;
        var user = (await Authentication).User;
        administers = user.IsInRole(PortalRoles.SystemAdministrator);
        name = user.Identity?.IsAuthenticated == true ? user.FindFirstValue(PortalClaims.DisplayName) ?? user.Identity.Name ?? "" : null;
    }
}

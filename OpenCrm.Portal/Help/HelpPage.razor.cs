using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Help;

/// <summary>
/// The help page (docs/spec.md 10.1): the article for everybody, the rating form for people who are signed in, all ratings for system administrators.
/// </summary>
public sealed partial class HelpPage(ArticleRatings articleRatings, PortalAuthenticationStateProvider person)
{
    private RatingsPanel? ratings;
    private bool? signedIn;
    private bool administers;

    /// <summary>
    /// Kept from the prerendered page, so that the article is there as soon as the circuit starts, and the page stays where it was scrolled to.
    /// </summary>
    [PersistentState] public ArticleNumbers? Numbers { get; set; }

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    private static string SignInAndComeBack => $"{PortalUrls.SignIn}?returnUrl={Uri.EscapeDataString(PortalUrls.HelpMfa)}";

    protected override async Task OnInitializedAsync() => Numbers ??= await articleRatings.ReadNumbersAsync();

    protected override async Task OnParametersSetAsync()
    {
        // Decides only what is shown; the services check the caller themselves.
        var user = (await Authentication).User;
        (signedIn, administers) = (user.Identity?.IsAuthenticated == true, user.IsInRole(PortalRoles.SystemAdministrator));
    }

    private Task OnStoredAsync() => ratings?.ReloadAsync() ?? Task.CompletedTask;
}

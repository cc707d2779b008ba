using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Help;

/// <summary>Help (spec 10.1): the article for everybody, a rating from whoever is signed in, all ratings for system administrators.</summary>
public sealed partial class HelpPage
{
    private RatingsPanel? ratings;
    private bool? signedIn;
    private bool administers;

    /// <summary>Kept from the prerendered page: the article stands at once when the circuit starts, and the place that was scrolled to stays where it is.</summary>
    [PersistentState] public ArticleNumbers? Numbers { get; set; }

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject] private ArticleRatings Ratings { get; set; } = null!;

    [Inject] private PortalAuthenticationStateProvider Person { get; set; } = null!;

    private static string SignInAndComeBack => $"{PortalUrls.SignIn}?returnUrl={Uri.EscapeDataString(PortalUrls.HelpMfa)}";

    protected override async Task OnInitializedAsync() => Numbers ??= await Ratings.ReadNumbersAsync();

    protected override async Task OnParametersSetAsync()
    {
        // What is drawn only: the services ask who calls.
        var user = (await Authentication).User;
        (signedIn, administers) = (user.Identity?.IsAuthenticated == true, user.IsInRole(PortalRoles.SystemAdministrator));
    }

    private Task OnStoredAsync() => ratings?.ReloadAsync() ?? Task.CompletedTask;
}

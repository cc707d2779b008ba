using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.WebUtilities;

namespace OpenCrm.Portal.SignIn;

/// <summary>The sign-in page. Afterwards the person goes to the page that was asked for, if it is one of the portal (docs/spec.md 1.7).</summary>
public sealed partial class SignInPage(NavigationManager navigation)
{
    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    protected override async Task OnParametersSetAsync()
    {
        // A person who is signed in already goes straight on.
        if ((await Authentication).User.Identity?.IsAuthenticated == true) Leave();
    }

    private void Leave()
    {
        var query = QueryHelpers.ParseQuery(new Uri(navigation.Uri).Query);
        var asked = query.TryGetValue("returnUrl", out var values) && values.Count == 1 ? values[0] : null;
        navigation.NavigateTo(LocalUrl.OrHome(asked));
    }
}

using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Renders nothing, and logs that somebody asked for a page without a right to it. It runs twice, while prerendering and in the circuit; the log has
/// it once.
/// </summary>
public sealed class RefusedPage(Refusals refusals, ClientConnection connection, NavigationManager navigation) : ComponentBase
{
    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        var user = (await Authentication).User;
        refusals.Note(
            RefusalKind.PageWithoutRight,
            Guid.TryParse(user.FindFirst(ClaimTypes.NameIdentifier)?.Value, out var person) ? person : null,
            connection.Address,
            navigation.ToAbsoluteUri(navigation.Uri).AbsolutePath);
    }
}

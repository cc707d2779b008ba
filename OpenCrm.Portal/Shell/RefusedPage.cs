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
public sealed class RefusedPage : ComponentBase
{
    [Inject] private Refusals Refusals { get; set; } = null!;

    [Inject] private ClientConnection Connection { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        var user = (await Authentication).User;
        Refusals.Note(
            RefusalKind.PageWithoutRight,
            Guid.TryParse(user.FindFirst(ClaimTypes.NameIdentifier)?.Value, out var person) ? person : null,
            Connection.Address,
            Navigation.ToAbsoluteUri(Navigation.Uri).AbsolutePath);
    }
}
